{{- /* Mode dynamo: Triton as a worker of Dynamo. */}}
{{- define "triton.derive.dynamo" -}}
{{- fail "TF052 server.mode: this chart cannot start a worker of Dynamo: set server.mode to triton or openai" }}
{{- end }}
