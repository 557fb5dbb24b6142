{{- /*
triton.derived: what several objects must agree on, each worked out here and nowhere else. JSON, which is read ten times as fast as YAML.

  version, versionKnown             the server's release, YY.MM; one that the tag does not say counts as the newest
  drain, requestTimeout, startup    seconds, as people said them
  grace, progressDeadline           seconds that follow from those
  connectionAge                     milliseconds; 0 is never
  singleNode                        only one node can mount the claim that the chart creates
  replace                           the old pod stops before the new one starts
  explicit                          the server loads the models that it is told to load, and no others
  locked                            in explicit mode: its control API asks for a key
  nvidia                            the pods have an NVIDIA device
  sharedMemory, sharedMemoryBytes   size of /dev/shm, as a quantity and in bytes
  ports                             the Service's ports by name: http, grpc, metrics
  metricsApart                      metrics have a Service of their own
*/}}
{{- define "triton.derived" -}}
{{- $drain := div (include "triton.number" .Values.shutdown.drain) 1000 }}
{{- $requestTimeout := div (include "triton.number" .Values.shutdown.requestTimeout) 1000 }}
{{- $startup := div (include "triton.number" .Values.startup.timeout) 1000 }}
{{- $pull := div (include "triton.number" .Values.startup.pull) 1000 }}
{{- $grace := int .Values.terminationGracePeriodSeconds | default (add $drain $requestTimeout 15) }}
{{- /* Clients are asked away before SIGTERM: 5 s before the end of the drain, half-way when the drain is short. */}}
{{- $connectionAge := max (mul 1000 (sub $drain 5)) (mul 500 $drain) }}
{{- with .Values.grpc.maxConnectionAge }}{{ $connectionAge = include "triton.number" . | int64 }}{{ end }}

{{- $singleNode := false }}
{{- with (default dict .Values.repository.pvc).create }}
{{- $modes := .accessModes | default (list "ReadWriteOnce") }}
{{- $singleNode = not (or (has "ReadWriteMany" $modes) (has "ReadOnlyMany" $modes)) }}
{{- end }}
{{- $replace := or (eq .Values.rollout "replace") (and (eq .Values.rollout "auto") $singleNode) }}

{{- $version := .Values.image.tritonVersion | default (regexFind "^[0-9]{2}\\.(0[1-9]|1[0-2])" .Values.image.tag) }}
{{- $explicit := or (eq .Values.modelControl.mode "explicit") (and (eq .Values.modelControl.mode "auto") (not (empty .Values.loadModels))) }}
{{- $nvidia := and (hasPrefix "nvidia.com/" .Values.accelerator.resource) (not (empty (or .Values.accelerator.count .Values.accelerator.claims))) }}

{{- /* A Python model's stub takes 1 MiB of /dev/shm per instance at its start and grows; 64Mi + 16Mi each has held. */}}
{{- $needed := ternary (mul 1048576 (add 64 (mul 16 (int .Values.sharedMemory.pythonInstances)))) 0 (not (empty .Values.sharedMemory.pythonInstances)) }}
{{- $sharedMemory := .Values.sharedMemory.size }}
{{- $sharedMemoryBytes := include "triton.number" $sharedMemory | int64 }}
{{- if lt $sharedMemoryBytes (int64 $needed) }}
{{- $sharedMemoryBytes = int64 $needed }}
{{- $sharedMemory = $sharedMemoryBytes }}
{{- else if not (kindIs "string" $sharedMemory) }}
{{- $sharedMemory = $sharedMemoryBytes }}
{{- end }}

{{- $service := .Values.service }}
{{- $ports := dict
      "http" (int ($service.ports.http | default .Values.http.port))
      "grpc" (int ($service.ports.grpc | default .Values.grpc.port))
      "metrics" (int ($service.ports.metrics | default .Values.metrics.port)) }}
{{- $metricsAsked := or $service.ports.metrics $service.nodePorts.metrics }}

{{- dict
      "version" ($version | default "99.12")
      "versionKnown" (not (empty $version))
      "drain" $drain
      "requestTimeout" $requestTimeout
      "startup" $startup
      "grace" $grace
      "progressDeadline" (add $pull $startup 60 (ternary $grace 0 $replace))
      "connectionAge" $connectionAge
      "singleNode" $singleNode
      "replace" $replace
      "explicit" $explicit
      "locked" (and $explicit (ne .Values.modelControl.api "open"))
      "nvidia" $nvidia
      "sharedMemory" (toString $sharedMemory)
      "sharedMemoryBytes" $sharedMemoryBytes
      "ports" $ports
      "metricsApart" (and .Values.metrics.enabled (ne $service.type "ClusterIP") (not $metricsAsked)) | toJson }}
{{- end }}

{{- /* triton.number: bytes of a quantity (256Mi), milliseconds of a duration (10s). Argument: the value, text or number. */}}
{{- define "triton.number" -}}
{{- if kindIs "string" . }}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000
      "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "ms" 1 "s" 1000 "m" 60000 "h" 3600000 }}
{{- $unit := trimAll "0123456789" . }}
{{- mul (trimSuffix $unit . | int64) (get $units $unit) }}
{{- else }}
{{- int64 . }}
{{- end }}
{{- end }}
