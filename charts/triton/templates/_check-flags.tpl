{{- /*
triton.checkFlags: what the server's release must know: its flags, which the mode's table lists, and some values.
Arguments: (dict "root" $ "derived" <triton.derived, read> "arguments" <the mode's>)
*/}}
{{- define "triton.checkFlags" -}}
{{- $table := include "triton.flagsTable" . | fromJson }}
{{- include "triton.checkLock" . }}
{{- include "triton.checkExtraArgs" (dict "Values" .root.Values "derived" .derived "flags" $table.flags) }}
{{- include "triton.checkReleases" (dict "Values" .root.Values "version" .derived.version "arguments" .arguments "table" $table) }}
{{- include "triton.checkRestrictedApis" . }}
{{- end }}

{{- /*
triton.flagsTable: what the mode's server takes, as files/flags.json has it for tritonserver and files/flags-<mode>.json for another.
Arguments: those of triton.checkFlags
*/}}
{{- define "triton.flagsTable" -}}
{{- .root.Files.Get (ternary "files/flags.json" (printf "files/flags-%s.json" .derived.mode) (eq .derived.mode "triton")) }}
{{- end }}

{{- /* triton.valueAt: a value as JSON; null where there is none. Arguments: (dict "Values" "key" <with dots>) */}}
{{- define "triton.valueAt" -}}
{{- $found := .Values }}
{{- range splitList "." .key }}
{{- $section := default dict $found }}
{{- $found = ternary (get $section .) nil (hasKey $section .) }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{- define "triton.checkLock" -}}
{{- $version := .derived.version }}
{{- if and .derived.locked (lt $version "23.11") }}
{{- fail (printf "TF136 modelControl.api: %s: %s"
      (printf "Triton %s cannot lock its HTTP API, only 23.11 and newer can" $version)
      "set modelControl.api to open if only trusted clients reach the server, or use a newer image") }}
{{- end }}
{{- end }}

{{- /* Arguments: (dict "Values" "derived" "flags") */}}
{{- define "triton.checkExtraArgs" -}}
{{- $api := .Values.modelControl.api }}
{{- $mode := .derived.mode }}
{{- range $argument := .Values.extraArgs }}
{{- $flag := regexFind "^--[a-z0-9-]+" $argument | trimPrefix "--" }}
{{- $row := get $.flags $flag }}
{{- if regexMatch "TRITON_(LOCK|API_KEY_)" $argument }}
{{- fail (printf "TF137 extraArgs: %s uses a variable that holds a key to the server's APIs: remove it" $argument) }}
{{- end }}
{{- if not (hasKey $.flags $flag) }}
{{- $server := ternary "tritonserver" (printf "server.mode %s" $mode) (eq $mode "triton") }}
{{- $file := ternary "files/flags.json" (printf "files/flags-%s.json" $mode) (eq $mode "triton") }}
{{- fail (printf "TF130 extraArgs: %s has no flag --%s: %s of the chart lists those that it has" $server $flag $file) }}
{{- else if $row.owner }}
{{- fail (printf "TF131 extraArgs: --%s is set by `%s`: remove it from extraArgs" $flag ($row.deprecated | default $row.owner)) }}
{{- else if and $.derived.locked (has $flag (list "allow-sagemaker" "allow-vertex-ai"))
      (not (regexMatch "=(false|0)$" (lower $argument))) }}
{{- fail (printf "TF137 extraArgs: %s: remove it, or set modelControl.api to open"
      (printf "--%s opens a way around `modelControl.api: %s`" $flag $api)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Arguments: (dict "Values" "version" "arguments" <the mode's> "table" <files/flags.json>) */}}
{{- define "triton.checkReleases" -}}
{{- $version := .version }}
{{- $flags := .table.flags }}
{{- /* The rendered arguments, so that no flag is forgotten whatever value it comes from. */}}
{{- range regexFindAll "(?m)^- \"?--[a-z0-9-]+" .arguments -1 }}
{{- $flag := trimAll "- \"" . }}
{{- $row := get $flags $flag }}
{{- /* Without a `since`, the flag is as old as the table, or older: nobody knows that the image lacks it. */}}
{{- if and $row.since (lt $version $row.since) }}
{{- fail (printf "%s %s: %s: use a newer image, or do without it"
      (ternary "TF132" "TF130" (hasKey $row "owner")) ($row.owner | default "extraArgs")
      (printf "--%s was added in Triton %s and the image is %s" $flag $row.since $version)) }}
{{- else if and $row.until (gt $version $row.until) }}
{{- fail (printf "%s %s: %s: leave it out"
      (ternary "TF132" "TF130" (hasKey $row "owner")) ($row.owner | default "extraArgs")
      (printf "--%s was removed after Triton %s and the image is %s" $flag $row.until $version)) }}
{{- end }}
{{- end }}
{{- if and .Values.metrics.enabled .Values.metrics.histograms (lt $version "24.11") }}
{{- fail (printf "TF132 metrics.histograms: %s: use a newer image, or metrics.summaries"
      (printf "they were added in Triton 24.11 and the image is %s" $version)) }}
{{- end }}
{{- if and (default dict .Values.repository.azure).identity (lt $version "26.05") }}
{{- fail (printf "TF132 repository.azure.identity: %s: use a newer image, or credentials"
      (printf "identities were added in Triton 26.05 and the image is %s" $version)) }}
{{- end }}
{{- end }}

{{- define "triton.checkRestrictedApis" -}}
{{- $seen := dict }}
{{- if .derived.locked }}
{{- $seen = dict "model-repository" "the lock" "trace" "the lock" "logging" "the lock" }}
{{- end }}
{{- $section := ternary "server" .derived.mode (eq .derived.mode "triton") }}
{{- range $index, $group := .derived.restricted }}
{{- range $group.apis }}
{{- if hasKey $seen . }}
{{- fail (printf "TF138 %s.restrictedApis[%d].apis: %s, and the server takes each API once: remove it here" $section $index
      (printf "%s is already in %s" . (get $seen .))) }}
{{- end }}
{{- $_ := set $seen . (printf "restrictedApis[%d]" $index) }}
{{- end }}
{{- end }}
{{- end }}
