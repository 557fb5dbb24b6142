{{- /*
triton.pod: the pod template {metadata, spec}. The chart's version must never get in here: it would roll every model.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.pod" -}}
{{- $derived := .derived }}
{{- with .root }}
{{- $repository := include "triton.repository" . | replace "{modelVersion}" .Values.modelVersion | fromJson }}
{{- $arguments := "" }}
{{- if $derived.flags }}
{{- $arguments = include (printf "triton.arguments.%s" $derived.mode) (dict "root" . "derived" $derived "paths" $repository.paths) }}
{{- include "triton.checkFlags" (dict "root" . "derived" $derived "arguments" $arguments) }}
{{- end }}
{{- /* Local disk is what the volumes take; 1Gi more before the pod is evicted is for logs. A derived number follows one that is said. */}}
{{- $disk := int64 $derived.disk }}
{{- $diskLimit := add $disk 1073741824 }}
{{- with get .Values.resources.limits "ephemeral-storage" }}{{ $disk = include "triton.bytes" . | int64 | min $disk }}{{ end }}
{{- with get .Values.resources.requests "ephemeral-storage" }}{{ $diskLimit = include "triton.bytes" . | int64 | max $diskLimit }}{{ end }}
{{- $requests := merge (dict) .Values.resources.requests (dict "ephemeral-storage" $disk) }}
{{- $limits := merge (dict) .Values.resources.limits }}
{{- if $derived.diskLimited }}{{ $limits = merge $limits (dict "ephemeral-storage" $diskLimit) }}{{ end }}
{{- $parts := dict "root" . "derived" $derived "repository" $repository "arguments" $arguments "requests" $requests "limits" $limits }}
metadata:
  {{- include "triton.podMetadata" . | nindent 2 }}
spec:
  serviceAccountName: {{ include "triton.account" . | quote }}
  automountServiceAccountToken: {{ or .Values.serviceAccount.automount $derived.asksKubernetes }}
  enableServiceLinks: {{ .Values.enableServiceLinks }}
  {{- /* SIGTERM while models load is lost on PID 1; with a shared namespace the server is not. */}}
  shareProcessNamespace: true
  terminationGracePeriodSeconds: {{ int64 $derived.grace }}
  securityContext: {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $weights := include "triton.weights" . | fromJson }}
  {{- if or .Values.initContainers .Values.fetch.enabled $weights.copies }}
  initContainers:
    {{- with .Values.initContainers }}
    {{- include "triton.peoplesContainers" (dict "containers" . "securityContext" $.root.Values.securityContext) | nindent 4 }}
    {{- end }}
    {{- if .Values.fetch.enabled }}
    {{- include "triton.fetch" $parts | nindent 4 }}
    {{- end }}
    {{- if $weights.copies }}
    {{- $resources := dict "requests" $requests "limits" $limits }}
    {{- $template := ternary "triton.weightsWait" "triton.weightsContainer" $weights.job }}
    {{- include $template (dict "root" . "weights" $weights "resources" $resources) | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    {{- include "triton.container" $parts | nindent 4 }}
    {{- with .Values.sidecars }}
    {{- include "triton.peoplesContainers" (dict "containers" . "securityContext" $.root.Values.securityContext) | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "triton.volumes" $parts | nindent 4 }}
  {{- include "triton.scheduling" . | trim | nindent 2 }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "triton.podMetadata" -}}
labels:
  {{- include "triton.selectorLabels" . | nindent 2 }}
  {{- if eq .Values.server.mode "dynamo" }}
  {{- include "triton.dynamoLabels" . | nindent 2 }}
  {{- end }}
  {{- if eq (default "" (default dict .Values.repository.azure).identity) "workload" }}
  azure.workload.identity/use: "true"
  {{- end }}
  {{- with merge (dict) .Values.podLabels .Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := merge (dict) .Values.podAnnotations .Values.commonAnnotations }}
{{- with .Values.modelVersion }}{{ $_ := set $annotations "tritonfleet/model-version" . }}{{ end }}
{{- with include "triton.inlineModels" . | fromJson }}{{ $_ := set $annotations "checksum/models" (toJson . | sha256sum) }}{{ end }}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
