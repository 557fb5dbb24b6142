{{- /* triton.volumes: the volumes of the pod. Arguments: those of triton.container. */}}
{{- define "triton.volumes" -}}
{{- $Values := .root.Values -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ $Values.scratch.size | quote }}
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
{{- with $Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
