{{- /*
triton.probes: startupProbe, livenessProbe and readinessProbe of the server.
Its listeners open after all models are loaded, so alive is started. Ready means the models of loadModels: /v2/health/ready is 200
even with none loaded. Without HTTP, gRPC health says ready, never alive; and kubelet's gRPC probe can't do TLS: then the port must do.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.probes" -}}
{{- $Values := .root.Values }}
{{- $alive := dict "tcpSocket" (dict "port" "grpc") }}
{{- $ready := dict "grpc" (dict "port" (int $Values.grpc.port)) }}
{{- $timeout := int ($Values.readinessProbe.timeoutSeconds | default 5) }}
{{- if $Values.http.enabled }}
{{- $alive = dict "httpGet" (dict "path" "/v2/health/live" "port" "http") }}
{{- if gt (len .derived.models) 1 }}
{{- $command := list "curl" "-gfsS" "--fail-early" "--max-time" (toString $timeout) }}
{{- range .derived.models }}
{{- $command = append $command (printf "http://127.0.0.1:%d/v2/models/%s/ready" (int $Values.http.port) .) }}
{{- end }}
{{- $ready = dict "exec" (dict "command" $command) }}
{{- else if .derived.models }}
{{- $ready = dict "httpGet" (dict "path" (printf "/v2/models/%s/ready" (first .derived.models)) "port" "http") }}
{{- else }}
{{- $ready = dict "httpGet" (dict "path" "/v2/health/ready" "port" "http") }}
{{- end }}
{{- else if $Values.grpc.tls.enabled }}
{{- $ready = $alive }}
{{- end }}
{{- $tries := div (add .derived.startup 1) 2 }}
{{- $startup := dict "periodSeconds" 2 "timeoutSeconds" 5 "failureThreshold" $tries }}
{{- $liveness := dict "periodSeconds" 10 "timeoutSeconds" 10 "failureThreshold" 6 }}
{{- $readiness := dict "periodSeconds" 5 "timeoutSeconds" $timeout "failureThreshold" 3 }}
{{- $probes := dict }}
{{- range list
      (list "startupProbe" $Values.startupProbe $alive $startup)
      (list "livenessProbe" $Values.livenessProbe $alive $liveness)
      (list "readinessProbe" $Values.readinessProbe $ready $readiness) }}
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
