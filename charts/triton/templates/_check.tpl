{{- /*
triton.check: what the schema can't say. Each message begins with the key and ends with what to do; the first one stops the render.
The generator has a rule for each, so that nothing here is seen for the first time in a cluster.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.check" -}}
{{- $derived := .derived }}
{{- $Values := .root.Values }}
{{- $name := include "triton.fullname" .root }}
{{- if not $Values.repository }}
{{- fail "repository: say where the models are: exactly one of image, pvc, s3, gcs, azure, oci, emptyDir, hostPath, nfs or configMap" }}
{{- end }}
{{- if not (or $Values.image.tag $Values.image.digest) }}
{{- fail "image.tag: say which Triton runs, for example image: {tag: \"24.10-py3\"}; there is no default, so that a new chart never changes the server" }}
{{- end }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "fullnameOverride: the release's name %q can't name a Service, which begins with a letter and has only a-z, 0-9 and -: set fullnameOverride or choose another release name" $name) }}
{{- end }}
{{- include "triton.checkPorts" . }}

{{- /* Numbers that must fit each other */}}
{{- if lt (int $derived.grace) (int (add $derived.drain $derived.requestTimeout)) }}
{{- fail (printf "terminationGracePeriodSeconds: %d is less than shutdown.drain + shutdown.requestTimeout = %d: requests in flight would be killed; raise it, or leave it 0 and it follows" (int $derived.grace) (int (add $derived.drain $derived.requestTimeout))) }}
{{- end }}
{{- range $resource := list "memory" "ephemeral-storage" }}
{{- $request := get $Values.resources.requests $resource }}
{{- $limit := get $Values.resources.limits $resource }}
{{- if and $request $limit (gt (include "triton.number" $request | int64) (include "triton.number" $limit | int64)) }}
{{- fail (printf "resources.requests.%s: %v is above the limit %v: raise the limit or lower the request" $resource $request $limit) }}
{{- end }}
{{- end }}
{{- $cpu := list }}
{{- range list (toString $Values.resources.requests.cpu) (toString $Values.resources.limits.cpu) }}
{{- $cpu = append $cpu (ternary (trimSuffix "m" . | float64) (mulf 1000 (float64 .)) (hasSuffix "m" .)) }}
{{- end }}
{{- if and $Values.resources.requests.cpu $Values.resources.limits.cpu (gt (first $cpu) (last $cpu)) }}
{{- fail (printf "resources.requests.cpu: %v is above the limit %v: raise the limit or lower the request" $Values.resources.requests.cpu $Values.resources.limits.cpu) }}
{{- end }}
{{- with $Values.resources.limits.memory }}
{{- if gt (mul 2 $derived.sharedMemoryBytes) (include "triton.number" . | int64) }}
{{- fail (printf "sharedMemory.size: /dev/shm of %d bytes is more than half of the memory limit %v, inside which it counts: raise resources.limits.memory" (int64 $derived.sharedMemoryBytes) .) }}
{{- end }}
{{- end }}
{{- if hasKey (merge (dict) $Values.resources.requests $Values.resources.limits) $Values.accelerator.resource }}
{{- fail (printf "resources: %s is a device: say it with accelerator.count" $Values.accelerator.resource) }}
{{- end }}
{{- if and $Values.autoscaling.enabled (gt (int $Values.autoscaling.minReplicas) (int $Values.autoscaling.maxReplicas)) }}
{{- fail (printf "autoscaling.minReplicas: %d is more than maxReplicas %d" (int $Values.autoscaling.minReplicas) (int $Values.autoscaling.maxReplicas)) }}
{{- end }}
{{- $pods := ternary $Values.autoscaling.maxReplicas $Values.replicas $Values.autoscaling.enabled | int }}
{{- if and $derived.singleNode (gt $pods 1) }}
{{- fail (printf "%s: %d pods can't share the created claim, which one node mounts: add ReadWriteMany to repository.pvc.create.accessModes, or run one pod" (ternary "autoscaling.maxReplicas" "replicas" $Values.autoscaling.enabled) $pods) }}
{{- end }}

{{- /* Models */}}
{{- if and $Values.repository.emptyDir (not $Values.fetch.enabled) (not $Values.initContainers) }}
{{- fail "repository.emptyDir: it is empty at every start: set fetch.enabled, or add an init container that fills the volume `models`" }}
{{- end }}
{{- with $Values.repository.configMap }}
{{- if gt (len (toJson .models)) 262144 }}
{{- fail (printf "repository.configMap.models: %d bytes are more than 262144, which a ConfigMap and its review still bear: use another source" (len (toJson .models))) }}
{{- end }}
{{- range $model, $files := .models }}
{{- if not (regexMatch "(^|,)[1-9][0-9]*/" (keys $files | join ",")) }}
{{- fail (printf "repository.configMap.models: %q has no version, so Triton would not find it: put a file into a directory with a number for its name; an ensemble has none of its own, so any small one will do, like 1/version" $model) }}
{{- end }}
{{- end }}
{{- range $Values.loadModels }}
{{- if not (hasKey $Values.repository.configMap.models .) }}
{{- fail (printf "loadModels: %q is not among repository.configMap.models" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $Values.loadModels $Values.test.inference (not (has $Values.test.inference.model $Values.loadModels)) }}
{{- fail (printf "test.inference.model: %q is not among loadModels" $Values.test.inference.model) }}
{{- end }}
{{- if $Values.benchmark.enabled }}
{{- if gt (len $name) 42 }}
{{- fail (printf "fullnameOverride: %q is too long for a benchmark, whose CronJob is <name>-benchmark with 52 characters at most" $name) }}
{{- end }}
{{- if and (not $Values.benchmark.image) (not $derived.versionKnown) }}
{{- fail "benchmark.image: the server's tag does not say its release, so name the image: nvcr.io/nvidia/tritonserver:YY.MM-py3-sdk; or set image.tritonVersion" }}
{{- end }}
{{- if not (or $Values.loadModels $Values.benchmark.args) }}
{{- fail "benchmark.args: say which model to measure, [-m, <model>], or name models in loadModels" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "triton.checkPorts" -}}
{{- $derived := .derived }}
{{- $Values := .root.Values }}
{{- $seen := dict }}
{{- $outside := dict }}
{{- $nodes := dict }}
{{- range $port := list "http" "grpc" "metrics" }}
{{- $listener := get $Values $port }}
{{- if $listener.enabled }}
{{- $number := toString (int $listener.port) }}
{{- if hasKey $seen $number }}
{{- fail (printf "%s.port: %s is the port of %s too: give each its own" $port $number (get $seen $number)) }}
{{- end }}
{{- $_ := set $seen $number $port }}
{{- if not (and $derived.metricsApart (eq $port "metrics")) }}
{{- $number = get $derived.ports $port | toString }}
{{- if hasKey $outside $number }}
{{- fail (printf "service.ports.%s: %s is the port of %s too: give each its own" $port $number (get $outside $number)) }}
{{- end }}
{{- $_ := set $outside $number $port }}
{{- end }}
{{- with get $Values.service.nodePorts $port }}
{{- $number = toString (int .) }}
{{- if hasKey $nodes $number }}
{{- fail (printf "service.nodePorts.%s: %s is the node port of %s too: give each its own" $port $number (get $nodes $number)) }}
{{- end }}
{{- $_ := set $nodes $number $port }}
{{- end }}
{{- end }}
{{- end }}
{{- range $Values.ingress.hosts }}
{{- if and $Values.ingress.enabled (not (ternary $Values.grpc.enabled $Values.http.enabled (eq (.port | default "http") "grpc"))) }}
{{- fail (printf "ingress.hosts: %s leads to %s, which is off" .host (.port | default "http")) }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
triton.checkFlags: flags fit the server's release: files/flags.json says which has which.
Arguments: (dict "root" $ "derived" <triton.derived, read> "arguments" <triton.arguments>)
*/}}
{{- define "triton.checkFlags" -}}
{{- $Values := .root.Values }}
{{- $version := .derived.version }}
{{- $locked := .derived.locked }}
{{- if and $locked (lt $version "23.11") }}
{{- fail (printf "modelControl.api: Triton %s can't lock its HTTP API, 23.11 and newer can: set modelControl.api to open if only trusted clients reach the server, or use a newer image" $version) }}
{{- end }}
{{- $flags := (.root.Files.Get "files/flags.json" | fromJson).flags }}
{{- range $Values.extraArgs }}
{{- $flag := regexFind "^--[a-z0-9-]+" . | trimPrefix "--" }}
{{- $row := get $flags $flag }}
{{- if not $row }}
{{- fail (printf "extraArgs: no Triton has --%s: see files/flags.json of the chart for those it has" $flag) }}
{{- else if $row.owner }}
{{- fail (printf "extraArgs: --%s is said with %s" $flag ($row.deprecated | default $row.owner)) }}
{{- else if and $locked (or (eq $flag "allow-sagemaker") (eq $flag "allow-vertex-ai")) }}
{{- fail (printf "extraArgs: --%s opens a way around modelControl.api: %s: set modelControl.api to open, or leave it out" $flag $Values.modelControl.api) }}
{{- end }}
{{- end }}
{{- range regexFindAll "(?m)^- \"?--[a-z0-9-]+" .arguments -1 }}
{{- $flag := trimAll "- \"" . }}
{{- $row := get $flags $flag }}
{{- if lt $version $row.since }}
{{- fail (printf "%s: --%s came with Triton %s and the image is %s: use a newer image, or leave it at its default" ($row.owner | default "extraArgs") $flag $row.since $version) }}
{{- else if and $row.until (gt $version $row.until) }}
{{- fail (printf "%s: --%s went after Triton %s and the image is %s" ($row.owner | default "extraArgs") $flag $row.until $version) }}
{{- end }}
{{- end }}
{{- if and $Values.metrics.histograms (lt $version "24.11") }}
{{- fail (printf "metrics.histograms: they came with Triton 24.11 and the image is %s: use a newer image or metrics.summaries" $version) }}
{{- end }}
{{- if and (default dict $Values.repository.azure).identity (lt $version "26.05") }}
{{- fail (printf "repository.azure.identity: identities came with Triton 26.05 and the image is %s: use credentials" $version) }}
{{- end }}
{{- $seen := ternary (dict "model-repository" "the lock" "trace" "the lock" "logging" "the lock") dict $locked }}
{{- range $index, $group := $Values.server.restrictedApis }}
{{- range $group.apis }}
{{- if hasKey $seen . }}
{{- fail (printf "server.restrictedApis[%d].apis: %s is in %s already: the server takes each API once" $index . (get $seen .)) }}
{{- end }}
{{- $_ := set $seen . (printf "restrictedApis[%d]" $index) }}
{{- end }}
{{- end }}
{{- end }}
