{{- /* triton.testLabels: of the test and its pod. */}}
{{- define "triton.testLabels" -}}
{{- include "triton.instanceLabels" . }}
app.kubernetes.io/component: test
{{- end }}

{{- /*
triton.testPod: the spec of its pod. curl asks for what needs no comparison; what is compared, python3 asks after it.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.testPod" -}}
{{- $Values := .root.Values }}
{{- $key := include "triton.inferenceKey" .derived | fromJson }}
{{- $compares := hasKey $Values.test.inference "expect" }}
{{- $address := printf "http://%s:%d" (include "triton.fullname" .root) (get .derived.ports .derived.main | int) }}
{{- $arguments := merge (dict "address" $address "settings" dict) . }}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml $Values.podSecurityContext | nindent 2 }}
{{- with $Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $compares }}
initContainers:
  {{- include "triton.testContainer" (dict "root" .root "name" "curl" "command" (include "triton.curl" $arguments)) | nindent 2 }}
containers:
  {{- $command := include "triton.ask" $arguments }}
  {{- include "triton.testContainer" (dict "root" .root "name" "inference" "key" $key "command" $command) | nindent 2 }}
{{- else }}
containers:
  {{- $command := include "triton.curl" $arguments }}
  {{- include "triton.testContainer" (dict "root" .root "name" "curl" "key" $key "command" $command) | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Arguments: (dict "root" $ "name" "command" <as a JSON list> "key" <triton.inferenceKey, read, where it asks for an inference>) */}}
{{- define "triton.testContainer" -}}
{{- $Values := .root.Values }}
{{- $image := $Values.test.image | default (include "triton.image" .root) -}}
- name: {{ .name }}
  image: {{ include "triton.mirrored" (dict "root" .root "image" $image) | quote }}
  command: {{- fromJsonArray .command | toYaml | nindent 4 }}
  {{- with .key }}
  env:
    - name: {{ .variable }}
      valueFrom:
        secretKeyRef: {{- toYaml .secret | nindent 10 }}
  {{- end }}
  resources:
    requests: {cpu: 10m, memory: 32Mi, ephemeral-storage: 16Mi}
    limits: {memory: 128Mi, ephemeral-storage: 64Mi}
  securityContext: {{- toYaml $Values.securityContext | nindent 4 }}
{{- end }}

{{- /* triton.curl: its command, as a JSON list. Arguments: those of triton.ask */}}
{{- define "triton.curl" -}}
{{- $inference := .root.Values.test.inference }}
{{- $paths := include (printf "triton.paths.%s" .derived.mode) . | fromJson }}
{{- $address := .address }}
{{- $command := list "curl" "-gfsS" "--retry-connrefused" "--retry" "10" "--max-time" "10" }}
{{- range $paths.ready }}
{{- $command = append $command (printf "%s%s" $address .) }}
{{- end }}
{{- if and $inference (not $inference.expect) }}
{{- $limit := toString .derived.testTimeout }}
{{- $command = concat $command (list "--next" "-gfsS" "--max-time" $limit "--header" "Content-Type: application/json") }}
{{- with include "triton.inferenceKey" .derived | fromJson }}
{{- $command = concat $command (list "--header" (printf "%s: $(%s)" .header .variable)) }}
{{- end }}
{{- $url := printf "%s%s" $address $paths.inference }}
{{- $command = concat $command (list "--data-raw" (include "triton.literal" $inference.body) $url) }}
{{- end }}
{{- toJson $command }}
{{- end }}
