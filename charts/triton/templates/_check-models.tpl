{{- define "triton.checkModels" -}}
{{- $loadModels := without .Values.loadModels "*" }}
{{- /* In these modes models may come later, from a sidecar or through the API. */}}
{{- $mode := .Values.modelControl.mode }}
{{- $later := or (eq $mode "poll") (and (eq $mode "explicit") (not .Values.loadModels)) }}
{{- if and .Values.repository.emptyDir (not .Values.fetch.enabled) (not .Values.initContainers) (not $later) }}
{{- fail (printf "TF154 repository.emptyDir: it is empty at every start: %s"
      "set fetch.enabled, or add an init container that fills the volume `models`") }}
{{- end }}
{{- $own := omit .Values.repository "configMap" "vllm" }}
{{- range $key, $addresses := dict "repository" $own "extraRepositories" .Values.extraRepositories }}
{{- if and (contains "{modelVersion}" (toJson $addresses)) (not (regexMatch "^[0-9A-Za-z_-][0-9A-Za-z._-]*$" $.Values.modelVersion)) }}
{{- fail (printf "TF197 modelVersion: %s: set it to letters, digits, - and _, and dots that are not its begin"
      (ternary (printf "%q cannot be a part of the address in %s" $.Values.modelVersion $key)
        (printf "the address in %s has {modelVersion}, and there is no version" $key) (ne $.Values.modelVersion ""))) }}
{{- end }}
{{- end }}
{{- with include "triton.inlineModels" . | fromJson }}
{{- $models := . }}
{{- $path := ternary "repository.vllm" "repository.configMap.models" (hasKey $.Values.repository "vllm") }}
{{- $size := len (toJson $models) }}
{{- if gt $size 262144 }}
{{- fail (printf "TF152 %s: %s: use another source" $path
      (printf "%d bytes are more than the 262144 that a ConfigMap and its reviewers can take" $size)) }}
{{- end }}
{{- range $model, $files := $models }}
{{- range $file, $_ := $files }}
{{- if gt (add (len $model) 2 (len ($file | replace "/" ".."))) 253 }}
{{- fail (printf "TF163 %s: %s: shorten it" $path
      (printf "%s of %q is too long for a key of a ConfigMap, which has at most 253 characters" $file $model)) }}
{{- end }}
{{- range $directory := keys $files }}
{{- if hasPrefix (printf "%s/" $directory) $file }}
{{- fail (printf "TF163 %s: %s: rename one" $path
      (printf "%s of %q is a file, and %s makes it a directory" $directory $model $file)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if not (regexMatch "(^|,)[1-9][0-9]*/" (keys $files | join ",")) }}
{{- fail (printf "TF157 %s: %s: %s; %s" $path
      (printf "%q has no version, so Triton would not find it" $model)
      "put a file in a directory that is named by a number"
      "an ensemble has no file of its own, so any small one will do, like 1/version") }}
{{- end }}
{{- end }}
{{- range $loadModels }}
{{- if not (hasKey $models .) }}
{{- fail (printf "TF153 loadModels: %q is not among %s: name one of those, or add it there" . $path) }}
{{- end }}
{{- end }}
{{- end }}
{{- include "triton.checkWeights" . }}
{{- /* A named ensemble brings its members, which only their config.pbtxt names: `validate` reads it. */}}
{{- $inline := include "triton.inlineModels" . | fromJson | default dict }}
{{- with .Values.test.inference }}
{{- if not (or (empty $loadModels) (has .model $loadModels) (hasKey $inline .model)) }}
{{- fail (printf "TF153 test.inference.model: %q is not among loadModels: name one of those" .model) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "triton.checkWeights" -}}
{{- $weights := include "triton.weights" . | fromJson }}
{{- if and $weights.copies (not $weights.directories) }}
{{- fail (printf "TF192 weights.%s: there is nothing to prepare, because each model names a place of its own: %s" $weights.source
      "name what the source calls it, or remove this") }}
{{- end }}
{{- $seen := dict }}
{{- range $model, $engine := .Values.repository.vllm }}
{{- $revision := default "" $engine.revision }}
{{- $isSeen := and $weights (include "triton.isPrepared" $engine) (hasKey $seen $engine.model) }}
{{- if and $isSeen (ne $revision (get $seen $engine.model)) }}
{{- fail (printf "TF192 repository.vllm.%s.revision: another model has %s at another revision: use one, or two releases"
      $model $engine.model) }}
{{- end }}
{{- $_ := set $seen $engine.model $revision }}
{{- end }}
{{- end }}

{{- /* Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.checkBenchmark" -}}
{{- $Values := .root.Values }}
{{- if $Values.benchmark.enabled }}
{{- $name := include "triton.fullname" .root }}
{{- if gt (len $name) 42 }}
{{- fail (printf "TF155 fullnameOverride: %s: choose a name of at most 42 characters"
      (printf "%q is too long for a benchmark, whose CronJob is called <name>-benchmark" $name)) }}
{{- end }}
{{- if and (not $Values.benchmark.image) (not .derived.versionKnown) }}
{{- fail (printf "TF155 benchmark.image: the server's tag does not say its release, so %s"
      "name the image: nvcr.io/nvidia/tritonserver:YY.MM-py3-sdk; or set image.tritonVersion") }}
{{- end }}
{{- if not (or .derived.models $Values.benchmark.args) }}
{{- fail "TF155 benchmark.args: nothing says which model to measure: set [-m, <model>], or name models in loadModels" }}
{{- end }}
{{- end }}
{{- end }}
