{{- /*
triton.check: what the schema can't say. Each message begins with a code and the key, and ends with what to do; the first one stops
the render. The code is that of the rule by which `tritonfleet validate` says the same earlier, with the file and the line;
docs/rules.md explains it to whoever installs the chart by hand and meets it here.
Arguments: (dict "root" $ "derived" <triton.derived, read>)
*/}}
{{- define "triton.check" -}}
{{- include "triton.checkRequired" .root }}
{{- include "triton.checkImage" .derived.image }}
{{- include "triton.checkMode" . }}
{{- include "triton.checkPorts" . }}
{{- include "triton.checkShutdown" . }}
{{- include "triton.checkResources" . }}
{{- include "triton.checkPods" . }}
{{- include "triton.checkModels" .root }}
{{- include "triton.checkGate" . }}
{{- include "triton.checkBenchmark" . }}
{{- end }}

{{- define "triton.checkRequired" -}}
{{- if not .Values.repository }}
{{- fail (printf "TF052 repository: nothing says where the models are: set exactly one of %s"
      "image, pvc, s3, gcs, azure, oci, emptyDir, hostPath, nfs, volume, configMap or vllm") }}
{{- end }}
{{- $name := include "triton.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "TF052 fullnameOverride: %s: set fullnameOverride, or choose another release name"
      (printf "%q cannot name a Service, whose name begins with a letter and has only a-z, 0-9 and -" $name)) }}
{{- end }}
{{- end }}

{{- /* Argument: derived.image */}}
{{- define "triton.checkImage" -}}
{{- if not (or .tag .digest) }}
{{- fail (printf "TF054 image.tag: %s: set it, for example image: {tag: \"24.10-py3\"}"
      "nothing says which Triton runs (there is no default, so that a new chart never changes the server)") }}
{{- end }}
{{- $ending := regexFind "-py3(-igpu)?-(sdk|min)$" .tag }}
{{- if $ending }}
{{- $what := ternary "of clients and tools" "to build others on" (hasSuffix "sdk" $ending) }}
{{- fail (printf "TF159 image.tag: %s is the image %s, without a server: use %s" .tag $what (regexReplaceAll "-(sdk|min)$" .tag "")) }}
{{- end }}
{{- $first := regexFind "^(localhost|[^/]*[.:][^/]*)/" .repository | trimSuffix "/" }}
{{- if and $first (has .registry (list "nvcr.io" $first)) }}
{{- fail (printf "TF159 image.repository: it begins with the registry %s, and pods would ask %s for it: set image.registry to %s"
      $first .registry (printf "%s and leave it out here" $first)) }}
{{- end }}
{{- if eq (base .repository) "tensorrtserver" }}
{{- fail (printf "TF159 image.repository: tensorrtserver is the server before Triton: %s: use nvidia/tritonserver"
      "it has other flags and the v1 protocol, with other paths for probes") }}
{{- end }}
{{- end }}

{{- /* What the mode cannot do: values that would do nothing, which its table lists. Nothing is dropped in silence. */}}
{{- define "triton.checkMode" -}}
{{- $Values := .root.Values }}
{{- $mode := .derived.mode }}
{{- $table := include "triton.flagsTable" . | fromJson }}
{{- if and $table.since (lt .derived.version $table.since) }}
{{- fail (printf "TF132 server.mode: %s: use a newer image"
      (printf "%s was added in Triton %s and the image is %s" $mode $table.since .derived.version)) }}
{{- end }}
{{- range $key, $row := $table.values }}
{{- $value := include "triton.valueAt" (dict "Values" $Values "key" $key) }}
{{- $switch := $row.unless | default $row.when | toString }}
{{- $on := include "triton.valueAt" (dict "Values" $Values "key" $switch) | eq "true" }}
{{- $works := or (and $row.unless $on) (and $row.when (not $on)) }}
{{- $harmless := list (toJson $row.default) }}
{{- range $row.also }}{{ $harmless = append $harmless (toJson .) }}{{ end }}
{{- if not (or $works (has $value $harmless)) }}
{{- $advice := ternary "remove it" (printf "set it back to %s" (toJson $row.default)) (kindIs "invalid" $row.default) }}
{{- with $row.instead }}{{ $advice = printf "%s, and %s" $advice . }}{{ end }}
{{- with $row.unless }}{{ $advice = printf "%s, or set %s to true" $advice . }}{{ end }}
{{- with $row.when }}{{ $advice = printf "%s, or set %s to false" $advice . }}{{ end }}
{{- $told := printf "server.mode %s does not use it" $mode }}
{{- with $row.why }}{{ $told = printf "with server.mode %s, %s" $mode . }}{{ end }}
{{- fail (printf "TF180 %s: %s: %s" $key $told $advice) }}
{{- end }}
{{- end }}
{{- include (printf "triton.check.%s" $mode) . }}
{{- end }}

{{- define "triton.checkPorts" -}}
{{- $derived := .derived }}
{{- $Values := .root.Values }}
{{- $inside := dict }}
{{- $outside := dict }}
{{- $nodes := dict }}
{{- range $port := $derived.listeners }}
{{- $number := get $derived.containerPorts $port | toString }}
{{- if hasKey $inside $number }}
{{- fail (printf "TF117 %s.port: %s is the port of %s too: give each its own" $port $number (get $inside $number)) }}
{{- end }}
{{- $_ := set $inside $number $port }}
{{- end }}
{{- range $port := $derived.served }}
{{- if not (and $derived.metricsApart (eq $port "metrics")) }}
{{- $number := get $derived.ports $port | toString }}
{{- if hasKey $outside $number }}
{{- fail (printf "TF117 service.ports.%s: %s is the port of %s too: give each its own" $port $number (get $outside $number)) }}
{{- end }}
{{- $_ := set $outside $number $port }}
{{- end }}
{{- with get $Values.service.nodePorts $port }}
{{- $number := toString (int .) }}
{{- if hasKey $nodes $number }}
{{- fail (printf "TF117 service.nodePorts.%s: %s is the node port of %s too: give each its own" $port $number (get $nodes $number)) }}
{{- end }}
{{- $_ := set $nodes $number $port }}
{{- end }}
{{- end }}
{{- $names := list }}
{{- range $port := $derived.served }}
{{- $names = append $names (get $Values.service.portNames $port | default $port) }}
{{- end }}
{{- range $Values.service.extraPorts }}{{ $names = append $names .name }}{{ end }}
{{- if ne (len $names) (len (uniq $names)) }}
{{- fail (printf "TF117 service: two ports have one name: give each its own (%s)" (join ", " $names)) }}
{{- end }}
{{- range $Values.service.extraPorts }}
{{- $number := toString (int .port) }}
{{- if hasKey $outside $number }}
{{- fail (printf "TF117 service.extraPorts: %s is the port of %s too: give each its own" $number (get $outside $number)) }}
{{- end }}
{{- $_ := set $outside $number .name }}
{{- $number = toString (int .nodePort) }}
{{- if and .nodePort (hasKey $nodes $number) }}
{{- fail (printf "TF117 service.extraPorts: %s is the node port of %s too: give each its own" $number (get $nodes $number)) }}
{{- end }}
{{- $_ := set $nodes $number .name }}
{{- end }}
{{- if $Values.ingress.enabled }}
{{- range $Values.ingress.hosts }}
{{- $port := .port | default $derived.main }}
{{- if not (has $port $derived.served) }}
{{- fail (printf "TF123 ingress.hosts: %s leads to %s, which is off: enable it, or remove the host" (.host | default "one") $port) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
