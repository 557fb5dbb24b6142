{{- /*
triton.repository: where the models are, as JSON {path, env, volumes, mounts, fetchMounts}.
path: what --model-repository says. env: text or {valueFrom: …} by name. mounts: of the server; fetchMounts: of the container that fills the volume.
A volume is mounted at /models; a ConfigMap can't be the repository itself (the server reads its ..data as a model), so each model is mounted as one directory.
*/}}
{{- define "triton.repository" -}}
{{- $source := .Values.repository }}
{{- $name := include "triton.fullname" . }}
{{- $path := "/models" }}
{{- $env := dict }}
{{- $volume := dict }}
{{- $mount := dict "name" "models" "mountPath" "/models" "readOnly" true }}
{{- $volumes := list }}
{{- $mounts := list }}
{{- $credentials := dict }}
{{- $keys := list }}
{{- if $source.image }}
{{- $path = .Values.repository.image.path }}
{{- else if $source.pvc }}
{{- $create := default dict .Values.repository.pvc.create }}
{{- $volume = dict "persistentVolumeClaim" (dict "claimName" (.Values.repository.pvc.claim | default (printf "%s-models" $name))) }}
{{- $mount = set $mount "readOnly" (ne .Values.repository.pvc.readOnly false) }}
{{- $subPath := .Values.repository.pvc.subPath | default (ternary "models" "" (not (empty $create))) }}
{{- if $subPath }}{{- $_ := set $mount "subPath" $subPath }}{{- end }}
{{- else if $source.s3 }}
{{- $endpoint := default "" .Values.repository.s3.endpoint }}
{{- if and $endpoint (not (regexMatch ":[0-9]+$" $endpoint)) }}
{{- $endpoint = printf "%s:%s" $endpoint (ternary "443" "80" (hasPrefix "https:" $endpoint)) }}
{{- end }}
{{- $path = ternary (printf "s3://%s/%s" $endpoint (trimPrefix "s3://" .Values.repository.s3.uri)) .Values.repository.s3.uri (not (empty $endpoint)) }}
{{- with .Values.repository.s3.region }}
{{- /* The server passes the first on with static keys; the AWS SDK reads the second with an identity. */}}
{{- $_ := set $env "AWS_DEFAULT_REGION" . }}
{{- $_ := set $env "AWS_REGION" . }}
{{- end }}
{{- $credentials = default dict .Values.repository.s3.credentials }}
{{- /* Keys for another store than AWS: the SDK would look for AWS's metadata server all the same, for ten seconds where there is none. */}}
{{- if and $endpoint $credentials.secretName }}{{- $_ := set $env "AWS_EC2_METADATA_DISABLED" "true" }}{{- end }}
{{- $keys = list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN" }}
{{- with .Values.repository.s3.caSecret }}
{{- $volumes = append $volumes (dict "name" "ca-bundle" "secret" (dict "secretName" . "items" (list (dict "key" "ca-bundle.crt" "path" "ca-bundle.crt")))) }}
{{- $mounts = append $mounts (dict "name" "ca-bundle" "mountPath" "/etc/ssl/certs/ca-certificates.crt" "subPath" "ca-bundle.crt" "readOnly" true) }}
{{- end }}
{{- else if $source.gcs }}
{{- $path = .Values.repository.gcs.uri }}
{{- with (default dict .Values.repository.gcs.credentials).secretName }}
{{- $credentials = dict "secretName" . "as" "google" }}
{{- $_ := set $env "GOOGLE_APPLICATION_CREDENTIALS" "/var/run/secrets/triton/credentials.json" }}
{{- end }}
{{- else if $source.azure }}
{{- $path = .Values.repository.azure.uri }}
{{- with .Values.repository.azure.identity }}
{{- $_ := set $env "AZURE_STORAGE_AUTH_TYPE" (ternary "default" "managed_identity" (eq . "workload")) }}
{{- $_ := set $env "AZURE_STORAGE_ACCOUNT" (index (splitList "/" $.Values.repository.azure.uri) 2) }}
{{- end }}
{{- $credentials = default dict .Values.repository.azure.credentials }}
{{- $keys = list "AZURE_STORAGE_ACCOUNT" "AZURE_STORAGE_KEY" }}
{{- else if $source.oci }}
{{- $volume = dict "image" (dict "reference" .Values.repository.oci.reference "pullPolicy" (.Values.repository.oci.pullPolicy | default "IfNotPresent")) }}
{{- with .Values.repository.oci.subPath }}{{- $_ := set $mount "subPath" . }}{{- end }}
{{- else if $source.emptyDir }}
{{- $volume = dict "emptyDir" (dict "sizeLimit" .Values.repository.emptyDir.size) }}
{{- else if $source.hostPath }}
{{- $volume = dict "hostPath" (dict "path" .Values.repository.hostPath.path "type" "Directory") }}
{{- else if $source.nfs }}
{{- $volume = dict "nfs" (dict "server" .Values.repository.nfs.server "path" .Values.repository.nfs.path) }}
{{- else if $source.configMap }}
{{- range $model, $files := .Values.repository.configMap.models }}
{{- $mounts = append $mounts (dict "name" (printf "model-%s" (sha256sum $model | trunc 10)) "mountPath" (printf "/models/%s" $model) "readOnly" true) }}
{{- $items := list }}
{{- range $file, $_ := $files }}
{{- $items = append $items (dict "key" (printf "%s..%s" $model ($file | replace "/" "..")) "path" $file) }}
{{- end }}
{{- $volumes = append $volumes (dict "name" (printf "model-%s" (sha256sum $model | trunc 10)) "configMap" (dict "name" (printf "%s-models" $name) "items" $items)) }}
{{- end }}
{{- end }}
{{- if $volume }}
{{- $volumes = append $volumes (set $volume "name" "models") }}
{{- $mounts = append $mounts $mount }}
{{- end }}
{{- if $credentials.secretName }}
{{- if eq (default "env" $credentials.as) "env" }}
{{- range $keys }}
{{- $_ := set $env . (dict "valueFrom" (dict "secretKeyRef" (dict "name" $credentials.secretName "key" . "optional" (eq . "AWS_SESSION_TOKEN")))) }}
{{- end }}
{{- else }}
{{- if eq $credentials.as "file" }}{{- $_ := set $env "TRITON_CLOUD_CREDENTIAL_PATH" "/var/run/secrets/triton/credentials.json" }}{{- end }}
{{- $volumes = append $volumes (dict "name" "credentials" "secret" (dict "secretName" $credentials.secretName "items" (list (dict "key" "credentials.json" "path" "credentials.json")))) }}
{{- $mounts = append $mounts (dict "name" "credentials" "mountPath" "/var/run/secrets/triton" "readOnly" true) }}
{{- end }}
{{- end }}
{{- dict "path" $path "env" $env "volumes" $volumes "mounts" $mounts "fetchMounts" (ternary (list (omit $mount "readOnly")) list (not (empty $volume))) | toJson }}
{{- end }}
