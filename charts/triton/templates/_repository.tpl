{{- /*
triton.repository: where the models are, as JSON {path, paths, env, volumes, mounts, fetchMounts}.

  path              of `repository`, as --model-repository says it
  paths             the same, and those of extraRepositories
  env               by name: text or {valueFrom: …}
  volumes, mounts   of the pod and of the server's container
  fetchMounts       of the container that fills the volume
*/}}
{{- define "triton.repository" -}}
{{- $found := dict }}
{{- if or .Values.repository.s3 .Values.repository.gcs .Values.repository.azure }}
{{- $found = include "triton.objectStorage" . | fromJson }}
{{- else }}
{{- $found = include "triton.modelVolume" . | fromJson }}
{{- end }}
{{- $paths := list $found.path }}
{{- range $index, $extra := .Values.extraRepositories }}
{{- $path := "" }}
{{- range pick $extra "s3" "gcs" "azure" }}{{ $path = .uri }}{{ end }}
{{- if $extra.s3 }}{{ $path = include "triton.s3Path" (dict "root" $ "uri" $path) }}{{ end }}
{{- with $extra.image }}{{ $path = .path }}{{ end }}
{{- with $extra.volume }}
{{- $name := printf "models-%d" (add1 $index) }}
{{- $path = .mountPath | default (printf "/%s" $name) }}
{{- $_ := set $found "volumes" (append $found.volumes (merge (dict "name" $name) .source)) }}
{{- $mount := include "triton.volumeMount" (dict "volume" . "name" $name "path" $path) | fromJson }}
{{- $_ := set $found "mounts" (append $found.mounts $mount) }}
{{- end }}
{{- $paths = append $paths $path }}
{{- end }}
{{- with include "triton.weights" . | fromJson }}
{{- $_ := set $found "volumes" (append $found.volumes .volume) }}
{{- $_ := set $found "mounts" (concat $found.mounts .mounts) }}
{{- end }}
{{- set $found "paths" $paths | toJson }}
{{- end }}

{{- /* triton.volumeMount: of any volume, as JSON. Arguments: (dict "volume" <repository.volume> "name" "path") */}}
{{- define "triton.volumeMount" -}}
{{- $mount := dict "name" .name "mountPath" .path "readOnly" (ne .volume.readOnly false) }}
{{- with .volume.subPath }}{{ $_ := set $mount "subPath" . }}{{ end }}
{{- with .volume.mountPropagation }}{{ $_ := set $mount "mountPropagation" . }}{{ end }}
{{- $mount | toJson }}
{{- end }}

{{- /* triton.s3Path: a bucket's address as the server takes it, with its store before it. Arguments: (dict "root" $ "uri" "s3://…") */}}
{{- define "triton.s3Path" -}}
{{- $endpoint := default "" (default dict .root.Values.repository.s3).endpoint }}
{{- if $endpoint }}
{{- $port := ternary "443" "80" (hasPrefix "https:" $endpoint) }}
{{- $address := ternary $endpoint (printf "%s:%s" $endpoint $port) (regexMatch ":[0-9]+$" $endpoint) }}
{{- printf "s3://%s/%s" $address (trimPrefix "s3://" .uri) }}
{{- else }}
{{- .uri }}
{{- end }}
{{- end }}

{{- /* triton.objectStorage: a repository that the server reads over the network: s3, gcs or azure. */}}
{{- define "triton.objectStorage" -}}
{{- $path := "" }}
{{- $env := dict }}
{{- $volumes := list }}
{{- $mounts := list }}
{{- $credentials := dict }}
{{- $keys := list }}
{{- if .Values.repository.s3 }}
{{- $endpoint := default "" .Values.repository.s3.endpoint }}
{{- $path = .Values.repository.s3.uri }}
{{- $credentials = default dict .Values.repository.s3.credentials }}
{{- $keys = list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN" }}
{{- if $endpoint }}
{{- $path = include "triton.s3Path" (dict "root" . "uri" $path) }}
{{- /* The SDK would look for AWS's metadata server although it has keys: for ten seconds, where there is none. */}}
{{- if $credentials.secretName }}{{ $_ := set $env "AWS_EC2_METADATA_DISABLED" "true" }}{{ end }}
{{- end }}
{{- with .Values.repository.s3.region }}
{{- /* The server passes the first on with static keys; the AWS SDK reads the second with an identity. */}}
{{- $_ := set $env "AWS_DEFAULT_REGION" . }}
{{- $_ := set $env "AWS_REGION" . }}
{{- end }}
{{- with .Values.repository.s3.caSecret }}
{{- $items := list (dict "key" "ca-bundle.crt" "path" "ca-bundle.crt") }}
{{- $volumes = append $volumes (dict "name" "ca-bundle" "secret" (dict "secretName" . "items" $items)) }}
{{- $mounts = append $mounts (dict "name" "ca-bundle" "readOnly" true
      "mountPath" "/etc/ssl/certs/ca-certificates.crt" "subPath" "ca-bundle.crt") }}
{{- end }}
{{- else if .Values.repository.gcs }}
{{- $path = .Values.repository.gcs.uri }}
{{- with (default dict .Values.repository.gcs.credentials).secretName }}
{{- $credentials = dict "secretName" . "as" "google" }}
{{- $_ := set $env "GOOGLE_APPLICATION_CREDENTIALS" "/var/run/secrets/triton/credentials.json" }}
{{- end }}
{{- else if .Values.repository.azure }}
{{- $path = .Values.repository.azure.uri }}
{{- with .Values.repository.azure.identity }}
{{- $_ := set $env "AZURE_STORAGE_AUTH_TYPE" (ternary "default" "managed_identity" (eq . "workload")) }}
{{- $_ := set $env "AZURE_STORAGE_ACCOUNT" (index (splitList "/" $path) 2) }}
{{- end }}
{{- $credentials = default dict .Values.repository.azure.credentials }}
{{- $keys = list "AZURE_STORAGE_ACCOUNT" "AZURE_STORAGE_KEY" }}
{{- end }}
{{- with $credentials.secretName }}
{{- $secret := . }}
{{- if eq (default "env" $credentials.as) "env" }}
{{- range $keys }}
{{- $name := get (default dict $credentials.keys) . | default . }}
{{- $key := dict "name" $secret "key" $name "optional" (eq . "AWS_SESSION_TOKEN") }}
{{- $_ := set $env . (dict "valueFrom" (dict "secretKeyRef" $key)) }}
{{- end }}
{{- else }}
{{- if eq $credentials.as "file" }}
{{- $_ := set $env "TRITON_CLOUD_CREDENTIAL_PATH" "/var/run/secrets/triton/credentials.json" }}
{{- end }}
{{- $items := list (dict "key" "credentials.json" "path" "credentials.json") }}
{{- $volumes = append $volumes (dict "name" "credentials" "secret" (dict "secretName" $secret "items" $items)) }}
{{- $mounts = append $mounts (dict "name" "credentials" "mountPath" "/var/run/secrets/triton" "readOnly" true) }}
{{- end }}
{{- end }}
{{- dict "path" $path "env" $env "volumes" $volumes "mounts" $mounts "fetchMounts" list | toJson }}
{{- end }}

{{- /*
triton.modelVolume: a repository in the server's image or in a volume that is mounted at /models.
A ConfigMap can't be the repository itself (the server reads its ..data as a model), so each model is mounted as one directory.
*/}}
{{- define "triton.modelVolume" -}}
{{- $path := "/models" }}
{{- $volume := dict }}
{{- $mount := dict "name" "models" "mountPath" "/models" "readOnly" true }}
{{- $volumes := list }}
{{- $mounts := list }}
{{- $fetchMounts := list }}
{{- $name := printf "%s-models" (include "triton.fullname" .) }}
{{- with .Values.repository.image }}
{{- $path = .path }}
{{- end }}
{{- with .Values.repository.pvc }}
{{- $volume = dict "persistentVolumeClaim" (dict "claimName" (.claim | default $name)) }}
{{- $_ := set $mount "readOnly" (ne .readOnly false) }}
{{- with .subPath | default (ternary "models" "" (not (empty .create))) }}{{ $_ := set $mount "subPath" . }}{{ end }}
{{- end }}
{{- with .Values.repository.oci }}
{{- $volume = dict "image" (dict "reference" .reference "pullPolicy" (.pullPolicy | default "IfNotPresent")) }}
{{- with .subPath }}{{ $_ := set $mount "subPath" . }}{{ end }}
{{- end }}
{{- with .Values.repository.emptyDir }}
{{- $volume = dict "emptyDir" (dict "sizeLimit" .size) }}
{{- end }}
{{- with .Values.repository.hostPath }}
{{- $volume = dict "hostPath" (dict "path" .path "type" "Directory") }}
{{- end }}
{{- with .Values.repository.nfs }}
{{- $volume = dict "nfs" (dict "server" .server "path" .path) }}
{{- end }}
{{- with .Values.repository.volume }}
{{- $path = .mountPath | default $path }}
{{- $volume = deepCopy .source }}
{{- $mount = include "triton.volumeMount" (dict "volume" . "name" "models" "path" $path) | fromJson }}
{{- end }}
{{- range $model, $files := include "triton.inlineModels" . | fromJson }}
{{- $items := list }}
{{- range $file, $_ := $files }}
{{- $items = append $items (dict "key" (printf "%s..%s" $model ($file | replace "/" "..")) "path" $file) }}
{{- end }}
{{- $volumeName := printf "model-%s" (sha256sum $model | trunc 10) }}
{{- $volumes = append $volumes (dict "name" $volumeName "configMap" (dict "name" $name "items" $items)) }}
{{- $mounts = append $mounts (dict "name" $volumeName "mountPath" (printf "/models/%s" $model) "readOnly" true) }}
{{- end }}
{{- if $mounts }}
{{- /* Inline models have no volume to fill; what is fetched for them are weights, beside. */}}
{{- range .Values.caches }}
{{- $fetchMounts = append $fetchMounts (dict "name" (printf "cache-%s" .name) "mountPath" .mountPath) }}
{{- end }}
{{- end }}
{{- if $volume }}
{{- $volumes = list (set $volume "name" "models") }}
{{- $mounts = list $mount }}
{{- $fetchMounts = list (omit $mount "readOnly") }}
{{- end }}
{{- dict "path" $path "env" dict "volumes" $volumes "mounts" $mounts "fetchMounts" $fetchMounts | toJson }}
{{- end }}
