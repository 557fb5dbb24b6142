{{- /* triton.fullname: the name of every object; a Service's name, so a DNS label that begins with a letter. */}}
{{- define "triton.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name }}
{{- end }}

{{- /* triton.selectorLabels: what selects the server's pods, and only them. */}}
{{- define "triton.selectorLabels" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: server
{{- end }}

{{- /*
triton.metadata: of every object, never of a pod, which the chart's version in it would roll.
Arguments: (dict "root" $), and where they are: "suffix" of the name, "labels", "annotations".
*/}}
{{- define "triton.metadata" -}}
{{- $Values := .root.Values -}}
name: {{ printf "%s%s" (include "triton.fullname" .root) (default "" .suffix) }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  app.kubernetes.io/name: {{ $Values.nameOverride | default .root.Chart.Name | quote }}
  app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | quote }}
  {{- with $Values.owner.team }}
  owner: {{ . | quote }}
  {{- end }}
  {{- with merge (dict) (default dict .labels) $Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (default dict .annotations) $Values.commonAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* triton.image: the server's image; the digest beats the tag. */}}
{{- define "triton.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end }}

{{- /* triton.number: bytes of a quantity (256Mi), milliseconds of a duration (10s). Argument: the value, text or number. */}}
{{- define "triton.number" -}}
{{- if kindIs "string" . }}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000
      "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "ms" 1 "s" 1000 "m" 60000 "h" 3600000 }}
{{- mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[A-Za-z]*$" .)) }}
{{- else }}
{{- int64 . }}
{{- end }}
{{- end }}

{{- /* triton.derived: what several objects must agree on, as JSON, which is read ten times as fast as YAML: times in seconds (connectionAge in milliseconds, 0 = never), and decisions. */}}
{{- define "triton.derived" -}}
{{- $drain := div (include "triton.number" .Values.shutdown.drain) 1000 }}
{{- $requestTimeout := div (include "triton.number" .Values.shutdown.requestTimeout) 1000 }}
{{- $startup := div (include "triton.number" .Values.startup.timeout) 1000 }}
{{- $pull := div (include "triton.number" .Values.startup.pull) 1000 }}
{{- $grace := int .Values.terminationGracePeriodSeconds | default (add $drain $requestTimeout 15) }}
{{- $ownClaim := and .Values.repository.pvc (kindIs "map" (default dict .Values.repository.pvc).create) }}
{{- $singleNode := false }}
{{- if $ownClaim }}
{{- $modes := .Values.repository.pvc.create.accessModes | default (list "ReadWriteOnce") }}
{{- $singleNode = not (or (has "ReadWriteMany" $modes) (has "ReadOnlyMany" $modes)) }}
{{- end }}
{{- $replace := or (eq .Values.rollout "replace") (and (eq .Values.rollout "auto") $singleNode) }}
{{- /* A tag that does not say the server's release counts as the newest. */}}
{{- $version := .Values.image.tritonVersion | default (regexFind "^[0-9]{2}\\.(0[1-9]|1[0-2])" .Values.image.tag) | default "99.12" }}
{{- $explicit := or (eq .Values.modelControl.mode "explicit") (and (eq .Values.modelControl.mode "auto") (not (empty .Values.loadModels))) }}
{{- /* A Python model's stub takes 1 MiB of /dev/shm per instance at its start and grows; 64Mi + 16Mi each has held. */}}
{{- $shared := include "triton.number" .Values.sharedMemory.size | int64 }}
{{- $needed := mul 1048576 (add 64 (mul 16 (int .Values.sharedMemory.pythonInstances))) }}
{{- $raise := and .Values.sharedMemory.pythonInstances (lt $shared $needed) | empty | not }}
{{- /* Clients are asked away before SIGTERM: 5 s before the end of the drain, half-way when the drain is short. */}}
{{- $connectionAge := max (mul 1000 (sub $drain 5)) (mul 500 $drain) }}
{{- with .Values.grpc.maxConnectionAge }}{{ $connectionAge = include "triton.number" . | int64 }}{{ end }}
{{- dict "version" $version "drain" $drain "requestTimeout" $requestTimeout "startup" $startup "grace" $grace
      "progressDeadline" (add $pull $startup 60 (ternary $grace 0 $replace)) "connectionAge" $connectionAge
      "singleNode" $singleNode "replace" $replace "explicit" $explicit
      "sharedMemoryBytes" (ternary $needed $shared $raise)
      "sharedMemory" (ternary $needed (kindIs "string" .Values.sharedMemory.size | ternary .Values.sharedMemory.size $shared) $raise | toString) | toJson }}
{{- end }}

{{- /* triton.series: label matchers of this release's pods in Prometheus. A ReplicaSet's and a pod's suffix hold no dash, so `a` never matches pods of `a-b`. */}}
{{- define "triton.series" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "triton.fullname" . }}-[a-z0-9]+-[a-z0-9]{5}"
{{- end }}
