{{- /*
triton.container: the server's container.
Arguments: (dict "root" $ "derived" <triton.derived, read> "repository" <triton.repository, read> "arguments" <triton.arguments>
"requests" "limits" <by resource>)
*/}}
{{- define "triton.container" -}}
{{- $derived := .derived }}
{{- $Values := .root.Values -}}
- name: triton
  image: {{ include "triton.image" .root | quote }}
  imagePullPolicy: {{ $derived.image.pullPolicy }}
  {{- /* Why a server could not start is at the end of its log: this way the pod's status shows it too. */}}
  terminationMessagePolicy: FallbackToLogsOnError
  {{- with $Values.server.command }}
  command: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $Values.server.args }}
  args: {{- toYaml $Values.server.args | nindent 4 }}
  {{- else if $derived.flags }}
  args:
    {{- if not $Values.server.command }}
    {{- include (printf "triton.program.%s" $derived.mode) . | trim | nindent 4 }}
    {{- end }}
    {{- .arguments | trim | nindent 4 }}
  {{- end }}
  env: {{- include "triton.environment" . | trim | nindent 4 }}
  {{- with $Values.envFrom }}
  envFrom: {{- toYaml . | nindent 4 }}
  {{- end }}
  ports: {{- include "triton.containerPorts" . | trim | nindent 4 }}
  {{- include "triton.probes" . | trim | nindent 2 }}
  {{- if $Values.lifecycle }}
  lifecycle: {{- toYaml $Values.lifecycle | nindent 4 }}
  {{- else if and $derived.drain (not $derived.drains) }}
  lifecycle:
    preStop:
      sleep:
        seconds: {{ int64 $derived.drain }}
  {{- end }}
  resources:
    requests: {{- toYaml .requests | nindent 6 }}
    limits:
      {{- toYaml .limits | nindent 6 }}
      {{- if $Values.accelerator.count }}
      {{ $Values.accelerator.resource }}: {{ int $Values.accelerator.count }}
      {{- end }}
    {{- with $Values.accelerator.claims }}
    claims:
      {{- range . }}
      - {{ pick . "name" "request" | toJson }}
      {{- end }}
    {{- end }}
  securityContext: {{- toYaml $Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    - name: shm
      mountPath: /dev/shm
    {{- with .repository.mounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if $Values.grpc.tls.enabled }}
    - name: tls
      mountPath: /etc/triton/tls
      readOnly: true
    {{- end }}
    {{- with include "triton.dynamoMount" .root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- range $Values.caches }}
    - name: cache-{{ .name }}
      mountPath: {{ .mountPath }}
    {{- end }}
    {{- with $Values.volumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- /* triton.containerPorts: of the server's container. Arguments: those of triton.container. */}}
{{- define "triton.containerPorts" -}}
{{- $derived := .derived }}
{{- $Values := .root.Values }}
{{- $declared := dict }}
{{- range $listener := $derived.listeners }}
{{- $number := get $derived.containerPorts $listener | int }}
{{- $_ := set $declared (toString $number) true }}
- name: {{ $listener }}
  containerPort: {{ $number }}
{{- end }}
{{- /* A container declares a port once; what a sidecar declares is the sidecar's. */}}
{{- range $Values.sidecars }}{{ range .ports }}{{ $_ := set $declared (toString (int .containerPort)) true }}{{ end }}{{ end }}
{{- range $Values.service.extraPorts }}
{{- $number := int (.containerPort | default .port) }}
{{- if not (hasKey $declared (toString $number)) }}
{{- $_ := set $declared (toString $number) true }}
- name: {{ .name | quote }}
  containerPort: {{ $number }}
{{- end }}
{{- end }}
{{- end }}

{{- /* triton.environment: the server's environment variables. Arguments: those of triton.container. */}}
{{- define "triton.environment" -}}
{{- $Values := .root.Values }}
{{- $env := .repository.env }}
{{- /* Caches of Python, Hugging Face, vLLM and torch follow HOME. Torch also asks for the user's name, which an arbitrary UID lacks. */}}
{{- $_ := set $env "HOME" "/tmp" }}
{{- $_ := set $env "USER" "triton-server" }}
{{- /* Nothing in the pod goes to the hub, and nobody is told of it: behind a network policy both would wait for answers. */}}
{{- if $Values.weights }}{{ $_ := set $env "HF_HUB_OFFLINE" "1" }}{{ end }}
{{- if $Values.repository.vllm }}{{ $_ := set $env "VLLM_NO_USAGE_STATS" "1" }}{{ end }}
{{- if not .derived.nvidia }}
{{- $_ := set $env "TRITON_SERVER_CPU_ONLY" "1" }}
{{- $_ := set $env "NVIDIA_VISIBLE_DEVICES" "void" }}
{{- end }}
{{- range $variable, $value := include (printf "triton.variables.%s" .derived.mode) . | fromJson }}
{{- $_ := set $env $variable $value }}
{{- end }}
{{- $resource := $Values.server.trace.resource | toJson }}
{{- range $variable, $field := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace"
      "POD_IP" "status.podIP" "NODE_NAME" "spec.nodeName" }}
{{- if contains (printf "$(%s)" $variable) $resource }}
{{- $_ := set $env $variable (dict "valueFrom" (dict "fieldRef" (dict "fieldPath" $field))) }}
{{- end }}
{{- end }}
{{- /* One by one, because merge would keep ours where people set an empty text. */}}
{{- range $variable, $value := $Values.env }}
{{- $_ := set $env $variable $value }}
{{- end }}
{{- /* What holds a key is nobody else's to set. */}}
{{- if .derived.locked }}
{{- /* Unless a Secret has it, the key is one that nobody outside the pod has. */}}
{{- $key := dict "fieldRef" (dict "fieldPath" "metadata.uid") }}
{{- if eq $Values.modelControl.api "secret" }}
{{- $key = dict "secretKeyRef" (dict "name" $Values.modelControl.secretName "key" $Values.modelControl.key) }}
{{- end }}
{{- $_ := set $env "TRITON_LOCK" (dict "valueFrom" $key) }}
{{- end }}
{{- range $index, $group := .derived.restricted }}
{{- $key := dict "secretKeyRef" (dict "name" $group.secretName "key" $group.key) }}
{{- $_ := set $env (printf "TRITON_API_KEY_%d" $index) (dict "valueFrom" $key) }}
{{- end }}
{{- with (default dict $Values.server.cache.redis).secretName }}
{{- $username := dict "secretKeyRef" (dict "name" . "key" "username" "optional" true) }}
{{- $password := dict "secretKeyRef" (dict "name" . "key" "password") }}
{{- $_ := set $env "TRITONCACHE_REDIS_USERNAME" (dict "valueFrom" $username) }}
{{- $_ := set $env "TRITONCACHE_REDIS_PASSWORD" (dict "valueFrom" $password) }}
{{- end }}
{{- include "triton.env" $env }}
{{- end }}

{{- /*
triton.peoplesContainers: containers as people wrote them. One without a securityContext gets the chart's, or a namespace that
enforces `restricted` would refuse the pod; an empty one, {}, stays empty.
Arguments: (dict "containers" <list> "securityContext" <the chart's>)
*/}}
{{- define "triton.peoplesContainers" -}}
{{- $securityContext := .securityContext }}
{{- $containers := list }}
{{- range .containers }}
{{- $own := hasKey . "securityContext" }}
{{- $containers = append $containers (ternary . (set (omit . "securityContext") "securityContext" $securityContext) $own) }}
{{- end }}
{{- toYaml $containers }}
{{- end }}
