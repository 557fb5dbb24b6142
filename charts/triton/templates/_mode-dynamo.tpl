{{- /*
Mode dynamo: `python3 -m dynamo.triton`, which has Triton in its own process, as a worker behind a frontend of Dynamo.
Clients meet the frontend, whose objects are in frontend-*.yaml; _check-dynamo says what the mode can't do.
triton.derive.dynamo: what listens in the worker, as JSON; triton.derived says what each word means. Triton ends within Dynamo's 30 s.
*/}}
{{- define "triton.derive.dynamo" -}}
{{- $dynamo := .Values.dynamo }}
{{- $ports := dict "rpc" (int $dynamo.rpcPort) "metrics" (int .Values.metrics.port) }}
{{- dict "listeners" (list "rpc" "metrics") "containerPorts" $ports "scrape" "metrics" "main" "http" "restricted" list
      "served" (ternary (list "grpc" "http") list $dynamo.frontend.enabled) "ports" $dynamo.frontend.ports
      "component" "frontend" "stop" 30 "drains" true "asksKubernetes" (eq $dynamo.discovery "kubernetes") | toJson }}
{{- end }}

{{- define "triton.program.dynamo" -}}
- python3
- -m
- dynamo.triton
{{- end }}

{{- /* triton.arguments.dynamo: dynamo.triton's flags, which are a part of tritonserver's. Arguments: those of triton.arguments.triton. */}}
{{- define "triton.arguments.dynamo" -}}
{{- range .paths }}
- {{ printf "--model-repository=%s" . | quote }}
{{- end }}
- --exit-timeout-secs={{ min 30 (int64 .derived.requestTimeout) }}
{{- $metrics := .root.Values.metrics }}
{{- $gpu := $metrics.gpu }}
{{- if eq (toString $gpu) "auto" }}{{ $gpu = .derived.nvidia }}{{ end }}
{{- if not $gpu }}
- --allow-gpu-metrics=false
{{- end }}
{{- if not $metrics.cpu }}
- --allow-cpu-metrics=false
{{- end }}
{{- if ne (include "triton.milliseconds" $metrics.interval) "2000" }}
- --metrics-interval-ms={{ include "triton.milliseconds" $metrics.interval }}
{{- end }}
{{- $server := .root.Values.server }}
{{- if not $server.strictReadiness }}
- --strict-readiness=false
{{- end }}
{{- with $server.backendDirectory }}
- {{ printf "--backend-directory=%s" . | quote }}
{{- end }}
{{- if ne (int $server.modelLoad.threads) 4 }}
- --model-load-thread-count={{ int $server.modelLoad.threads }}
{{- end }}
{{- with $server.modelLoad.retries }}
- --model-load-retry-count={{ int . }}
{{- end }}
{{- include "triton.logArguments" . }}
{{- include "triton.memoryArguments" . }}
{{- include "triton.backendArguments" . }}
{{- range .root.Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- /*
triton.health.dynamo: handlers of probes. Both paths answer 503 until every model serves, so only the startup probe may wait for them.
Arguments: those of triton.health.triton
*/}}
{{- define "triton.health.dynamo" -}}
{{- $ready := dict "httpGet" (dict "path" "/health" "port" "metrics") }}
{{- $alive := dict "httpGet" (dict "path" "/live" "port" "metrics") }}
{{- dict "started" $ready "alive" $alive "ready" $ready | toJson }}
{{- end }}

{{- /* triton.variables.dynamo: the worker's variables, which nobody else may set, as JSON. Arguments: those of triton.container. */}}
{{- define "triton.variables.dynamo" -}}
{{- $own := dict
      "DYN_SYSTEM_PORT" (toString .derived.containerPorts.metrics)
      "DYN_TCP_RPC_PORT" (toString .derived.containerPorts.rpc) }}
{{- /* A request may take longer than Dynamo lets Triton stop: what is missing is waited for before. */}}
{{- $grace := add .derived.drain (max 0 (sub .derived.requestTimeout .derived.stop)) }}
{{- $_ := set $own "DYN_GRACEFUL_SHUTDOWN_GRACE_PERIOD_SECS" (toString $grace) }}
{{- merge $own (include "triton.dynamoVariables" (dict "root" .root "env" .root.Values.env) | fromJson) | toJson }}
{{- end }}

{{- /* triton.check.dynamo: what this mode cannot do. Arguments: (dict "root" $ "derived" <triton.derived, read>) */}}
{{- define "triton.check.dynamo" -}}
{{- include "triton.checkDynamo" . }}
{{- end }}

{{- /* triton.paths.dynamo: in the way of triton.paths.triton; an inference is none of HTTP's. */}}
{{- define "triton.paths.dynamo" -}}
{{- $ready := list }}
{{- range .derived.models }}{{ $ready = append $ready (printf "/v1/models/%s" .) }}{{ end }}
{{- dict "ready" $ready "inference" "" "description" (first $ready) | toJson }}
{{- end }}

{{- /*
triton.dynamoVariables: those that worker and frontend both have, as JSON. How they log is people's to say: at `info` each request has
five lines. Arguments: (dict "root" $ "env" <people's variables>)
*/}}
{{- define "triton.dynamoVariables" -}}
{{- $log := dict "DYN_LOG" "warn" "DYN_LOGGING_JSONL" "true" }}
{{- $variables := merge (pick .env "DYN_LOG" "DYN_LOGGING_JSONL") $log }}
{{- with .root }}
{{- $variables = merge $variables (dict
      "DYN_NAMESPACE" (include "triton.dynamoNamespace" .)
      "DYN_DISCOVERY_BACKEND" .Values.dynamo.discovery
      "DYN_REQUEST_PLANE" "tcp"
      "DYN_EVENT_PLANE" "zmq") }}
{{- if eq .Values.dynamo.discovery "kubernetes" }}
{{- range $variable, $field := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" "POD_UID" "metadata.uid" }}
{{- $_ := set $variables $variable (dict "valueFrom" (dict "fieldRef" (dict "fieldPath" $field))) }}
{{- end }}
{{- else if eq .Values.dynamo.discovery "etcd" }}
{{- $_ := set $variables "ETCD_ENDPOINTS" (join "," .Values.dynamo.etcdEndpoints) }}
{{- else }}
{{- $_ := set $variables "DYN_FILE_KV" "/dynamo" }}
{{- end }}
{{- end }}
{{- $variables | toJson }}
{{- end }}

{{- /* triton.dynamoNamespace: Dynamo's own, in which a frontend finds workers; one for each release unless people say another. */}}
{{- define "triton.dynamoNamespace" -}}
{{- .Values.dynamo.namespace | default (include "triton.fullname" .) }}
{{- end }}

{{- /* triton.dynamoLabels: of the pods that talk to each other, besides those of their release. */}}
{{- define "triton.dynamoLabels" -}}
tritonfleet/dynamo-namespace: {{ include "triton.dynamoNamespace" . | quote }}
{{- end }}

{{- /* triton.frontendLabels: what selects the frontend's pods, and only them. */}}
{{- define "triton.frontendLabels" -}}
{{ include "triton.instanceLabels" . }}
app.kubernetes.io/component: frontend
{{- end }}

{{- /* triton.dynamoVolume: where workers register in files, as a list of volumes. */}}
{{- define "triton.dynamoVolume" -}}
{{- if and (eq .Values.server.mode "dynamo") (eq .Values.dynamo.discovery "file") }}
- name: dynamo
  persistentVolumeClaim:
    claimName: {{ .Values.dynamo.fileClaim | quote }}
{{- end }}
{{- end }}

{{- define "triton.dynamoMount" -}}
{{- if and (eq .Values.server.mode "dynamo") (eq .Values.dynamo.discovery "file") }}
- name: dynamo
  mountPath: /dynamo
{{- end }}
{{- end }}

{{- /*
triton.dynamoEgress: rules of a network policy: the pods of the same Dynamo namespace, and where workers register. A cluster's API has
no selector: 443 is its Service's port, and 6443 where policies see the address behind it.
*/}}
{{- define "triton.dynamoEgress" -}}
- to:
    - podSelector:
        matchLabels: {{- include "triton.dynamoLabels" . | nindent 10 }}
{{- if eq .Values.dynamo.discovery "kubernetes" }}
- ports:
    - port: 443
    - port: 6443
{{- else if eq .Values.dynamo.discovery "etcd" }}
{{- $ports := dict }}
{{- range .Values.dynamo.etcdEndpoints }}{{ $_ := set $ports (regexFind "[0-9]+$" . | default "2379") true }}{{ end }}
- ports:
    {{- range keys $ports | sortAlpha }}
    - port: {{ . }}
    {{- end }}
{{- end }}
{{- end }}
