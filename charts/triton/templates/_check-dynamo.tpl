{{- /* triton.checkDynamo: what goes together in mode dynamo. Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.checkDynamo" -}}
{{- $Values := .root.Values }}
{{- $dynamo := $Values.dynamo }}
{{- if not .derived.models }}
{{- fail "TF189 loadModels: a frontend is ready when it knows a model: name the models of the repository" }}
{{- end }}
{{- with $Values.repository.configMap }}
{{- range keys .models | sortAlpha }}
{{- if not (has . $Values.loadModels) }}
{{- fail (printf "TF189 loadModels: a worker loads the whole repository, with %q: name it, or take it out of the repository" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- if hasKey $Values.server.backends "" }}
{{- fail "TF185 server.backends: a worker takes settings of single backends, not of all (\"\"): name each backend" }}
{{- end }}
{{- include "triton.checkDynamoVariables" .root }}
{{- include "triton.checkFrontend" . }}
{{- end }}

{{- /* triton.checkDynamoVariables: the chart's variables are nobody else's to set. Argument: $. */}}
{{- define "triton.checkDynamoVariables" -}}
{{- $taken := list "DYN_NAMESPACE" "DYN_DISCOVERY_BACKEND" "DYN_REQUEST_PLANE" "DYN_EVENT_PLANE" "DYN_SYSTEM_PORT" "DYN_TCP_RPC_PORT"
      "DYN_TCP_RESPONSE_STREAM_PORT" "DYN_GRACEFUL_SHUTDOWN_GRACE_PERIOD_SECS" "DYN_FILE_KV"
      "ETCD_ENDPOINTS" "POD_NAME" "POD_NAMESPACE" "POD_UID" }}
{{- range $key, $env := dict "env" .Values.env "dynamo.frontend.env" .Values.dynamo.frontend.env }}
{{- range $variable, $_ := $env }}
{{- if has $variable $taken }}
{{- fail (printf "TF185 %s.%s: the chart sets it: remove it" $key $variable) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* triton.checkFrontend: of this release, or of another one that its workers join. Arguments: those of triton.checkDynamo. */}}
{{- define "triton.checkFrontend" -}}
{{- $Values := .root.Values }}
{{- $dynamo := $Values.dynamo }}
{{- if and .derived.asksKubernetes (not (or $Values.serviceAccount.create $Values.serviceAccount.name)) }}
{{- fail (printf "TF189 serviceAccount.create: every pod of the namespace would get the rights of a worker: %s"
      "let the chart create the account, or name one") }}
{{- end }}
{{- if $dynamo.frontend.enabled }}
{{- if ne (values $dynamo.frontend.ports | uniq | len) 3 }}
{{- fail "TF189 dynamo.frontend.ports: two of them are the same: give each its own" }}
{{- end }}
{{- else }}
{{- if not $dynamo.namespace }}
{{- fail "TF189 dynamo.namespace: without a frontend nobody asks these workers: name the entry whose frontend they join" }}
{{- end }}
{{- if or $Values.ingress.enabled $Values.grpcRoute.enabled }}
{{- fail "TF189 dynamo.frontend.enabled: without a frontend there is no Service for a route: route to the entry that has it" }}
{{- end }}
{{- end }}
{{- range $Values.ingress.hosts }}
{{- if and $Values.ingress.enabled (ne (default "http" .port) "grpc") }}
{{- fail (printf "TF185 ingress.hosts: the frontend answers no inference over HTTP, which %s leads to: set its port to grpc"
      (.host | default "one")) }}
{{- end }}
{{- end }}
{{- end }}
