{{- /*
triton.probes: startupProbe, livenessProbe and readinessProbe of the server.
How each is asked is the mode's; a start that waits for an inference asks for it, whatever else the mode would ask.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.probes" -}}
{{- $Values := .root.Values }}
{{- $timeout := int ($Values.readinessProbe.timeoutSeconds | default 5) }}
{{- $asked := include (printf "triton.health.%s" .derived.mode) (dict "root" .root "derived" .derived "timeout" $timeout) | fromJson }}
{{- $tries := div (add .derived.startup 1) 2 }}
{{- $startup := dict "periodSeconds" 2 "timeoutSeconds" 5 "failureThreshold" $tries }}
{{- $started := $asked.started }}
{{- if $Values.startup.inference }}
{{- $local := printf "http://127.0.0.1:%d" (get .derived.containerPorts .derived.main | int) }}
{{- $arguments := dict "root" .root "derived" .derived "address" $local "settings" (dict "marker" "/tmp/.inference-answered") }}
{{- $started = dict "exec" (dict "command" (include "triton.ask" $arguments | fromJsonArray)) }}
{{- /* The request itself ends first and says why; the margin is for Python's own start. */}}
{{- $_ := set $startup "timeoutSeconds" (add 5 .derived.testTimeout) }}
{{- end }}
{{- $liveness := dict "periodSeconds" 10 "timeoutSeconds" 10 "failureThreshold" 6 }}
{{- $readiness := dict "periodSeconds" 5 "timeoutSeconds" $timeout "failureThreshold" 3 }}
{{- $probes := dict }}
{{- range list
      (list "startupProbe" $Values.startupProbe $started $startup)
      (list "livenessProbe" $Values.livenessProbe $asked.alive $liveness)
      (list "readinessProbe" $Values.readinessProbe $asked.ready $readiness) }}
{{- $probe := index . 1 }}
{{- if ne $probe.enabled false }}
{{- $probe = omit $probe "enabled" }}
{{- if not (or $probe.httpGet $probe.exec $probe.tcpSocket $probe.grpc) }}
{{- $probe = merge (dict) $probe (index . 2) (index . 3) }}
{{- end }}
{{- $_ := set $probes (first .) $probe }}
{{- end }}
{{- end }}
{{- /* Two at once: of all that a template does, toYaml takes the longest. */}}
{{- with $probes.startupProbe }}
startupProbe: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with omit $probes "startupProbe" }}
{{ toYaml . }}
{{- end }}
{{- end }}
