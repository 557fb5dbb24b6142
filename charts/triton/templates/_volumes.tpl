{{- /* triton.volumes: the volumes of the pod. Arguments: those of triton.container. */}}
{{- define "triton.volumes" -}}
{{- $Values := .root.Values -}}
- name: tmp
  {{- if $Values.scratch.volume }}
  {{- toYaml $Values.scratch.volume | nindent 2 }}
  {{- else }}
  emptyDir:
    {{- with $Values.scratch.medium }}
    medium: {{ . }}
    {{- end }}
    sizeLimit: {{ $Values.scratch.size | quote }}
  {{- end }}
- name: shm
  emptyDir:
    medium: Memory
    sizeLimit: {{ .derived.sharedMemory | quote }}
{{- with .repository.volumes }}
{{ toYaml . }}
{{- end }}
{{- if $Values.grpc.tls.enabled }}
- name: tls
  secret:
    secretName: {{ $Values.grpc.tls.secretName | quote }}
{{- end }}
{{- with include "triton.dynamoVolume" .root | trim }}
{{ . }}
{{- end }}
{{- $name := include "triton.fullname" .root }}
{{- range $Values.caches }}
- name: cache-{{ .name }}
  {{- if or .claim (hasKey . "create") }}
  persistentVolumeClaim:
    claimName: {{ .claim | default (printf "%s-cache-%s" $name .name) | quote }}
  {{- else }}
  emptyDir:
    {{- with .medium }}
    medium: {{ . }}
    {{- end }}
    sizeLimit: {{ .size | quote }}
  {{- end }}
{{- end }}
{{- with $Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
