{{- /*
Mode openai: Triton's OpenAI-compatible server, a program in NVIDIA's images that has Triton in its process.
triton.derive.openai: what listens, in the way of triton.derive.triton.
*/}}
{{- define "triton.derive.openai" -}}
{{- $listeners := list "openai" }}
{{- $ports := dict "openai" (int .Values.openai.port) }}
{{- if .Values.openai.kserve }}
{{- $listeners = list "openai" "http" "grpc" }}
{{- $ports = merge $ports (dict "http" (int .Values.http.port) "grpc" (int .Values.grpc.port)) }}
{{- end }}
{{- /* After the last answer it may wait for Triton until its own limit of 30 s, which no flag changes. */}}
{{- dict "listeners" $listeners "main" "openai" "containerPorts" $ports "scrape" "openai" "stop" 30
      "restricted" .Values.openai.restrictedApis | toJson }}
{{- end }}

{{- define "triton.program.openai" -}}
- python3
- /opt/tritonserver/python/openai/openai_frontend/main.py
{{- end }}

{{- /*
triton.health.openai: handlers of probes as JSON {started, alive, ready}. The port opens after the models are loaded, and a model that
cannot be loaded ends the server, so ready means all of them. Liveness asks the port alone: one event loop answers all requests, and
one that is busy is alive.
*/}}
{{- define "triton.health.openai" -}}
{{- $ready := dict "httpGet" (dict "path" "/health/ready" "port" "openai") }}
{{- dict "started" $ready "alive" (dict "tcpSocket" (dict "port" "openai")) "ready" $ready | toJson }}
{{- end }}

{{- /* triton.variables.openai: environment variables as JSON. An image may have its Hugging Face caches where nothing can be written. */}}
{{- define "triton.variables.openai" -}}
{{- dict "HF_HOME" "/tmp/huggingface" | toJson }}
{{- end }}

{{- /* triton.arguments.openai: its flags as a YAML list, in the way of triton.arguments.triton, with its arguments. */}}
{{- define "triton.arguments.openai" -}}
{{- $Values := .root.Values }}
{{- $openai := $Values.openai }}
- {{ printf "--model-repository=%s" (first .paths) | quote }}
{{- if .derived.explicit }}
- --model-control-mode=explicit
{{- range $Values.loadModels }}
- {{ printf "--load-model=%s" . | quote }}
{{- end }}
{{- end }}
{{- if ne (int $openai.port) 9000 }}
- --openai-port={{ int $openai.port }}
{{- end }}
{{- range $flag, $text := dict "tokenizer" $openai.tokenizer "chat-template" $openai.chatTemplate
      "tool-call-parser" $openai.toolCallParser "backend" $openai.backend }}
{{- if $text }}
- {{ printf "--%s=%s" $flag $text | quote }}
{{- end }}
{{- end }}
{{- if ne (int $openai.defaultMaxTokens) 16 }}
- --default-max-tokens={{ int $openai.defaultMaxTokens }}
{{- end }}
{{- with $openai.maxInputSize }}
- --http-max-input-size={{ include "triton.bytes" . }}
{{- end }}
{{- include "triton.restrictionArguments.openai" . }}
{{- if $openai.kserve }}
- --enable-kserve-frontends
{{- if ne (int $Values.http.port) 8000 }}
- --kserve-http-port={{ int $Values.http.port }}
{{- end }}
{{- if ne (int $Values.grpc.port) 8001 }}
- --kserve-grpc-port={{ int $Values.grpc.port }}
{{- end }}
{{- end }}
{{- if $Values.server.log.verbose }}
- --tritonserver-log-verbose-level={{ int $Values.server.log.verbose }}
{{- end }}
{{- range $Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- /* Each restriction is a flag with three arguments: the APIs, the header and the key, which is in the environment. */}}
{{- define "triton.restrictionArguments.openai" }}
{{- $Values := .root.Values }}
{{- if .derived.locked }}
- --openai-restricted-api
- model-repository
- {{ ternary $Values.modelControl.header "lock" (eq $Values.modelControl.api "secret") | quote }}
- $(TRITON_LOCK)
{{- end }}
{{- range $index, $group := .derived.restricted }}
- --openai-restricted-api
- {{ join "," $group.apis | quote }}
- {{ $group.header | quote }}
- {{ printf "$(TRITON_API_KEY_%d)" $index }}
{{- end }}
{{- end }}

{{- /* triton.check.openai: what else this mode cannot do. Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.check.openai" -}}
{{- $Values := .root.Values }}
{{- include "triton.checkTestPath" (dict "root" .root "derived" .derived "paths" (list "completions" "chat/completions" "embeddings")) }}
{{- if and .derived.locked $Values.openai.kserve }}
{{- fail (printf "TF181 openai.kserve: %s: set openai.kserve to false, or modelControl.api to open, or leave loadModels out"
      "KServe's endpoints do not know the lock of the control API, and would load models for everyone") }}
{{- end }}
{{- if and .derived.locked (not $Values.openai.closeModelList) }}
{{- fail (printf "TF181 openai.closeModelList: %s: set it to true, or modelControl.api to open, or leave loadModels out"
      "the lock of the control API closes the list of models to clients, too, GET /v1/models") }}
{{- end }}
{{- end }}

{{- /* triton.paths.openai: in the way of triton.paths.triton. A list of models that asks for a key says nothing of them. */}}
{{- define "triton.paths.openai" -}}
{{- $closed := .derived.locked }}
{{- range .derived.restricted }}{{ if has "model-repository" .apis }}{{ $closed = true }}{{ end }}{{ end }}
{{- $ready := list "/health/ready" }}
{{- if not $closed }}
{{- range .derived.models }}{{ $ready = append $ready (printf "/v1/models/%s" .) }}{{ end }}
{{- end }}
{{- dict "ready" $ready "inference" (printf "/v1/%s" (.root.Values.test.inference.path | default "completions"))
      "description" (ternary "/health/ready" "/v1/models" $closed) | toJson }}
{{- end }}
