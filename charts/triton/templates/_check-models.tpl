{{- define "triton.checkModels" -}}
{{- $loadModels := .Values.loadModels }}
{{- if and .Values.repository.emptyDir (not .Values.fetch.enabled) (not .Values.initContainers) }}
{{- $advice := "set fetch.enabled, or add an init container that fills the volume `models`" }}
{{- fail (printf "repository.emptyDir: it is empty at every start: %s" $advice) }}
{{- end }}
{{- with .Values.repository.configMap }}
{{- $models := .models }}
{{- $size := len (toJson $models) }}
{{- if gt $size 262144 }}
{{- $problem := printf "%d bytes are more than 262144, which a ConfigMap and its review still bear" $size }}
{{- fail (printf "repository.configMap.models: %s: use another source" $problem) }}
{{- end }}
{{- range $model, $files := $models }}
{{- if not (regexMatch "(^|,)[1-9][0-9]*/" (keys $files | join ",")) }}
{{- $problem := printf "%q has no version, so Triton would not find it" $model }}
{{- $advice := "put a file into a directory with a number for its name" }}
{{- $ensemble := "an ensemble has none of its own, so any small one will do, like 1/version" }}
{{- fail (printf "repository.configMap.models: %s: %s; %s" $problem $advice $ensemble) }}
{{- end }}
{{- end }}
{{- range $loadModels }}
{{- if not (hasKey $models .) }}
{{- fail (printf "loadModels: %q is not among repository.configMap.models" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.test.inference }}
{{- if and $loadModels (not (has .model $loadModels)) }}
{{- fail (printf "test.inference.model: %q is not among loadModels" .model) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.checkBenchmark" -}}
{{- $Values := .root.Values }}
{{- if $Values.benchmark.enabled }}
{{- $name := include "triton.fullname" .root }}
{{- if gt (len $name) 42 }}
{{- $problem := printf "%q is too long for a benchmark" $name }}
{{- fail (printf "fullnameOverride: %s, whose CronJob is <name>-benchmark with 52 characters at most" $problem) }}
{{- end }}
{{- if and (not $Values.benchmark.image) (not .derived.versionKnown) }}
{{- $advice := "name the image: nvcr.io/nvidia/tritonserver:YY.MM-py3-sdk; or set image.tritonVersion" }}
{{- fail (printf "benchmark.image: the server's tag does not say its release, so %s" $advice) }}
{{- end }}
{{- if not (or $Values.loadModels $Values.benchmark.args) }}
{{- fail "benchmark.args: say which model to measure, [-m, <model>], or name models in loadModels" }}
{{- end }}
{{- end }}
{{- end }}
