{{- /*
triton.ask: the command that asks a server for the inference of `test` and compares its answer, as a JSON list.
Arguments: (dict "root" $ "derived" <triton.derived, read> "address" <http://host:port> "settings"
      <of files/ask.py.txt, besides those of the values>)
*/}}
{{- define "triton.ask" -}}
{{- $inference := .root.Values.test.inference }}
{{- $paths := include (printf "triton.paths.%s" .derived.mode) . | fromJson }}
{{- $url := printf "%s%s" .address $paths.inference }}
{{- $settings := merge (dict "seconds" (int64 .derived.testTimeout)) .settings (pick $inference "expect") }}
{{- $key := include "triton.inferenceKey" .derived | fromJson }}
{{- with $key }}{{ $settings = merge $settings (dict "header" .header "key" .variable) }}{{ end }}
{{- $command := list }}
{{- /* -I: whatever variables and modules the models have, this program has Python's own. */}}
{{- range list "python3" "-I" "-c" (.root.Files.Get "files/ask.py.txt") $url $inference.body (toJson $settings) }}
{{- $command = append $command (include "triton.literal" .) }}
{{- end }}
{{- toJson $command }}
{{- end }}

{{- /* triton.literal: text for a command, in which Kubernetes reads $(NAME) and, for a dollar, two. */}}
{{- define "triton.literal" -}}
{{- replace "$" "$$" . }}
{{- end }}

{{- /*
triton.inferenceKey: who may ask for inferences, as JSON: the header, the variable of its key in the server's container, and its Secret;
{} is everybody. Argument: <triton.derived, read>
*/}}
{{- define "triton.inferenceKey" -}}
{{- $found := dict }}
{{- range $index, $group := .restricted }}
{{- if has "inference" $group.apis }}
{{- $secret := dict "name" $group.secretName "key" $group.key }}
{{- $found = dict "header" $group.header "variable" (printf "TRITON_API_KEY_%d" $index) "secret" $secret }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}
