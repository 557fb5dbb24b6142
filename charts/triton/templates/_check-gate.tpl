{{- /* triton.checkGate: what asks for an inference can ask. Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.checkGate" -}}
{{- $Values := .root.Values }}
{{- $test := $Values.test }}
{{- if and $test.afterSync (not (and $test.enabled (has .derived.main .derived.served))) }}
{{- fail (printf "TF171 test.afterSync: there is no test to run: %s" "enable `test` and `http`, or remove it") }}
{{- end }}
{{- /* Linux takes no argument of a command that is longer: MAX_ARG_STRLEN. */}}
{{- $size := max (default "" $test.inference.body | len) (default dict $test.inference.expect | toJson | len) }}
{{- if gt $size 130000 }}
{{- fail (printf "TF171 test.inference: %d bytes are more than the 130000 that a command can take: choose a smaller request" $size) }}
{{- end }}
{{- if $Values.startup.inference }}
{{- if not $test.inference }}
{{- fail "TF171 startup.inference: there is no inference to wait for: set test.inference, or remove it" }}
{{- end }}
{{- /* A frontend of other pods answers for this one, and not inside of it. */}}
{{- if not (has .derived.main .derived.listeners) }}
{{- fail "TF171 startup.inference: it asks over HTTP, which is off: enable `http`, or remove it" }}
{{- end }}
{{- $probe := $Values.startupProbe }}
{{- if or (eq $probe.enabled false) $probe.httpGet $probe.exec $probe.tcpSocket $probe.grpc }}
{{- fail "TF171 startupProbe: it takes the place of `startup.inference`: remove one of the two" }}
{{- end }}
{{- with $probe.timeoutSeconds }}
{{- if lt (int64 .) (int64 $.derived.testTimeout) }}
{{- fail (printf "TF171 startupProbe.timeoutSeconds: %s: remove it"
      (printf "%d s are less than a request may take, %d s" (int64 .) (int64 $.derived.testTimeout))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
