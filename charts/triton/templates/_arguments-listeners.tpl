{{- /* Parts of triton.arguments.triton, with its arguments: HTTP, gRPC and metrics. */}}
{{- define "triton.httpArguments" -}}
{{- $Values := .root.Values }}
{{- if not $Values.http.enabled }}
- --allow-http=false
{{- else }}
{{- if ne (int $Values.http.port) 8000 }}
- --http-port={{ int $Values.http.port }}
{{- end }}
{{- if ne (int $Values.http.threads) 8 }}
- --http-thread-count={{ int $Values.http.threads }}
{{- end }}
{{- with $Values.http.maxInputSize }}
- --http-max-input-size={{ include "triton.bytes" . }}
{{- end }}
{{- with $Values.http.forwardHeaders }}
- {{ printf "--http-header-forward-pattern=%s" . | replace "$(" "$$(" | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "triton.grpcArguments" -}}
{{- $Values := .root.Values }}
{{- $derived := .derived }}
{{- if not $Values.grpc.enabled }}
- --allow-grpc=false
{{- else }}
{{- if ne (int $Values.grpc.port) 8001 }}
- --grpc-port={{ int $Values.grpc.port }}
{{- end }}
{{- if $Values.grpc.tls.enabled }}
- --grpc-use-ssl=true
- --grpc-server-cert=/etc/triton/tls/tls.crt
- --grpc-server-key=/etc/triton/tls/tls.key
{{- if $Values.grpc.tls.mutual }}
- --grpc-use-ssl-mutual=true
- --grpc-root-cert=/etc/triton/tls/ca.crt
{{- end }}
{{- end }}
{{- /* Servers before 24.01 end at this flag: nobody asked for a derived age, so only a server known to have it gets one. */}}
{{- $hasAge := and $derived.versionKnown (ge $derived.version "24.01") }}
{{- if and (gt (int $derived.connectionAge) 0) (or $hasAge $Values.grpc.maxConnectionAge) }}
- --grpc-max-connection-age={{ int64 $derived.connectionAge }}
{{- end }}
{{- with $Values.grpc.maxConnectionAgeGrace }}
- --grpc-max-connection-age-grace={{ include "triton.milliseconds" . }}
{{- end }}
{{- if ne (int $Values.grpc.inferThreads) 2 }}
- --grpc-infer-thread-count={{ int $Values.grpc.inferThreads }}
{{- end }}
{{- end }}
{{- end }}

{{- define "triton.metricsArguments" -}}
{{- $Values := .root.Values }}
{{- $derived := .derived }}
{{- if not $Values.metrics.enabled }}
- --allow-metrics=false
{{- else }}
{{- if ne (int $Values.metrics.port) 8002 }}
- --metrics-port={{ int $Values.metrics.port }}
{{- end }}
{{- $gpu := $Values.metrics.gpu }}
{{- if eq (toString $gpu) "auto" }}{{ $gpu = $derived.nvidia }}{{ end }}
{{- if not $gpu }}
- --allow-gpu-metrics=false
{{- end }}
{{- if not $Values.metrics.cpu }}
- --allow-cpu-metrics=false
{{- end }}
{{- if ne (include "triton.milliseconds" $Values.metrics.interval) "2000" }}
- --metrics-interval-ms={{ include "triton.milliseconds" $Values.metrics.interval }}
{{- end }}
{{- if not $Values.metrics.counters }}
- --metrics-config=counter_latencies=false
{{- end }}
{{- if $Values.metrics.histograms }}
- --metrics-config=histogram_latencies=true
{{- end }}
{{- if $Values.metrics.summaries }}
- --metrics-config=summary_latencies=true
{{- end }}
{{- if $Values.metrics.quantiles }}
{{- $pairs := list }}
{{- range $quantile, $error := $Values.metrics.quantiles }}{{ $pairs = append $pairs (printf "%s:%v" $quantile $error) }}{{ end }}
- {{ printf "--metrics-config=summary_quantiles=%s" (join "," $pairs) | quote }}
{{- end }}
{{- end }}
{{- end }}
