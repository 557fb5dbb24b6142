{{- /* Numbers of a pod that must fit each other. Arguments of each: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.checkShutdown" -}}
{{- $sum := add .derived.drain .derived.requestTimeout }}
{{- if lt (int64 .derived.grace) $sum }}
{{- fail (printf "TF112 terminationGracePeriodSeconds: %s, so requests in flight would be killed: %s"
      (printf "%d is less than shutdown.drain + shutdown.requestTimeout = %d" (int .derived.grace) $sum)
      "raise it, or set it to 0 to derive it") }}
{{- end }}
{{- end }}

{{- define "triton.checkResources" -}}
{{- $requests := .root.Values.resources.requests }}
{{- $limits := .root.Values.resources.limits }}
{{- $advice := "raise the limit or lower the request" }}
{{- range $resource := list "memory" "ephemeral-storage" }}
{{- $request := get $requests $resource }}
{{- $limit := get $limits $resource }}
{{- if and $request $limit (gt (include "triton.bytes" $request | int64) (include "triton.bytes" $limit | int64)) }}
{{- fail (printf "TF116 resources.requests.%s: %v is above the limit %v: %s" $resource $request $limit $advice) }}
{{- end }}
{{- end }}
{{- range $resource := keys $requests $limits | uniq | sortAlpha }}
{{- if or (contains "/" $resource) (hasPrefix "hugepages-" $resource) }}
{{- $request := get $requests $resource | toString }}
{{- $limit := get $limits $resource | toString }}
{{- if not (hasKey $limits $resource) }}
{{- fail (printf "TF116 resources.requests.%s: %s: set the same limit" $resource "what is not shared is asked for by its limit") }}
{{- else if and (hasKey $requests $resource) (ne (include "triton.bytes" $request) (include "triton.bytes" $limit)) }}
{{- fail (printf "TF116 resources.requests.%s: %s is not the limit %s: set both to the same" $resource $request $limit) }}
{{- end }}
{{- if hasPrefix "hugepages-" $resource }}
{{- if mod (include "triton.bytes" $limit) (include "triton.bytes" (trimPrefix "hugepages-" $resource)) }}
{{- fail (printf "TF116 resources.limits.%s: %s is no whole number of pages: choose a multiple" $resource $limit) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $claims := list }}
{{- range $index, $claim := .root.Values.accelerator.claims }}
{{- if has .name $claims }}
{{- fail (printf "TF161 accelerator.claims[%d].name: two claims are called %s: give each its own name" $index .name) }}
{{- end }}
{{- $claims = append $claims .name }}
{{- end }}
{{- if and $requests.cpu $limits.cpu }}
{{- $millicores := list }}
{{- range list (toString $requests.cpu) (toString $limits.cpu) }}
{{- $millicores = append $millicores (ternary (trimSuffix "m" . | float64) (mulf 1000 (float64 .)) (hasSuffix "m" .)) }}
{{- end }}
{{- if gt (first $millicores) (last $millicores) }}
{{- fail (printf "TF116 resources.requests.cpu: %v is above the limit %v: %s" $requests.cpu $limits.cpu $advice) }}
{{- end }}
{{- end }}
{{- $sharedMemory := int64 .derived.sharedMemoryBytes }}
{{- with $limits.memory }}
{{- if gt (mul 2 $sharedMemory) (include "triton.bytes" . | int64) }}
{{- fail (printf "TF113 sharedMemory.size: %s: raise resources.limits.memory"
      (printf "/dev/shm of %d bytes is more than half of the memory limit %v, towards which it counts" $sharedMemory .)) }}
{{- end }}
{{- end }}
{{- $device := .root.Values.accelerator.resource }}
{{- if or (hasKey $requests $device) (hasKey $limits $device) }}
{{- fail (printf "TF118 resources: %s is a device: set accelerator.count instead" $device) }}
{{- end }}
{{- end }}

{{- define "triton.checkPods" -}}
{{- $autoscaling := .root.Values.autoscaling }}
{{- $key := "replicas" }}
{{- $pods := int .root.Values.replicas }}
{{- if $autoscaling.enabled }}
{{- $key = "autoscaling.maxReplicas" }}
{{- $pods = int $autoscaling.maxReplicas }}
{{- if gt (int $autoscaling.minReplicas) $pods }}
{{- fail (printf "TF122 autoscaling.minReplicas: %s: lower it, or raise maxReplicas"
      (printf "%d is more than maxReplicas %d" (int $autoscaling.minReplicas) $pods)) }}
{{- end }}
{{- end }}
{{- if and .derived.singleNode (gt $pods 1) }}
{{- fail (printf "TF110 %s: %s: add ReadWriteMany to its accessModes, or run one pod" $key
      (printf "%d pods cannot share the created claim, which only one node can mount" $pods)) }}
{{- end }}
{{- end }}
