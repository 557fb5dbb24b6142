{{- /* triton.fullname: the name of every object; a Service's name, so a DNS label that begins with a letter. */}}
{{- define "triton.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name }}
{{- end }}

{{- /* triton.instanceLabels: of everything that belongs to the release; a pod adds its component. */}}
{{- define "triton.instanceLabels" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- /* triton.selectorLabels: what selects the server's pods, and only them. */}}
{{- define "triton.selectorLabels" -}}
{{ include "triton.instanceLabels" . }}
app.kubernetes.io/component: server
{{- end }}

{{- /* triton.account: the ServiceAccount of the pods. */}}
{{- define "triton.account" -}}
{{- .Values.serviceAccount.name | default (ternary (include "triton.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- /*
triton.metadata: of every object, never of a pod, which the chart's version in it would roll.
Arguments: (dict "root" $), and where they are: "name" or "suffix" of the name, "labels", "annotations".
Names are quoted everywhere: a release may be called `no`, which YAML reads as false.
*/}}
{{- define "triton.metadata" -}}
{{- $Values := .root.Values -}}
name: {{ .name | default (printf "%s%s" (include "triton.fullname" .root) (default "" .suffix)) | quote }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "triton.instanceLabels" .root | nindent 2 }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | quote }}
  {{- with $Values.owner.team }}
  owner: {{ . | quote }}
  {{- end }}
  {{- if or .labels $Values.commonLabels }}
  {{- merge (dict) (default dict .labels) $Values.commonLabels | toYaml | nindent 2 }}
  {{- end }}
{{- if or .annotations $Values.commonAnnotations }}
annotations: {{- merge (dict) (default dict .annotations) $Values.commonAnnotations | toYaml | nindent 2 }}
{{- end }}
{{- end }}

{{- /*
triton.imageParts: the server's image as JSON {registry, repository, tag, digest, pullPolicy, tritonVersion}.
One text becomes its parts; where it does not say a part, values.yaml's default is repeated here, which the text has replaced.
*/}}
{{- define "triton.imageParts" -}}
{{- $image := .Values.image }}
{{- if kindIs "string" $image }}
{{- $digest := regexFind "sha256:[a-f0-9]+$" $image }}
{{- $name := trimSuffix (printf "@%s" $digest) $image }}
{{- $tag := regexFind ":[A-Za-z0-9_.-]+$" $name }}
{{- $name = trimSuffix $tag $name }}
{{- /* As everywhere, the first part is a registry when it could not be part of a name. */}}
{{- $registry := regexFind "^(localhost|[^/]*[.:][^/]*)/" $name }}
{{- $image = dict "registry" ($registry | trimSuffix "/" | default "nvcr.io") "repository" (trimPrefix $registry $name)
      "tag" (trimPrefix ":" $tag) "digest" $digest "pullPolicy" "IfNotPresent" "tritonVersion" "" }}
{{- else if contains "@" $image.tag }}
{{- $parts := splitn "@" 2 $image.tag }}
{{- $image = merge (dict "tag" $parts._0 "digest" $parts._1) $image }}
{{- end }}
{{- $image | toJson }}
{{- end }}

{{- /* triton.image: the server's image; the digest beats the tag. */}}
{{- define "triton.image" -}}
{{- with (include "triton.derived" . | fromJson).image }}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end }}
{{- end }}

{{- /*
triton.mirrored: an image's name in the registry of global.imageRegistry, if there is one. As everywhere, the first part of a name is
its registry when it could not be part of a name. Arguments: (dict "root" $ "image" <text>)
*/}}
{{- define "triton.mirrored" -}}
{{- $name := .image }}
{{- with (default dict .root.Values.global).imageRegistry }}
{{- $name = printf "%s/%s" . (regexReplaceAll "^(localhost|[^/@]*[.:][^/@]*)/" $name "") }}
{{- end }}
{{- $name }}
{{- end }}

{{- /* triton.mirroredPod: a pod template with all of its images so named, as YAML. Arguments: (dict "root" $ "pod" <its data>) */}}
{{- define "triton.mirroredPod" -}}
{{- $root := .root }}
{{- range pick .pod.spec "initContainers" "containers" }}
{{- range . }}
{{- if .image }}{{ $_ := set . "image" (include "triton.mirrored" (dict "root" $root "image" .image)) }}{{ end }}
{{- end }}
{{- end }}
{{- range .pod.spec.volumes }}
{{- with .image }}{{ $_ := set . "reference" (include "triton.mirrored" (dict "root" $root "image" .reference)) }}{{ end }}
{{- end }}
{{- toYaml .pod }}
{{- end }}

{{- /* triton.env: environment variables of a container. Argument: text or {valueFrom: …} by name. */}}
{{- define "triton.env" -}}
{{- range $name, $value := . }}
- name: {{ $name | quote }}
  {{- if kindIs "string" $value }}
  value: {{ $value | quote }}
  {{- else }}
  {{- toYaml $value | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- /*
triton.series: label matchers of this release's pods in Prometheus.
The suffixes of a ReplicaSet and of a pod hold no dash, so `a` never matches the pods of `a-b`.
*/}}
{{- define "triton.series" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "triton.fullname" . }}-[a-z0-9]+-[a-z0-9]{5}"
{{- end }}

{{- /*
triton.parentRefs, triton.backendRefs: of a route, with what Gateway API fills in where it is left out. Argo CD would take the
API server's words for a change by somebody else and sync for ever (https://github.com/argoproj/argo-cd/issues/22151).
*/}}
{{- define "triton.parentRefs" -}}
{{- range . }}
{{- $filled := dict "group" "gateway.networking.k8s.io" "kind" "Gateway" }}
{{- range $key, $value := . }}{{ $_ := set $filled $key $value }}{{ end }}
{{ list $filled | toYaml }}
{{- end }}
{{- end }}

{{- /* Arguments: (dict "root" $ "port" <of the Service>) */}}
{{- define "triton.backendRefs" -}}
- group: ""
  kind: Service
  name: {{ include "triton.fullname" .root | quote }}
  port: {{ .port }}
  weight: 1
{{- end }}
