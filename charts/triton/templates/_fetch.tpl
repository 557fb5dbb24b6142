{{- /* triton.fetch: the init container that fills the volume of the models. Arguments: those of triton.container. */}}
{{- define "triton.fetch" -}}
{{- $fetch := .root.Values.fetch -}}
- name: fetch
  image: {{ $fetch.image | quote }}
  {{- with $fetch.command }}
  command: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $fetch.args }}
  args: {{- toYaml . | nindent 4 }}
  {{- end }}
  env: {{- include "triton.env" (merge (dict) $fetch.env (dict "HOME" "/tmp" "MODELS" .repository.path)) | trim | nindent 4 }}
  {{- with $fetch.envFrom }}
  envFrom: {{- toYaml . | nindent 4 }}
  {{- end }}
  resources: {{- dict "requests" .requests "limits" .limits | toYaml | nindent 4 }}
  securityContext: {{- toYaml .root.Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    {{- toYaml .repository.fetchMounts | nindent 4 }}
{{- end }}
