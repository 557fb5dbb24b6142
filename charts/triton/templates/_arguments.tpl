{{- /*
triton.arguments: tritonserver's flags as a YAML list. Arguments: (dict "root" $ "derived" <triton.derived, read> "path" <the model repository>)
A flag is written only when it differs from the server's default or follows from other values. Text that people wrote may hold $(, which Kubernetes would expand: it is doubled.
*/}}
{{- define "triton.arguments" -}}
{{- $Values := .root.Values }}
{{- $derived := .derived }}
- {{ printf "--model-repository=%s" .path | quote }}
{{- if $derived.explicit }}
- --model-control-mode=explicit
{{- range $Values.loadModels }}
- {{ printf "--load-model=%s" . | quote }}
{{- end }}
{{- else if eq $Values.modelControl.mode "poll" }}
- --model-control-mode=poll
- --repository-poll-secs={{ div (include "triton.number" $Values.modelControl.pollInterval) 1000 }}
{{- end }}
- --exit-timeout-secs={{ $derived.requestTimeout }}
{{- if $derived.locked }}
{{- $key := printf "model-repository,trace,logging:%s=$(TRITON_LOCK)" (ternary $Values.modelControl.header "lock" (eq $Values.modelControl.api "secret")) }}
{{- if $Values.http.enabled }}
- {{ printf "--http-restricted-api=%s" $key | quote }}
{{- end }}
{{- if $Values.grpc.enabled }}
- {{ printf "--grpc-restricted-protocol=%s" $key | quote }}
{{- end }}
{{- end }}
{{- range $index, $group := $Values.server.restrictedApis }}
{{- $key := printf "%s:%s=$(TRITON_API_KEY_%d)" (join "," $group.apis) $group.header $index }}
{{- if $Values.http.enabled }}
- {{ printf "--http-restricted-api=%s" $key | quote }}
{{- end }}
{{- if $Values.grpc.enabled }}
- {{ printf "--grpc-restricted-protocol=%s" $key | quote }}
{{- end }}
{{- end }}
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
- --http-max-input-size={{ include "triton.number" . }}
{{- end }}
{{- with $Values.http.forwardHeaders }}
- {{ printf "--http-header-forward-pattern=%s" . | replace "$(" "$$(" | quote }}
{{- end }}
{{- end }}
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
{{- /* Servers before 24.01 do not know the age; a derived one is left out, one that somebody asked for is refused by triton.check. */}}
{{- if and (gt (int $derived.connectionAge) 0) (or (ge $derived.version "24.01") $Values.grpc.maxConnectionAge) }}
- --grpc-max-connection-age={{ int $derived.connectionAge }}
{{- end }}
{{- with $Values.grpc.maxConnectionAgeGrace }}
- --grpc-max-connection-age-grace={{ include "triton.number" . }}
{{- end }}
{{- if ne (int $Values.grpc.inferThreads) 2 }}
- --grpc-infer-thread-count={{ int $Values.grpc.inferThreads }}
{{- end }}
{{- end }}
{{- if not $Values.metrics.enabled }}
- --allow-metrics=false
{{- else }}
{{- if ne (int $Values.metrics.port) 8002 }}
- --metrics-port={{ int $Values.metrics.port }}
{{- end }}
{{- if eq (toString $Values.metrics.gpu) "auto" | ternary (not $derived.nvidia) (not $Values.metrics.gpu) }}
- --allow-gpu-metrics=false
{{- end }}
{{- if not $Values.metrics.cpu }}
- --allow-cpu-metrics=false
{{- end }}
{{- if ne (include "triton.number" $Values.metrics.interval) "2000" }}
- --metrics-interval-ms={{ include "triton.number" $Values.metrics.interval }}
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
{{- if not $Values.server.strictReadiness }}
- --strict-readiness=false
{{- end }}
{{- if not $Values.server.exitOnError }}
- --exit-on-error=false
{{- end }}
{{- if not $Values.server.autoCompleteConfig }}
- --disable-auto-complete-config
{{- end }}
{{- with $Values.server.backendDirectory }}
- {{ printf "--backend-directory=%s" . | quote }}
{{- end }}
{{- /* 23.04 loads with twice as many threads as it has processors. */}}
{{- if or (ne (int $Values.server.modelLoad.threads) 4) (lt $derived.version "23.05") }}
- --model-load-thread-count={{ int $Values.server.modelLoad.threads }}
{{- end }}
{{- if $Values.server.modelLoad.retries }}
- --model-load-retry-count={{ int $Values.server.modelLoad.retries }}
{{- end }}
{{- if $Values.server.log.verbose }}
- --log-verbose={{ int $Values.server.log.verbose }}
{{- end }}
{{- if not $Values.server.log.info }}
- --log-info=false
{{- end }}
{{- if not $Values.server.log.warning }}
- --log-warning=false
{{- end }}
{{- if not $Values.server.log.error }}
- --log-error=false
{{- end }}
{{- if ne $Values.server.log.format "default" }}
- --log-format={{ $Values.server.log.format }}
{{- end }}
{{- if $Values.server.trace.enabled }}
- --trace-config=mode={{ $Values.server.trace.mode }}
{{- if eq $Values.server.trace.mode "triton" }}
- {{ printf "--trace-config=triton,file=%s" $Values.server.trace.file | quote }}
{{- if $Values.server.trace.logFrequency }}
- --trace-config=triton,log-frequency={{ int $Values.server.trace.logFrequency }}
{{- end }}
{{- else }}
- {{ printf "--trace-config=opentelemetry,url=%s" $Values.server.trace.url | quote }}
{{- range $name, $value := $Values.server.trace.resource }}
- {{ printf "--trace-config=opentelemetry,resource=%s=%s" $name $value | replace "$(" "$$(" | quote }}
{{- end }}
{{- end }}
{{- range $Values.server.trace.level }}
- --trace-config=level={{ . }}
{{- end }}
- --trace-config=rate={{ int $Values.server.trace.rate }}
- --trace-config=count={{ int $Values.server.trace.count }}
{{- end }}
{{- if $Values.server.cache.local }}
- --cache-config=local,size={{ include "triton.number" $Values.server.cache.local.size }}
{{- else if $Values.server.cache.redis }}
- {{ printf "--cache-config=redis,host=%s" $Values.server.cache.redis.host | quote }}
- --cache-config=redis,port={{ int ($Values.server.cache.redis.port | default 6379) }}
{{- end }}
{{- if $Values.server.rateLimit.enabled }}
- --rate-limit=execution_count
{{- range $name, $count := $Values.server.rateLimit.resources }}
- {{ printf "--rate-limit-resource=%s:%d" $name (int $count) | quote }}
{{- end }}
{{- end }}
{{- if ne (include "triton.number" $Values.server.memory.pinnedPool) "268435456" }}
- --pinned-memory-pool-byte-size={{ include "triton.number" $Values.server.memory.pinnedPool }}
{{- end }}
{{- range $gpu, $size := $Values.server.memory.cudaPool }}
- {{ printf "--cuda-memory-pool-byte-size=%s:%s" $gpu (include "triton.number" $size) | quote }}
{{- end }}
{{- if and $Values.server.clientSharedMemory (ge $derived.version "26.04") }}
- --allow-client-shm=true
{{- end }}
{{- range $backend, $settings := $Values.server.backends }}
{{- range $setting, $value := $settings }}
{{- $text := toString $value }}
{{- if kindIs "float64" $value }}
{{- $text = int64 $value | toString }}
{{- else if and (hasSuffix "byte-size" $setting) (regexMatch "^[0-9]+[kMGT]i?$" $text) }}
{{- /* Backends read leading digits only: 1Mi would be one byte. */}}
{{- $text = include "triton.number" $value }}
{{- end }}
- {{ printf "--backend-config=%s,%s=%s" $backend $setting $text | replace "$(" "$$(" | quote }}
{{- end }}
{{- end }}
{{- range $Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}
