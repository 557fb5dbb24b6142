{{- /*
Mode triton: tritonserver. Its flags are in the files _arguments. Every mode has the same helpers, which end in its name: derive,
program, arguments, health, variables, check and paths; and beside files/flags.json a table of what its server takes.
triton.derive.triton: what listens, as JSON; triton.derived says what that is. `stop` is how long the server may take to end
after its last answer, where `shutdown.requestTimeout` does not bound it.
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
{{- dict "listeners" $listeners "main" "http" "containerPorts" $ports "scrape" "metrics" "stop" 0
      "restricted" .Values.server.restrictedApis | toJson }}
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

{{- /* triton.variables.triton: environment variables as JSON: none but those of every mode. */}}
{{- define "triton.variables.triton" -}}
{}
{{- end }}

{{- /* triton.check.triton: what this mode cannot do, besides its flags. Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.check.triton" -}}
{{- include "triton.checkTestPath" (dict "root" .root "derived" .derived "paths" (list "infer" "generate" "generate_stream")) }}
{{- end }}

{{- /* triton.checkTestPath. Arguments: (dict "root" $ "derived" <triton.derived, read> "paths" <those that the mode answers>) */}}
{{- define "triton.checkTestPath" -}}
{{- with .root.Values.test.inference.path }}
{{- if not (has . $.paths) }}
{{- fail (printf "TF180 test.inference.path: server.mode %s does not answer %s: choose %s" $.derived.mode . (join ", " $.paths)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
triton.paths.triton: paths of the main listener as JSON {ready: [of each model, or of the server], inference: of the test's, description}.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.paths.triton" -}}
{{- $ready := list }}
{{- range .derived.models }}{{ $ready = append $ready (printf "/v2/models/%s/ready" .) }}{{ end }}
{{- $test := .root.Values.test.inference }}
{{- dict "ready" ($ready | default (list "/v2/health/ready"))
      "inference" (printf "/v2/models/%s/%s" (toString $test.model) ($test.path | default "infer"))
      "description" (printf "/v2/models/%s" (first .derived.models | default "<model>")) | toJson }}
{{- end }}
