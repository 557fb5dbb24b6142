{{- /*
triton.weights: what is to be done about `weights`, as JSON; {} without any.

  source        hub, s3, pvc or oci
  settings      those of the source
  copies        somebody downloads: hub and s3
  job           a Job does, into a claim that all pods mount; else an init container of each pod
  directories   of the volume, each with {directory, name, revision}
  volume        the pod's volume
  mounts        of the server
  hash          of what the Job does
*/}}
{{- define "triton.weights" -}}
{{- $plan := dict }}
{{- range $source, $settings := .Values.weights }}
{{- $copies := has $source (list "hub" "s3") }}
{{- $modes := (default dict $settings.create).accessModes | default (list "ReadWriteMany") }}
{{- $job := or (hasKey $settings "claim") (and (hasKey $settings "create") (has "ReadWriteMany" $modes)) }}
{{- $plan = dict "source" $source "settings" $settings "copies" $copies "job" (and $copies $job) }}
{{- $_ := set $plan "volume" (include "triton.weightsVolume" (dict "root" $ "settings" $settings) | fromJson) }}
{{- $directories := list }}
{{- $mounts := list }}
{{- if $copies }}
{{- $named := dict }}
{{- range $engine := $.Values.repository.vllm }}
{{- if include "triton.isPrepared" . }}
{{- $place := printf "%s %s %s %s" $source (default "" $settings.endpoint) (default "" $settings.uri) .model }}
{{- $version := printf "%s %s" $place (default "" .revision) | sha256sum | trunc 10 }}
{{- $directory := printf "%s-%s" (base .model) $version }}
{{- $_ := set $named .model (dict "directory" $directory "name" .model "revision" (default "" .revision)) }}
{{- end }}
{{- end }}
{{- range $name, $wanted := $named }}
{{- $directories = append $directories $wanted }}
{{- $mount := dict "name" "weights" "mountPath" (printf "/weights/%s" $name) "subPath" $wanted.directory "readOnly" true }}
{{- $mounts = append $mounts $mount }}
{{- end }}
{{- else }}
{{- $mount := dict "name" "weights" "mountPath" "/weights" "readOnly" true }}
{{- with $settings.subPath }}{{ $_ := set $mount "subPath" . }}{{ end }}
{{- $mounts = list $mount }}
{{- end }}
{{- $_ := set $plan "directories" $directories }}
{{- $_ := set $plan "mounts" $mounts }}
{{- end }}
{{- $plan | toJson }}
{{- end }}

{{- /* triton.isPrepared: whether weights are a name in their source, and not a place of their own.
Argument: a model of repository.vllm. */}}
{{- define "triton.isPrepared" -}}
{{- if not (or (hasPrefix "/" .model) (contains "://" .model)) }}yes{{ end }}
{{- end }}

{{- /* triton.weightsVolume: the volume of the weights, as JSON. Arguments: (dict "root" $ "settings" <of the source>) */}}
{{- define "triton.weightsVolume" -}}
{{- $volume := dict "name" "weights" }}
{{- if .settings.reference }}
{{- $_ := set $volume "image" (dict "reference" .settings.reference "pullPolicy" (.settings.pullPolicy | default "IfNotPresent")) }}
{{- else if or .settings.claim (hasKey .settings "create") }}
{{- $created := printf "%s-weights" (include "triton.fullname" .root) }}
{{- $_ := set $volume "persistentVolumeClaim" (dict "claimName" (.settings.claim | default $created)) }}
{{- else }}
{{- $_ := set $volume "emptyDir" (dict "sizeLimit" .settings.size) }}
{{- end }}
{{- $volume | toJson }}
{{- end }}

{{- /*
triton.weightsContainer: downloads into the volume; of the Job, or the first of a pod that has a copy of its own.
Arguments: (dict "root" $ "weights" <triton.weights, read> "resources" <of the container>)
*/}}
{{- define "triton.weightsContainer" -}}
{{- $settings := .weights.settings }}
{{- $wanted := list }}
{{- range .weights.directories }}{{ $wanted = append $wanted (printf "%s %s %s" .directory .name .revision | trim) }}{{ end }}
{{- $env := dict "HOME" "/tmp" "STORE" "/weights" "SOURCE" .weights.source "RELEASE" (include "triton.fullname" .root)
      "WANTED" (join "\n" $wanted) "KEEP" (ternary $settings.keep 2 (hasKey $settings "keep") | int | toString) }}
{{- $image := include "triton.image" .root }}
{{- if eq .weights.source "hub" }}
{{- $_ := set $env "DOWNLOAD" (.root.Files.Get "files/weights-hub.py") }}
{{- with $settings.endpoint }}{{ $_ := set $env "HF_ENDPOINT" . }}{{ end }}
{{- with $settings.secretName }}
{{- $token := dict "name" . "key" ($settings.key | default "token") }}
{{- $_ := set $env "HF_TOKEN" (dict "valueFrom" (dict "secretKeyRef" $token)) }}
{{- end }}
{{- else }}
{{- $image = $settings.image | default "peakcom/s5cmd:v2.2.2" }}
{{- $_ := set $env "URI" $settings.uri }}
{{- with $settings.endpoint }}{{ $_ := set $env "S3_ENDPOINT_URL" . }}{{ end }}
{{- with $settings.region }}{{ $_ := set $env "AWS_REGION" . }}{{ end }}
{{- with $settings.secretName }}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN" }}
{{- $key := dict "name" $settings.secretName "key" . "optional" (eq . "AWS_SESSION_TOKEN") }}
{{- $_ := set $env . (dict "valueFrom" (dict "secretKeyRef" $key)) }}
{{- end }}
{{- end }}
{{- end }}
{{- /* Of a pod, all images are mirrored at once. */}}
{{- if .weights.job }}{{ $image = include "triton.mirrored" (dict "root" .root "image" $image) }}{{ end -}}
- name: weights
  image: {{ $image | quote }}
  terminationMessagePolicy: FallbackToLogsOnError
  command: [sh, -c]
  args:
    - {{ .root.Files.Get "files/weights.sh" | replace "$(" "$$(" | toJson }}
  env: {{- include "triton.env" $env | trim | nindent 4 }}
  resources: {{- toYaml .resources | nindent 4 }}
  securityContext: {{- toYaml .root.Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    - name: weights
      mountPath: /weights
{{- end }}

{{- /* triton.weightsWait: waits for what the Job fills. Arguments: those of triton.weightsContainer. */}}
{{- define "triton.weightsWait" -}}
{{- $directories := list }}
{{- range .weights.directories }}{{ $directories = append $directories .directory }}{{ end }}
{{- /* The Job's name is not among these: what it does may change without another directory, and no pod restarts for that. */}}
{{- $env := dict "STORE" "/weights" "WANTED" (join " " $directories) "RELEASE" .root.Release.Name
      "LIMIT" (include "triton.seconds" .root.Values.startup.pull) -}}
- name: weights
  image: {{ include "triton.image" .root | quote }}
  terminationMessagePolicy: FallbackToLogsOnError
  command: [sh, -c]
  args:
    - {{ .root.Files.Get "files/weights-wait.sh" | replace "$(" "$$(" | toJson }}
  env: {{- include "triton.env" $env | trim | nindent 4 }}
  resources: {{- toYaml .resources | nindent 4 }}
  securityContext: {{- toYaml .root.Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: weights
      mountPath: /weights
      readOnly: true
{{- end }}

{{- /* triton.weightsJobName: a Job cannot change, so another one has another name. */}}
{{- define "triton.weightsJobName" -}}
{{- $name := include "triton.fullname" . | trunc 43 | trimSuffix "-" }}
{{- printf "%s-weights-%s" $name (include "triton.weightsJobSpec" . | sha256sum | trunc 10) }}
{{- end }}

{{- /* triton.weightsJobSpec: nothing in it may follow the chart's version, which would download anew. */}}
{{- define "triton.weightsJobSpec" -}}
{{- $weights := include "triton.weights" . | fromJson }}
{{- $requests := dict "cpu" "500m" "memory" "1Gi" "ephemeral-storage" "1Gi" }}
{{- $resources := dict "requests" $requests "limits" (dict "memory" "4Gi" "ephemeral-storage" "2Gi") -}}
backoffLimit: 6
activeDeadlineSeconds: {{ include "triton.seconds" .Values.startup.pull }}
template:
  metadata:
    labels:
      {{- include "triton.instanceLabels" . | nindent 6 }}
      app.kubernetes.io/component: weights
      {{- with .Values.commonLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  spec:
    restartPolicy: OnFailure
    {{- $account := ternary (include "triton.fullname" .) "default" .Values.serviceAccount.create }}
    serviceAccountName: {{ .Values.serviceAccount.name | default $account | quote }}
    automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
    enableServiceLinks: false
    securityContext: {{- toYaml .Values.podSecurityContext | nindent 6 }}
    {{- with .Values.imagePullSecrets }}
    imagePullSecrets: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.nodeSelector }}
    nodeSelector: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.tolerations }}
    tolerations: {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      {{- include "triton.weightsContainer" (dict "root" . "weights" $weights "resources" $resources) | nindent 6 }}
    volumes:
      - name: tmp
        emptyDir:
          sizeLimit: 1Gi
      - {{ $weights.volume | toJson }}
{{- end }}
