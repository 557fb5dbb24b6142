{{- /*
triton.inlineModels: the files of models that the values hold, as JSON by model and path: those of people, or those that the
chart writes for vLLM; {} for every other kind of repository.
*/}}
{{- define "triton.inlineModels" -}}
{{- $models := (default dict .Values.repository.configMap).models | default dict }}
{{- range $model, $engine := .Values.repository.vllm }}
{{- $told := include "triton.vllmEngine" (dict "root" $ "engine" $engine) }}
{{- $files := dict "config.pbtxt" (include "triton.vllmConfig" $) "1/model.json" $told }}
{{- $_ := set $models $model $files }}
{{- end }}
{{- $models | toJson }}
{{- end }}

{{- /* triton.vllmConfig: KIND_MODEL leaves it to vLLM which devices it takes; its backend completes the inputs and outputs. */}}
{{- define "triton.vllmConfig" -}}
backend: "vllm"
instance_group [{count: 1, kind: KIND_MODEL}]
{{ end }}

{{- /* triton.vllmEngine: what vLLM's engine is told. Arguments: (dict "root" $ "engine" <a model of repository.vllm>) */}}
{{- define "triton.vllmEngine" -}}
{{- $engine := .engine }}
{{- if and .root.Values.weights (include "triton.isPrepared" $engine) }}
{{- $engine = set (omit $engine "revision") "model" (printf "/weights/%s" $engine.model) }}
{{- end }}
{{- $engine | toPrettyJson }}
{{ end }}
