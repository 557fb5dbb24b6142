{{- /* triton.pod: the pod template {metadata, spec}. The chart's version must never get in here: it would roll every model. Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.pod" -}}
{{- $derived := .derived }}
{{- with .root }}
{{- $name := include "triton.fullname" . }}
{{- $repository := include "triton.repository" . | fromJson }}
{{- $arguments := include "triton.arguments" (dict "root" . "derived" $derived "path" $repository.path) }}
{{- include "triton.checkFlags" (dict "root" . "derived" $derived "arguments" $arguments) }}
{{- $env := $repository.env }}
{{- /* Caches of Python, Hugging Face, vLLM and torch follow HOME; torch also asks for the user's name, which an arbitrary UID does not have. */}}
{{- $_ := set $env "HOME" "/tmp" }}
{{- $_ := set $env "USER" "triton-server" }}
{{- if not $derived.nvidia }}
{{- $_ := set $env "TRITON_SERVER_CPU_ONLY" "1" }}
{{- $_ := set $env "NVIDIA_VISIBLE_DEVICES" "void" }}
{{- end }}
{{- if $derived.locked }}
{{- /* Unless a Secret has it, the key is one that nobody outside the pod has. */}}
{{- $key := dict "fieldRef" (dict "fieldPath" "metadata.uid") }}
{{- if eq .Values.modelControl.api "secret" }}
{{- $key = dict "secretKeyRef" (dict "name" .Values.modelControl.secretName "key" .Values.modelControl.key) }}
{{- end }}
{{- $_ := set $env "TRITON_LOCK" (dict "valueFrom" $key) }}
{{- end }}
{{- range $index, $group := .Values.server.restrictedApis }}
{{- $_ := set $env (printf "TRITON_API_KEY_%d" $index) (dict "valueFrom" (dict "secretKeyRef" (dict "name" $group.secretName "key" $group.key))) }}
{{- end }}
{{- with (default dict .Values.server.cache.redis).secretName }}
{{- $_ := set $env "TRITONCACHE_REDIS_USERNAME" (dict "valueFrom" (dict "secretKeyRef" (dict "name" . "key" "username" "optional" true))) }}
{{- $_ := set $env "TRITONCACHE_REDIS_PASSWORD" (dict "valueFrom" (dict "secretKeyRef" (dict "name" . "key" "password"))) }}
{{- end }}
{{- range $variable, $value := .Values.env }}{{ $_ := set $env $variable $value }}{{ end }}
{{- /* Local disk is what the chart's own volumes take; 1Gi more before the pod is evicted is for logs. */}}
{{- $disk := add (include "triton.number" .Values.scratch.size) (include "triton.number" ((default dict .Values.repository.emptyDir).size | default 0)) }}
{{- $requests := merge (dict) .Values.resources.requests (dict "ephemeral-storage" $disk) }}
{{- $limits := merge (dict) .Values.resources.limits (dict "ephemeral-storage" (add $disk 1073741824)) }}
metadata:
  labels:
    {{- include "triton.selectorLabels" . | nindent 4 }}
    {{- if eq (default "" (default dict .Values.repository.azure).identity) "workload" }}
    azure.workload.identity/use: "true"
    {{- end }}
    {{- with merge (dict) .Values.podLabels .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- $annotations := merge (dict) .Values.podAnnotations .Values.commonAnnotations }}
  {{- with .Values.modelVersion }}{{ $_ := set $annotations "tritonfleet/model-version" . }}{{ end }}
  {{- with .Values.repository.configMap }}{{ $_ := set $annotations "checksum/models" (.models | toJson | sha256sum) }}{{ end }}
  {{- with $annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ .Values.serviceAccount.name | default (ternary $name "default" .Values.serviceAccount.create) | quote }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
  enableServiceLinks: {{ .Values.enableServiceLinks }}
  {{- /* SIGTERM while models load is lost on PID 1; with a shared namespace the server is not. */}}
  shareProcessNamespace: true
  terminationGracePeriodSeconds: {{ $derived.grace }}
  securityContext: {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or .Values.initContainers .Values.fetch.enabled }}
  initContainers:
    {{- with .Values.initContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if .Values.fetch.enabled }}
    - name: fetch
      image: {{ .Values.fetch.image | quote }}
      {{- with .Values.fetch.args }}
      args: {{- toYaml . | nindent 8 }}
      {{- end }}
      env: {{- include "triton.env" (merge (dict) .Values.fetch.env (dict "HOME" "/tmp" "MODELS" "/models")) | trim | nindent 8 }}
      {{- with .Values.fetch.envFrom }}
      envFrom: {{- toYaml . | nindent 8 }}
      {{- end }}
      resources: {{- dict "requests" $requests "limits" $limits | toYaml | nindent 8 }}
      securityContext: {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- toYaml $repository.fetchMounts | nindent 8 }}
    {{- end }}
  {{- end }}
  containers:
    - name: triton
      image: {{ include "triton.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- /* Why a server could not start stands at the end of its log: so it stands in the pod's status too. */}}
      terminationMessagePolicy: FallbackToLogsOnError
      {{- with .Values.server.command }}
      command: {{- toYaml . | nindent 8 }}
      {{- end }}
      args:
        {{- if not .Values.server.command }}
        - tritonserver
        {{- end }}
        {{- $arguments | trim | nindent 8 }}
      env: {{- include "triton.env" $env | trim | nindent 8 }}
      {{- with .Values.envFrom }}
      envFrom: {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        {{- if .Values.http.enabled }}
        - name: http
          containerPort: {{ int .Values.http.port }}
        {{- end }}
        {{- if .Values.grpc.enabled }}
        - name: grpc
          containerPort: {{ int .Values.grpc.port }}
        {{- end }}
        {{- if .Values.metrics.enabled }}
        - name: metrics
          containerPort: {{ int .Values.metrics.port }}
        {{- end }}
      {{- include "triton.probes" (dict "root" . "derived" $derived) | trim | nindent 6 }}
      {{- if .Values.lifecycle }}
      lifecycle: {{- toYaml .Values.lifecycle | nindent 8 }}
      {{- else if $derived.drain }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ $derived.drain }}
      {{- end }}
      resources:
        requests: {{- toYaml $requests | nindent 10 }}
        limits:
          {{- toYaml $limits | nindent 10 }}
          {{- if .Values.accelerator.count }}
          {{ .Values.accelerator.resource }}: {{ int .Values.accelerator.count }}
          {{- end }}
        {{- with .Values.accelerator.claims }}
        claims:
          {{- range . }}
          - {{ pick . "name" "request" | toJson }}
          {{- end }}
        {{- end }}
      securityContext: {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: shm
          mountPath: /dev/shm
        {{- with $repository.mounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- if .Values.grpc.tls.enabled }}
        - name: tls
          mountPath: /etc/triton/tls
          readOnly: true
        {{- end }}
        {{- with .Values.volumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.sidecars }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: {{ .Values.scratch.size | quote }}
    - name: shm
      emptyDir:
        medium: Memory
        sizeLimit: {{ $derived.sharedMemory | quote }}
    {{- with $repository.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if .Values.grpc.tls.enabled }}
    - name: tls
      secret:
        secretName: {{ .Values.grpc.tls.secretName | quote }}
    {{- end }}
    {{- with .Values.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.accelerator.claims }}
  resourceClaims:
    {{- range . }}
    - {{ omit . "request" | toJson }}
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  affinity:
    {{- if .Values.affinity }}
    {{- toYaml .Values.affinity | nindent 4 }}
    {{- else }}
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels: {{- include "triton.selectorLabels" . | nindent 16 }}
    {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.schedulerName }}
  schedulerName: {{ . | quote }}
  {{- end }}
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
