{{- /*
triton.derived: what several objects must agree on, each worked out here and nowhere else.
As JSON, which is read ten times as fast as YAML. Deployment, Service, test and notes ask in every render; all templates of a render
have one context, and what is kept in it saves them six percent of the render's time. Without it each would work out the same.

  image                             its parts, of a text too
  version, versionKnown             the server's release, YY.MM; one that the tag does not say counts as the newest
  drain, requestTimeout, startup    seconds, as people said them
  grace, progressDeadline           seconds that follow from those
  testTimeout, testDeadline         seconds for one inference of the test, and for the whole test with its image's pull
  connectionAge                     milliseconds; 0 is never
  singleNode                        only one node can mount a claim that the chart creates
  replace                           the old pod stops before the new one starts
  mode                              what serves: triton, openai or dynamo
  listeners                         names of the listeners that are on, in the pod's order
  main                              of those, the one that clients without a wish are led to
  containerPorts                    the pod's port of each listener that the mode has
  restricted                        groups of APIs that ask for a key
  scrape                            the listener that answers /metrics
  served                            the listeners that the Service leads to
  component                         the pods that the Service leads to: server, or a frontend before it
  stop                              seconds that the server may take to end, whatever it has to do
  drains                            the server drains by itself after SIGTERM, so nothing sleeps before
  asksKubernetes                    the pods need a token
  flags                             the arguments are the chart's, and not a launcher's
  models                            those that loadModels names; `*` names none
  explicit                          the server loads the models that it is told to load, and no others
  locked                            in explicit mode: its control API asks for a key
  nvidia                            the pods have an NVIDIA device
  sharedMemory, sharedMemoryBytes   size of /dev/shm, as a quantity and in bytes
  disk, diskLimited                 bytes of local disk that the volumes may take; whether each of them has a limit
  ports                             the Service's port of each listener
  metricsApart                      metrics have a Service of their own
*/}}
{{- define "triton.derived" -}}
{{- if not (hasKey . "derived") }}
{{- $_ := set . "derived" (include "triton.derive" .) }}
{{- end }}
{{- .derived }}
{{- end }}

{{- define "triton.derive" -}}
{{- $drain := include "triton.seconds" .Values.shutdown.drain | int64 }}
{{- $requestTimeout := include "triton.seconds" .Values.shutdown.requestTimeout | int64 }}
{{- $startup := include "triton.seconds" .Values.startup.timeout | int64 }}
{{- $pull := include "triton.seconds" .Values.startup.pull | int64 }}
{{- /* Each mode has a room of its own, _mode-<mode>: what listens, what is started, and how it is asked whether it is ready. */}}
{{- $mode := .Values.server.mode }}
{{- $room := include (printf "triton.derive.%s" $mode) . | fromJson }}
{{- if not (hasKey $room "served") }}{{ $_ := set $room "served" $room.listeners }}{{ end }}
{{- $room = merge $room (dict "ports" $room.containerPorts "component" "server" "stop" 0 "drains" false "asksKubernetes" false) }}
{{- $grace := int .Values.terminationGracePeriodSeconds | default (add $drain $requestTimeout $room.stop 15) }}
{{- $testTimeout := $requestTimeout | default 30 }}
{{- /* Clients are asked away before SIGTERM: 5 s before the end of the drain, half-way when the drain is short. */}}
{{- $connectionAge := max (mul 1000 (sub $drain 5)) (mul 500 $drain) }}
{{- with .Values.grpc.maxConnectionAge }}{{ $connectionAge = include "triton.milliseconds" . | int64 }}{{ end }}

{{- $singleNode := false }}
{{- with (default dict .Values.repository.pvc).create }}
{{- $modes := .accessModes | default (list "ReadWriteOnce") }}
{{- $singleNode = not (or (has "ReadWriteMany" $modes) (has "ReadOnlyMany" $modes)) }}
{{- end }}
{{- range .Values.caches }}
{{- if and (hasKey . "create") (not (has "ReadWriteMany" (.create.accessModes | default list))) }}{{ $singleNode = true }}{{ end }}
{{- end }}
{{- $weights := include "triton.weights" . | fromJson }}
{{- if and $weights.copies (hasKey (default dict $weights.settings) "create") (not $weights.job) }}{{ $singleNode = true }}{{ end }}
{{- $replace := or (eq .Values.rollout "replace") (and (eq .Values.rollout "auto") $singleNode) }}

{{- $image := include "triton.imageParts" . | fromJson }}
{{- /* Other products have tags like 25.10, too: it is Triton's where the image's name or NVIDIA's ending says so. */}}
{{- $version := $image.tritonVersion }}
{{- if and (not $version) (or (contains "triton" $image.repository) (contains "-py3" $image.tag)) }}
{{- $version = regexFind "^[0-9]{2}\\.(0[1-9]|1[0-2])" $image.tag }}
{{- end }}
{{- $control := .Values.modelControl.mode }}
{{- $named := and (not (empty .Values.loadModels)) (ne .Values.server.mode "dynamo") }}
{{- $explicit := or (eq $control "explicit") (and (eq $control "auto") $named) }}
{{- $flags := not (or .Values.server.args .Values.server.imageCommand) }}

{{- $sharedMemory := include "triton.sharedMemory" . | fromJson }}
{{- $disk := include "triton.disk" . | fromJson }}
{{- $service := .Values.service }}
{{- $ports := dict }}
{{- range $listener, $port := $room.ports }}
{{- $_ := set $ports $listener (int (get $service.ports $listener | default $port)) }}
{{- end }}
{{- $metricsAsked := or $service.ports.metrics $service.nodePorts.metrics }}

{{- merge (dict
      "image" $image
      "version" ($version | default "99.12")
      "versionKnown" (not (empty $version))
      "drain" $drain
      "requestTimeout" $requestTimeout
      "startup" $startup
      "grace" $grace
      "progressDeadline" (add $pull $startup 60 (ternary $grace 0 $replace) .Values.minReadySeconds)
      "testTimeout" $testTimeout
      "testDeadline" (add $pull 60 $testTimeout)
      "connectionAge" $connectionAge
      "singleNode" $singleNode
      "replace" $replace
      "mode" $mode
      "flags" $flags
      "models" (without .Values.loadModels "*")
      "explicit" $explicit
      "locked" (and $flags $explicit (ne .Values.modelControl.api "open"))
      "nvidia" (include "triton.nvidia" . | eq "true")
      "sharedMemory" $sharedMemory.size
      "sharedMemoryBytes" (int64 $sharedMemory.bytes)
      "disk" (int64 $disk.bytes)
      "diskLimited" $disk.limited
      "ports" $ports
      "metricsApart" (and (has "metrics" $room.served) (ne $service.type "ClusterIP") (not $metricsAsked))) $room | toJson }}
{{- end }}

{{- /* triton.sharedMemory: size of /dev/shm as JSON {size, bytes}: what is asked for, or what Python instances need when that is more. */}}
{{- define "triton.sharedMemory" -}}
{{- /* A Python model's stub takes 1 MiB of /dev/shm per instance at its start and grows; 64Mi + 16Mi each has held. */}}
{{- $needed := int64 0 }}
{{- with .Values.sharedMemory.pythonInstances }}{{ $needed = mul 1048576 (add 64 (mul 16 .)) }}{{ end }}
{{- /* Processes of one vLLM engine exchange tensors there, through NCCL: NVIDIA's images ask for 1Gi. */}}
{{- if .Values.repository.vllm }}{{ $needed = max $needed 1073741824 }}{{ end }}
{{- $sharedMemory := .Values.sharedMemory.size }}
{{- $sharedMemoryBytes := include "triton.bytes" $sharedMemory | int64 }}
{{- if lt $sharedMemoryBytes $needed }}
{{- $sharedMemoryBytes = $needed }}
{{- $sharedMemory = $sharedMemoryBytes }}
{{- else if not (kindIs "string" $sharedMemory) }}
{{- $sharedMemory = $sharedMemoryBytes }}
{{- end }}
{{- dict "size" (toString $sharedMemory) "bytes" $sharedMemoryBytes | toJson }}
{{- end }}

{{- /* triton.nvidia: whether the server has an NVIDIA device: true or false. */}}
{{- define "triton.nvidia" -}}
{{- $nvidia := .Values.accelerator.nvidia }}
{{- if eq (toString $nvidia) "auto" }}
{{- /* Edge devices and default runtimes give a pod its device without a resource. */}}
{{- $visible := get .Values.env "NVIDIA_VISIBLE_DEVICES" }}
{{- $given := or (hasPrefix "nvidia" .Values.runtimeClassName) (not (has $visible (list "" "void" "none"))) }}
{{- $devices := or .Values.accelerator.count .Values.accelerator.claims }}
{{- $nvidia = ternary (hasPrefix "nvidia.com/" .Values.accelerator.resource) $given (not (empty $devices)) }}
{{- end }}
{{- $nvidia }}
{{- end }}

{{- /* triton.seconds: of a duration of whole seconds. Argument: text like 30s, 10m or 1h. */}}
{{- define "triton.seconds" -}}
{{- $unit := trimAll "0123456789" . }}
{{- mul (trimSuffix $unit .) (get (dict "s" 1 "m" 60 "h" 3600) $unit) }}
{{- end }}

{{- /* triton.milliseconds: of any duration. Argument: text like 500ms, 30s, 10m or 1h. */}}
{{- define "triton.milliseconds" -}}
{{- $unit := trimAll "0123456789" . }}
{{- mul (trimSuffix $unit .) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) $unit) }}
{{- end }}

{{- /* triton.bytes: of a quantity, rounded up to whole ones. Argument: a number, or text like 256Mi or 1.5Gi. */}}
{{- define "triton.bytes" -}}
{{- if kindIs "string" . }}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000
      "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 }}
{{- $unit := trimAll "0123456789." . }}
{{- mulf (trimSuffix $unit .) (get $units $unit) | ceil | int64 }}
{{- else }}
{{- int64 . }}
{{- end }}
{{- end }}

{{- /*
triton.disk: local disk that the volumes of the pod may take, as JSON {bytes, limited}.
One without a limit may take all, and then the chart sets no limit either.
*/}}
{{- define "triton.disk" -}}
{{- $disk := int64 0 }}
{{- if not (or .Values.scratch.volume .Values.scratch.medium) }}{{ $disk = include "triton.bytes" .Values.scratch.size | int64 }}{{ end }}
{{- range .Values.caches }}
{{- if not (or .claim (hasKey . "create") .medium) }}{{ $disk = add $disk (include "triton.bytes" .size) }}{{ end }}
{{- end }}
{{- range .Values.weights }}
{{- if and .size (not (hasKey . "create")) }}{{ $disk = add $disk (include "triton.bytes" .size) }}{{ end }}
{{- end }}
{{- with .Values.repository.emptyDir }}{{ $disk = add $disk (include "triton.bytes" .size) }}{{ end }}
{{- $diskLimited := true }}
{{- range .Values.volumes }}
{{- if and (hasKey . "emptyDir") (ne (toString (default dict .emptyDir).medium) "Memory") }}
{{- $size := include "triton.sizeLimit" .emptyDir | int64 }}
{{- $disk = add $disk $size }}
{{- if not $size }}{{ $diskLimited = false }}{{ end }}
{{- end }}
{{- end }}
{{- dict "bytes" $disk "limited" $diskLimited | toJson }}
{{- end }}

{{- /* triton.sizeLimit: bytes of an emptyDir's limit, written in any way that Kubernetes takes; 0 without one. Argument: the emptyDir. */}}
{{- define "triton.sizeLimit" -}}
{{- $units := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18
      "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 }}
{{- $text := toString (default dict .).sizeLimit }}
{{- $number := regexFind "^[0-9]+([.][0-9]*)?([eE][+-]?[0-9]+)?" $text }}
{{- mulf ($number | default 0) (get $units (trimPrefix $number $text) | default 0) | ceil | minf 1e18 | int64 }}
{{- end }}
