{{- /* Mode openai: Triton's OpenAI-compatible server. */}}
{{- define "triton.derive.openai" -}}
{{- fail "TF052 server.mode: this chart cannot start the OpenAI-compatible server yet: set server.mode to triton" }}
{{- end }}
