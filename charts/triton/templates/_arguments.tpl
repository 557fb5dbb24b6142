{{- /*
triton.arguments.triton: tritonserver's flags as a YAML list.
A flag is written only when it differs from the server's default or follows from other values.
Text that people wrote may hold $(, which Kubernetes would expand: it is doubled.
Arguments, also of the parts below: (dict "root" $ "derived" <triton.derived, read> "paths" <the model repositories>)
*/}}
{{- define "triton.arguments.triton" -}}
{{- include "triton.repositoryArguments" . }}
{{- include "triton.restrictionArguments" . }}
{{- include "triton.httpArguments" . }}
{{- include "triton.grpcArguments" . }}
{{- include "triton.metricsArguments" . }}
{{- include "triton.loadArguments" . }}
{{- include "triton.logArguments" . }}
{{- include "triton.traceArguments" . }}
{{- include "triton.memoryArguments" . }}
{{- include "triton.backendArguments" . }}
{{- range .root.Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- define "triton.repositoryArguments" }}
{{- $Values := .root.Values }}
{{- range .paths }}
- {{ printf "--model-repository=%s" . | quote }}
{{- end }}
{{- if .derived.explicit }}
- --model-control-mode=explicit
{{- range $Values.loadModels }}
- {{ printf "--load-model=%s" . | quote }}
{{- end }}
{{- else if eq $Values.modelControl.mode "poll" }}
- --model-control-mode=poll
- --repository-poll-secs={{ include "triton.seconds" $Values.modelControl.pollInterval }}
{{- end }}
- --exit-timeout-secs={{ int64 .derived.requestTimeout }}
{{- end }}

{{- /* triton.restrictionArguments: which APIs ask for which key. The keys are in the environment, where Kubernetes expands them. */}}
{{- define "triton.restrictionArguments" }}
{{- $Values := .root.Values }}
{{- $restrictions := list }}
{{- if .derived.locked }}
{{- $header := ternary $Values.modelControl.header "lock" (eq $Values.modelControl.api "secret") }}
{{- $restrictions = append $restrictions (printf "model-repository,trace,logging:%s=$(TRITON_LOCK)" $header) }}
{{- end }}
{{- range $index, $group := $Values.server.restrictedApis }}
{{- $restrictions = append $restrictions (printf "%s:%s=$(TRITON_API_KEY_%d)" (join "," $group.apis) $group.header $index) }}
{{- end }}
{{- range $restrictions }}
{{- if $Values.http.enabled }}
- {{ printf "--http-restricted-api=%s" . | quote }}
{{- end }}
{{- if $Values.grpc.enabled }}
- {{ printf "--grpc-restricted-protocol=%s" . | quote }}
{{- end }}
{{- end }}
{{- end }}
