{{- /*
Mode triton: tritonserver. Its flags are in _arguments*.tpl.
triton.derive.triton: what listens, as JSON {listeners, containerPorts, scrape}; triton.derived says what they are.
*/}}
{{- define "triton.derive.triton" -}}
{{- $Values := .Values }}
{{- $listeners := list }}
{{- $ports := dict }}
{{- range $listener := list "http" "grpc" "metrics" }}
{{- $settings := get $Values $listener }}
{{- $_ := set $ports $listener (int $settings.port) }}
{{- if $settings.enabled }}{{ $listeners = append $listeners $listener }}{{ end }}
{{- end }}
{{- dict "listeners" $listeners "containerPorts" $ports "scrape" "metrics" | toJson }}
{{- end }}

{{- /* triton.program.triton: what the image's entrypoint starts, before the flags. */}}
{{- define "triton.program.triton" -}}
- tritonserver
{{- end }}

{{- /*
triton.health.triton: handlers of probes as JSON {started, alive, ready}.
The listeners open after all models are loaded, so alive is started. Ready means the models of loadModels: /v2/health/ready is 200 even
with none loaded. Without HTTP, gRPC health says ready, never alive; and kubelet's gRPC probe can't do TLS: then the port must do.
Arguments: (dict "root" $ "derived" <triton.derived, read> "timeout" <seconds of the readiness probe>)
*/}}
{{- define "triton.health.triton" -}}
{{- $Values := .root.Values }}
{{- $alive := dict "tcpSocket" (dict "port" "grpc") }}
{{- $ready := dict "grpc" (dict "port" (int $Values.grpc.port)) }}
{{- if $Values.http.enabled }}
{{- $alive = dict "httpGet" (dict "path" "/v2/health/live" "port" "http") }}
{{- if gt (len .derived.models) 1 }}
{{- $command := list "curl" "-gfsS" "--fail-early" "--max-time" (toString .timeout) }}
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
{{- dict "started" $alive "alive" $alive "ready" $ready | toJson }}
{{- end }}
