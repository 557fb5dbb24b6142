{{- /* Parts of triton.arguments.triton, with its arguments: the server itself. */}}
{{- define "triton.loadArguments" -}}
{{- $Values := .root.Values }}
{{- $derived := .derived }}
{{- if not $Values.server.strictReadiness }}
- --strict-readiness=false
{{- end }}
{{- if not $Values.server.exitOnError }}
- --exit-on-error=false
{{- end }}
{{- /* Before 22.07 a server completes configurations only when it is told to. */}}
{{- if lt $derived.version "22.07" }}
{{- if $Values.server.autoCompleteConfig }}
- --strict-model-config=false
{{- end }}
{{- else if not $Values.server.autoCompleteConfig }}
- --disable-auto-complete-config
{{- end }}
{{- with $Values.server.backendDirectory }}
- {{ printf "--backend-directory=%s" . | quote }}
{{- end }}
{{- /* Until 23.04 a server loads with twice as many threads as it has processors; before 22.07 it takes no other number. */}}
{{- $defaultDiffers := and (ge $derived.version "22.07") (lt $derived.version "23.05") }}
{{- if or (ne (int $Values.server.modelLoad.threads) 4) $defaultDiffers }}
- --model-load-thread-count={{ int $Values.server.modelLoad.threads }}
{{- end }}
{{- if $Values.server.modelLoad.retries }}
- --model-load-retry-count={{ int $Values.server.modelLoad.retries }}
{{- end }}
{{- end }}

{{- define "triton.logArguments" -}}
{{- $Values := .root.Values }}
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
{{- with $Values.server.log.file }}
- {{ printf "--log-file=%s" . | quote }}
{{- end }}
{{- end }}

{{- define "triton.traceArguments" -}}
{{- $Values := .root.Values }}
{{- if $Values.server.trace.enabled }}
- --trace-config=mode={{ $Values.server.trace.mode }}
{{- if eq $Values.server.trace.mode "triton" }}
- {{ printf "--trace-config=triton,file=%s" $Values.server.trace.file | quote }}
{{- if $Values.server.trace.logFrequency }}
- --trace-config=triton,log-frequency={{ int $Values.server.trace.logFrequency }}
{{- end }}
{{- else }}
- {{ printf "--trace-config=opentelemetry,url=%s" $Values.server.trace.url | quote }}
{{- range $setting, $number := $Values.server.trace.batch }}
- --trace-config=opentelemetry,{{ $setting }}={{ int $number }}
{{- end }}
{{- range $name, $value := $Values.server.trace.resource }}
{{- $text := printf "--trace-config=opentelemetry,resource=%s=%s" $name $value | replace "$(" "$$(" }}
- {{ regexReplaceAll "\\$\\$\\((POD_NAME|POD_NAMESPACE|POD_IP|NODE_NAME)\\)" $text "$$(${1})" | quote }}
{{- end }}
{{- end }}
{{- range $Values.server.trace.level }}
- --trace-config=level={{ . }}
{{- end }}
- --trace-config=rate={{ int $Values.server.trace.rate }}
- --trace-config=count={{ int $Values.server.trace.count }}
{{- end }}
{{- end }}

{{- define "triton.memoryArguments" -}}
{{- $Values := .root.Values }}
{{- $derived := .derived }}
{{- if $Values.server.cache.local }}
- --cache-config=local,size={{ include "triton.bytes" $Values.server.cache.local.size }}
{{- else if $Values.server.cache.redis }}
- {{ printf "--cache-config=redis,host=%s" $Values.server.cache.redis.host | quote }}
- --cache-config=redis,port={{ int ($Values.server.cache.redis.port | default 6379) }}
{{- end }}
{{- if $Values.server.rateLimit.enabled }}
- --rate-limit=execution_count
{{- range $name, $count := $Values.server.rateLimit.resources }}
{{- if kindIs "map" $count }}
{{- range $device, $number := $count }}
- {{ printf "--rate-limit-resource=%s:%d:%s" $name (int $number) $device | quote }}
{{- end }}
{{- else }}
- {{ printf "--rate-limit-resource=%s:%d" $name (int $count) | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if ne (include "triton.bytes" $Values.server.memory.pinnedPool) "268435456" }}
- --pinned-memory-pool-byte-size={{ include "triton.bytes" $Values.server.memory.pinnedPool }}
{{- end }}
{{- range $gpu, $size := $Values.server.memory.cudaPool }}
- {{ printf "--cuda-memory-pool-byte-size=%s:%s" $gpu (include "triton.bytes" $size) | quote }}
{{- end }}
{{- if and $Values.server.clientSharedMemory (ge $derived.version "26.04") }}
- --allow-client-shm=true
{{- end }}
{{- end }}

{{- define "triton.backendArguments" -}}
{{- $Values := .root.Values }}
{{- range $backend, $settings := $Values.server.backends }}
{{- range $setting, $value := $settings }}
{{- $text := toString $value }}
{{- if kindIs "float64" $value }}
{{- $text = int64 $value | toString }}
{{- else if and (hasSuffix "byte-size" $setting) (regexMatch "^[0-9]+[kMGT]i?$" $text) }}
{{- /* Backends read leading digits only: 1Mi would be one byte. */}}
{{- $text = include "triton.bytes" $value }}
{{- end }}
{{- $whose := ternary (printf "%s," $backend) "" (not (empty $backend)) }}
- {{ printf "--backend-config=%s%s=%s" $whose $setting $text | replace "$(" "$$(" | quote }}
{{- end }}
{{- end }}
{{- end }}
