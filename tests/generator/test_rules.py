"""Each rule speaks where it should, once, on the line that says it; what the chart refuses, a rule refuses before."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

import hashlib
import random
import re
import string
from pathlib import Path
from typing import NamedTuple

import helm_python
import pytest

from tests.generator.fleets import CHART, FLEET, Build, problems, words
from tritonfleet.codes import OF_CHART
from tritonfleet.layers import merge
from tritonfleet.rules import RULES
from tritonfleet.values import Values, overlay
from tritonfleet.yaml import read, to_yaml

LOCAL = "repository: {image: {path: /m}}"
CLAIM = "repository: {pvc: {create: {size: 1Gi}, subPath: m}}"
ECHO = "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"python\"', 1/model.py: 'class TritonPythonModel: ...'}}}}"
# An ensemble that calls echo, and a model that it does not call.
PIPELINE = (
    "repository: {configMap: {models: {"
    'both: {config.pbtxt: \'platform: "ensemble" input { name: "I" data_type: TYPE_FP32 dims: 1 } '
    'output { name: "O" data_type: TYPE_FP32 dims: 1 } ensemble_scheduling { step { model_name: "echo" model_version: -1 '
    'input_map { key: "X" value: "I" } output_map { key: "Y" value: "O" } } }\', 1/x: \'\'}, '
    'echo: {config.pbtxt: \'backend: "python" input { name: "X" data_type: TYPE_FP32 dims: 1 } '
    "output { name: \"Y\" data_type: TYPE_FP32 dims: 1 }', 1/model.py: 'class TritonPythonModel: ...'}, "
    "other: {config.pbtxt: 'backend: \"python\"', 1/model.py: 'class TritonPythonModel: ...'}}}}"
)
ASKED = f'{LOCAL}\nstartup: {{inference: true}}\ntest: {{inference: {{model: a, body: "{{}}"}}}}'

OPENAI = f"image: {{tag: 26.08-vllm-python-py3}}\nsharedMemory: {{size: 1Gi}}\n{LOCAL}\nserver: {{mode: openai}}"
ETCD = "discovery: etcd, etcdEndpoints: ['http://etcd:2379']"
WORKER = f"{LOCAL}\nserver: {{mode: dynamo}}\ndynamo: {{{ETCD}}}\nloadModels: [a]"


CONFIG_MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"


class Case(NamedTuple):
    """Lines of an entry, what is said about them, and whether the chart refuses the values too."""

    lines: str
    said: str
    chart_refuses: bool = True


def extra(manifests: str, said: str) -> Case:
    """An entry with extra objects, which the chart renders as they are."""
    return Case(f"{LOCAL}\nextraObjects: [{manifests}]", said, chart_refuses=False)


CASES = {
    "claim": Case(f"{CLAIM}\nreplicas: 2", "TF110 4:15 2 pods cannot share the created claim"),
    "scaled claim": Case(
        f"{CLAIM}\nautoscaling: {{enabled: true, target: {{cpu: 80}}}}", "TF110 4:5 3 pods cannot share the created claim"
    ),
    "surge on a claim": Case(f"{CLAIM}\nrollout: surge", "TF111 4:14 the surge pod waits for the claim", False),
    "grace": Case(f"{LOCAL}\nterminationGracePeriodSeconds: 44", "TF112 4:36 the pod is killed after 44 s, but drain"),
    "shared memory": Case(f"{LOCAL}\nsharedMemory: {{size: 3Gi}}", "TF113 4:26 shared memory of 3Gi is more than half"),
    "shared memory of instances": Case(
        f"{LOCAL}\nsharedMemory: {{pythonInstances: 200}}", "TF113 4:5 shared memory of 3.19Gi is more than half"
    ),
    "vllm": Case(
        f"{LOCAL}\nimage: {{tag: 24.12-vllm-python-py3}}", "TF115 2:11 a vLLM image has 256Mi of shared memory", False
    ),
    "request": Case(f"{LOCAL}\nresources: {{requests: {{memory: 8Gi}}}}", "TF116 4:36 memory: the memory request 8Gi of"),
    "cpu request": Case(
        f"{LOCAL}\nresources: {{requests: {{cpu: 2500m}}, limits: {{cpu: 2}}}}", "TF116 4:33 cpu: the cpu request 2500m of"
    ),
    "listeners": Case(f"{LOCAL}\ngrpc: {{port: 8000}}", "TF117 4:18 grpc and http both listen on port 8000"),
    "service ports": Case(
        f"{LOCAL}\nservice: {{ports: {{grpc: 80, http: 80}}}}", "TF117 4:29 grpc and http are both port 80 of the Service"
    ),
    "own node ports": Case(
        f"{LOCAL}\nservice: {{type: NodePort, nodePorts: {{grpc: 30001, http: 30001}}}}",
        "TF117 4:49 grpc and http are both nodePort 30001",
    ),
    "device": Case(
        f"{LOCAL}\naccelerator: {{resource: vendor.example/npu, count: 1}}\n"
        "resources: {limits: {memory: 4Gi, vendor.example/npu: 1}}\nrollout: surge",
        "TF118 5:39 vendor.example/npu is a device",
    ),
    "hostPath": Case("repository: {hostPath: {path: /m}}", "TF119 3:18 Pod Security level `restricted` of dev refuses a hostPath volume", False),
    "nfs": Case("repository: {nfs: {server: a, path: /m}}", "TF119 3:18 Pod Security level `restricted` of dev refuses an nfs volume", False),
    "root": Case(f"{LOCAL}\npodSecurityContext: {{runAsNonRoot: false}}", "TF119 4:26 Pod Security level `restricted` of dev refuses a pod that may run as root", False),
    "volume": Case(
        f"{LOCAL}\nvolumes: [{{name: x, hostPath: {{path: /x}}}}]", "TF119 4:25 Pod Security level `restricted` of dev refuses a hostPath volume", False
    ),
    "chart's volume": Case(
        f"{LOCAL}\nvolumes: [{{name: shm, emptyDir: {{}}}}]", "TF124 4:15 the chart has a volume shm itself (choose another name)", False
    ),
    "repository's volume": Case(
        "repository: {pvc: {claim: a}}\nvolumes: [{name: models, emptyDir: {}}]", "TF124 4:15 the chart has a volume models itself", False
    ),
    "volume twice": Case(
        f"{LOCAL}\nvolumes: [{{name: a, emptyDir: {{}}}}, {{name: a, secret: {{secretName: b}}}}]", "TF124 4:40 two volumes are called a", False
    ),
    "volume of two kinds": Case(
        f"{LOCAL}\nvolumes: [{{name: a, emptyDir: {{}}, secret: {{secretName: b}}}}]", "TF124 4:15 the volume a has 2 kinds: emptyDir and secret (keep one)", False
    ),
    "volume's name": Case(
        f"{LOCAL}\nvolumes: [{{name: a_b, emptyDir: {{}}}}]", "TF124 4:15 a_b cannot name a volume (at most 63 of", False
    ),
    "mount of nothing": Case(
        f"{LOCAL}\nvolumes: [{{name: cache, emptyDir: {{}}}}]\nvolumeMounts: [{{name: cahe, mountPath: /a}}]",
        "TF125 5:27 container triton mounts the volume cahe, which is not there (did you mean `cache`?)", False,
    ),
    "sidecar's mount of nothing": Case(
        f"{LOCAL}\nsidecars: [{{name: a, image: 'b:1', volumeMounts: [{{name: other, mountPath: /a}}]}}]",
        "TF125 4:62 container a mounts the volume other, which is not there (add it to `volumes`)", False,
    ),
    "mount at /tmp": Case(
        f"{LOCAL}\nvolumes: [{{name: a, emptyDir: {{}}}}]\nvolumeMounts: [{{name: a, mountPath: /tmp}}]",
        "TF126 5:41 the chart mounts /tmp itself (remove it; `scratch` says what is there)", False,
    ),
    "mount at /dev/shm": Case(
        f"{LOCAL}\nvolumes: [{{name: a, emptyDir: {{}}}}]\nvolumeMounts: [{{name: a, mountPath: /dev/shm}}]",
        "TF126 5:41 the chart mounts /dev/shm itself (remove it; `sharedMemory` says what is there)", False,
    ),
    "mount at the models": Case(
        "repository: {pvc: {claim: a}}\nvolumeMounts: [{name: models, mountPath: /models}]",
        "TF126 4:46 the chart mounts /models itself (remove it; `repository` says what is there)", False,
    ),
    "two mounts": Case(
        f"{LOCAL}\nvolumes: [{{name: a, emptyDir: {{}}}}]\nvolumeMounts: [{{name: a, mountPath: /b}}, {{name: a, mountPath: /b}}]",
        "TF126 5:67 two volumes are mounted at /b (choose another path)", False,
    ),
    "server's name": Case(
        f"{LOCAL}\nsidecars: [{{name: triton, image: 'b:1'}}]", "TF127 4:23 the chart has a container triton itself (choose another name)", False
    ),
    "fetch's name": Case(
        "repository: {emptyDir: {size: 1Gi}}\nfetch: {enabled: true, image: 'a:1'}\ninitContainers: [{name: fetch, image: 'b:1'}]",
        "TF127 5:29 the chart has a container fetch itself", False,
    ),
    "container twice": Case(
        f"{LOCAL}\nsidecars: [{{name: a, image: 'b:1'}}]\ninitContainers: [{{name: a, image: 'b:1'}}]", "TF127 4:23 two containers are called a", False
    ),
    "container's name": Case(
        f"{LOCAL}\nsidecars: [{{name: log_agent, image: 'b:1'}}]", "TF127 4:23 log_agent cannot name a container (at most 63 of", False
    ),
    "server's port": Case(
        f"{LOCAL}\nsidecars: [{{name: a, image: 'b:1', ports: [{{containerPort: 8000}}]}}]",
        "TF117 4:64 a and triton both declare port 8000 (give each its own)", False,
    ),
    "sidecar's ports": Case(
        f"{LOCAL}\nsidecars: [{{name: a, image: 'b:1', ports: [{{containerPort: 1, name: x}}, {{containerPort: 2, name: x}}]}}]\nnetworkPolicy: {{enabled: false}}",
        "TF117 4:102 two ports of a are called x", False,
    ),
    "selector": Case(
        f"{LOCAL}\npodTemplate: {{metadata: {{labels: {{app.kubernetes.io/name: other}}}}}}",
        "TF128 4:63 app.kubernetes.io/name is a label by which Deployment and Service find the pods (remove it)", False,
    ),
    "node port of a sidecar": Case(
        f"{LOCAL}\nservice: {{type: NodePort, extraPorts: [{{name: a, port: 7000, nodePort: 8080}}]}}",
        "TF162 4:76 node port 8080 is outside of 30000 to 32767", False,
    ),
    "/tmp in memory": Case(
        f"{LOCAL}\nscratch: {{medium: Memory, size: 3Gi}}", "TF165 4:5 shared memory and volumes in memory may take", False
    ),
    "cache in the home of root": Case(
        f"{LOCAL}\ncaches: [{{name: hub, mountPath: /root/.cache/huggingface, size: 1Gi}}]",
        "TF164 4:37 the server does not look into /root/.cache/huggingface: its HOME is /tmp (mount it at /tmp/.cache/huggingface", False,
    ),
    "long hook": Case(
        f"{LOCAL}\nlifecycle: {{preStop: {{sleep: {{seconds: 61}}}}}}", "TF240 4:44 the hook sleeps 61 s, and the pod has 60 s to end", False
    ),
    "cut drain": Case(
        f"{LOCAL}\npodTemplate: {{spec: {{terminationGracePeriodSeconds: 5}}}}",
        "TF240 4:57 the pod has 5 s to end, and `shutdown.drain` takes 15 s", False,
    ),
    "gate and node": Case(
        f"{LOCAL}\npodTemplate: {{spec: {{schedulingGates: [{{name: a}}], nodeName: b}}}}",
        "TF241 4:66 a pod with `schedulingGates` waits, and `nodeName` lets it begin (remove one of them)", False,
    ),
    "spread twice": Case(
        f"{LOCAL}\ntopologySpreadConstraints: [{', '.join(2 * ['{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}'])}]",
        "TF242 4:97 a spread over a with DoNotSchedule is there twice (keep one)", False,
    ),
    "claim of nobody": Case(
        f"{LOCAL}\nsidecars: [{{name: a, image: 'b:1', resources: {{claims: [{{name: gpu}}]}}}}]\nnetworkPolicy: {{enabled: false}}",
        "TF243 4:68 the pod has no claim gpu (add it to `accelerator.claims`)", False,
    ),
    "address in a block": Case(
        f"{LOCAL}\nnetworkPolicy: {{egress: {{to: [10.1.2.3/16]}}}}",
        "TF244 4:35 10.1.2.3/16 is no block of addresses (say 10.1.0.0/16, the block that it is in)", False,
    ),
    "restart": Case(
        f"{LOCAL}\npodTemplate: {{spec: {{restartPolicy: Never}}}}", "TF128 4:41 a Deployment restarts its pods always", False
    ),
    "replaced volumes": Case(
        f"{LOCAL}\nhttp: {{enabled: false}}\nsharedMemory: {{size: 1Gi}}\npodTemplate: {{spec: {{volumes: [{{name: shm, emptyDir: {{}}}}]}}}}",
        "TF125 6:35 container triton mounts the volume tmp, which is not there (this list replaces all volumes", False,
    ),
    "packages": Case(
        f"{LOCAL}\ninitContainers: [{{name: a, image: 'b:1', command: [sh, -c, pip install x]}}]\nnetworkPolicy: {{enabled: false}}",
        "TF129 4:55 container a runs `pip install`, but its file system is read-only", False,
    ),
    "packages of the server": Case(
        f"{LOCAL}\nserver: {{command: [sh, -c, 'apt-get -y install git; exec \"$0\" \"$@\"', tritonserver]}}\nnetworkPolicy: {{enabled: false}}",
        "TF129 4:23 container triton runs `apt-get -y install`", False,
    ),
    "Kubernetes' type": Case(
        f"{LOCAL}\ntolerations: [{{key: gpu, operater: Exists}}]", "TF170 4:30 `operater` is not a key of `tolerations[0]`; expected:", False
    ),
    "cluster scope": Case(
        f"{LOCAL}\nextraObjects: [{{apiVersion: v1, kind: Namespace, metadata: {{name: x}}}}]",
        "TF121 4:20 Namespace belongs to the whole cluster", False,
    ),
    "cluster role in a list": extra(
        "{apiVersion: v1, kind: List, items: [{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: x}}]}",
        "TF121 4:57 ClusterRoleBinding belongs to the whole cluster",
    ),
    "other namespace in a list": extra(
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: kube-system}}]}",
        "TF121 4:57 ConfigMap is for namespace kube-system, not models-dev",
    ),
    "list of another kind": extra(
        "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: x}, items: [{apiVersion: v1, kind: Namespace}]}",
        "TF121 4:99 an object with `items` is taken for a list of objects",
    ),
    "no kind": extra("{}", "TF121 4:20 the object has no `apiVersion` that Kubernetes could know"),
    "kind of a number": extra('{apiVersion: v1, kind: 2}', "TF121 4:43 the object has no `kind`"),
    "no object": extra("{apiVersion: v1, kind: List, items: [1]}", "TF121 4:57 the object is no mapping"),
    "no name": extra("{apiVersion: v1, kind: ConfigMap}", "TF121 4:20 ConfigMap has no name that Kubernetes takes"),
    "name of everybody": extra(
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default}}",
        "TF121 4:76 ServiceAccount default belongs to every pod of the namespace",
    ),
    "engine's object": extra(
        "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: x}}",
        "TF121 4:20 dev does not permit HelmRelease as an extra object (where its admin does: "
        "`extraKinds: [{group: helm.toolkit.fluxcd.io, kind: HelmRelease}]` in values/environments/dev.yaml)",
    ),
    "pod": extra(
        "{apiVersion: v1, kind: Pod, metadata: {name: x}}", 'TF121 4:20 dev does not permit Pod as an extra object (where its admin does: `extraKinds: [{group: "", kind: Pod}]`'
    ),
    "secret": extra(
        "{apiVersion: v1, kind: Secret, metadata: {name: x}, stringData: {a: b}}", "TF121 4:84 the Secret is in plain text in Git"
    ),
    "token": extra(
        "{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: x}}",
        "TF121 4:57 the Secret is a token, with the rights of a ServiceAccount",
    ),
    "all pods": extra(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: x}, spec: {podSelector: {}}}",
        "TF121 4:104 NetworkPolicy chooses more than this release (add app.kubernetes.io/instance: one to `spec.podSelector.matchLabels`)",
    ),
    "a neighbour's pods": extra(
        "{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {selector: {app.kubernetes.io/instance: two}}}",
        "TF121 4:90 Service chooses more than this release",
    ),
    "a neighbour's label": extra(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, labels: {app.kubernetes.io/instance: two}}}",
        "TF121 4:111 ConfigMap passes for a part of another release",
    ),
    "external addresses": extra(
        "{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {selector: {app.kubernetes.io/instance: one}, externalIPs: [192.0.2.1]}}",
        "TF121 4:138 a Service with `externalIPs` takes the traffic of others",
    ),
    "a neighbour's backend": extra(
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: x}, spec: {defaultBackend: {service: {name: two}}}}",
        "TF121 4:131 Ingress leads to two, which is not this release's (name `one`, or an object of this entry)",
    ),
    "a neighbour's replicas": extra(
        "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: x}, spec: {scaleTargetRef: {name: two}}}",
        "TF121 4:122 ScaledObject leads to two",
    ),
    "the chart's own object": extra(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: one-models}}", "TF102 4:20 ConfigMap `one-models` is an object of `one` of dev"
    ),
    "one object twice": extra(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}, {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}",
        "TF102 4:76 two parts of `one` both make extra ConfigMap `x`",
    ),
    "bounds": Case(
        f"{LOCAL}\nautoscaling: {{enabled: true, minReplicas: 5, target: {{cpu: 80}}}}",
        "TF122 4:47 minReplicas 5 is above maxReplicas 3",
    ),
    "ingress": Case(
        f"{LOCAL}\nhttp: {{enabled: false}}\ningress: {{enabled: true, hosts: [{{host: a.b}}]}}",
        "TF123 5:38 a.b leads to http, which is off",
    ),
    "unknown flag": Case(f"{LOCAL}\nextraArgs: [--http-adress=a]", "TF130 4:17 tritonserver has no flag --http-adress"),
    "newer flag": Case(
        f"{LOCAL}\nextraArgs: [--grpc-max-response-pool-size=2]", "TF130 4:17 --grpc-max-response-pool-size was added in 25.03; the image is 24.10"
    ),
    "owned flag": Case(
        f"{LOCAL}\nextraArgs: [--exit-timeout-secs=3]", "TF131 4:17 --exit-timeout-secs is set by `shutdown.requestTimeout`"
    ),
    "newer value": Case(
        f"{LOCAL}\ngrpc: {{inferThreads: 4}}", "TF132 4:26 `grpc.inferThreads` needs tritonserver 25.04 or newer; the image is 24.10"
    ),
    "owned by an older server": Case(
        f"{LOCAL}\nimage: {{tag: 22.07-py3}}\nserver: {{cache: {{local: {{size: 1Mi}}}}}}",
        "TF132 5:21 `server.cache` needs tritonserver 23.03 or newer; the image is 22.07",
    ),
    "flag that an old server lacks": Case(
        f"{LOCAL}\nimage: {{tag: 20.09-py3}}\nextraArgs: [--reuse-http-port=true]", "TF130 5:17 --reuse-http-port was added in 22.09; the image is 20.09"
    ),
    "histograms": Case(
        f"{LOCAL}\nmetrics: {{histograms: true}}", "TF132 4:27 `metrics.histograms` needs tritonserver 24.11"
    ),
    "moving tag": Case(
        f"{LOCAL}\nimage: {{tag: latest, tritonVersion: \"24.10\"}}", "TF134 4:18 the tag `latest` moves", False
    ),
    "version": Case(f"{LOCAL}\nimage: {{tag: mine}}", "TF135 4:18 neither `image.tag` nor `image.tritonVersion`", False),
    "hub's name": Case(
        "image: {tag: 24.12-vllm-python-py3}\nsharedMemory: {size: 1Gi}\n"
        "repository: {configMap: {models: {a: {config.pbtxt: 'backend: \"vllm\"', 1/model.json: '{\"model\": \"acme/llm\"}'}}}}",
        "TF158 5:90 vLLM downloads acme/llm from the hub, and the network policy lets the pods ask DNS only", False,
    ),
    "hub's variable": Case(f"{LOCAL}\nenv: {{HF_ENDPOINT: 'https://hf.test'}}", "TF158 4:24 HF_ENDPOINT is for what downloads", False),
    "init container that downloads": Case(
        f"{LOCAL}\ninitContainers: [{{name: get, image: 'a:1', args: [-c, pip install --target=/models x]}}]", "TF158 4:54 container get downloads (pip)", False,
    ),
    "command that downloads": Case(
        f"{LOCAL}\nserver: {{command: [/start, 's3://bucket/a']}}", "TF158 4:23 the server's command downloads (s3://)", False,
    ),
    "gcsfuse": Case(f"{LOCAL}\npodAnnotations: {{gke-gcsfuse/volumes: 'true'}}", "TF158 4:43 gcsfuse reads a bucket", False),
    "sidecar's port": Case(
        f"{LOCAL}\nsidecars: [{{name: adapter, image: 'a:1', ports: [{{containerPort: 8085}}]}}]",
        "TF179 4:54 port 8085 of container adapter is closed by the network policy", False,
    ),
    "sidecar's port that is a list": Case(
        f"{LOCAL}\nsidecars: [{{name: adapter, image: 'a:1', ports: [[]]}}]", "TF170 4:54 sidecars[0].ports[0]: this is a list",
    ),
    "sidecar's port without a number": Case(
        f"{LOCAL}\nsidecars: [{{name: adapter, image: 'a:1', ports: [{{containerPort: {{}}}}]}}]",
        "TF170 4:70 sidecars[0].ports[0].containerPort: this is a mapping", False,
    ),
    "annotations of 300 kB": Case(
        f"{LOCAL}\npodAnnotations: {{a: '{'x' * 300_000}'}}",
        "TF146 4:5 `podAnnotations` makes 300001 bytes of annotations; an object has 258048 at most (put the data into a ConfigMap)",
        False,
    ),
    "annotations of two values together": Case(
        f"{LOCAL}\ncommonAnnotations: {{a: '{'x' * 129_000}'}}\nservice: {{annotations: {{b: '{'é' * 65_000}'}}}}",
        "TF146 5:15 `service.annotations` makes 259002 bytes of annotations", False,
    ),
    "polled object storage": Case(
        "repository: {s3: {uri: 's3://bucket/a'}}\nmodelControl: {mode: poll}", "TF176 4:26 polling object storage reloads", False,
    ),
    "initial delay": Case(f"{LOCAL}\nlivenessProbe: {{initialDelaySeconds: 60}}", "TF178 4:42 no delay is needed", False),
    "port names": Case(
        f"{LOCAL}\nservice: {{portNames: {{http: grpc}}}}", "TF117 4:15 two ports are called grpc",
    ),
    "cache of one node": Case(
        f"{LOCAL}\ncaches: [{{name: a, mountPath: /a, size: 1Gi, create: {{}}}}]\nreplicas: 2", "TF110 5:15 2 pods cannot share the created claim",
    ),
    "two caches at one path": Case(
        f"{LOCAL}\ncaches: [{{name: a, mountPath: /a, size: 1Gi}}, {{name: b, mountPath: /a, size: 1Gi}}]", "TF126 4:", False,
    ),
    "two caches of one name": Case(
        f"{LOCAL}\ncaches: [{{name: a, mountPath: /a, size: 1Gi}}, {{name: a, mountPath: /b, size: 1Gi}}]", "TF124 4:", False,
    ),
    "volume of the node": Case(
        "repository: {volume: {source: {hostPath: {path: /m}}}}", "TF119 3:", False,
    ),
    "registry twice": Case(
        f"{LOCAL}\nimage: {{repository: nvcr.io/nvidia/tritonserver}}",
        "TF159 4:25 the repository begins with the registry nvcr.io, and pods would ask nvcr.io for it",
    ),
    "another registry": Case(
        f"{LOCAL}\nimage: {{repository: docker.io/acme/triton}}", "TF159 4:25 the repository begins with the registry docker.io",
    ),
    "before Triton": Case(
        f"{LOCAL}\nimage: nvcr.io/nvidia/tensorrtserver:19.01-py3", "TF159 4:12 tensorrtserver is the server before Triton",
    ),
    "lock": Case(
        f"{LOCAL}\nloadModels: [a]\nimage: {{tag: 23.05-py3}}", "TF136 5:18 tritonserver 23.05 cannot lock its control API"
    ),
    "around the lock": Case(
        f"{LOCAL}\nloadModels: [a]\nextraArgs: [--allow-sagemaker=true]", "TF137 5:17 --allow-sagemaker=true opens a way"
    ),
    "restricted twice": Case(
        f"{LOCAL}\nloadModels: [a]\nserver: {{restrictedApis: [{{apis: [trace], header: h, secretName: s, key: k}}]}}",
        "TF138 5:39 trace is already restricted by the lock",
    ),
    "extra port": Case(
        f"{LOCAL}\nservice: {{extraPorts: [{{name: openai, port: 8000}}]}}",
        "TF117 4:49 openai and http are both port 8000 of the Service",
    ),
    "extra node port": Case(
        f"{LOCAL}\nservice: {{type: NodePort, nodePorts: {{http: 30001}}, extraPorts: [{{name: openai, port: 9000, nodePort: 30001}}]}}",
        "TF117 4:107 openai and http are both nodePort 30001",
    ),
    "extra ports of one name": Case(
        f"{LOCAL}\nservice: {{extraPorts: [{{name: a, port: 9000}}, {{name: a, port: 9001}}]}}", "TF117 4:58 two ports are called a",
    ),
    "own arguments": Case(
        f"{LOCAL}\nserver: {{command: [/start.py], args: [--model-dir, /m]}}",
        "TF139 4:36 nothing here sets the server's flags: when clients reconnect", False,
    ),
    "own arguments instead of a lock": Case(
        f"{LOCAL}\nloadModels: [a]\nserver: {{args: [serve]}}",
        "TF139 5:14 nothing here sets the server's flags: the lock of the control API, when", False,
    ),
    "the image's command": Case(
        f"{LOCAL}\nserver: {{imageCommand: true}}", "TF139 4:14 nothing here sets the server's flags", False,
    ),
    "script": Case(
        f"{LOCAL}\nserver: {{command: [/bin/bash, -ec, exec tritonserver]}}",
        "TF139 4:23 a script after -c does not pass the flags on", False,
    ),
    "vllm model": Case(
        "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"vllm\"', 1/model.json: '{}'}}}}",
        "TF150 3:39 model echo needs the vLLM backend, but the image is 24.10-py3", False,
    ),
    "vllm entry": Case(
        "repository: {vllm: {qwen: {model: /weights/qwen}}}",
        "TF150 3:25 model qwen needs the vLLM backend, but the image is 24.10-py3", False,
    ),
    "hub's name of a vllm entry": Case(
        "image: {tag: 24.12-vllm-python-py3}\nrepository: {vllm: {qwen: {model: Qwen/Qwen2.5-0.5B-Instruct}}}",
        "TF158 4:25 vLLM downloads Qwen/Qwen2.5-0.5B-Instruct from the hub, and the network policy", False,
    ),
    "no such vllm entry": Case(
        "image: {tag: 24.12-vllm-python-py3}\nrepository: {vllm: {qwen: {model: /weights/qwen}}}\nloadModels: [qwem]",
        "TF153 5:18 model qwem is not in `repository.vllm`",
    ),
    "no room in /tmp": Case(
        "image: {tag: 26.07-vllm-python-py3}\nnetworkPolicy: {enabled: false}\nrepository: {vllm: {a: {model: Qwen/Qwen2.5-7B-Instruct}}}",
        "TF190 5:24 Qwen/Qwen2.5-7B-Instruct may have 13Gi of weights, and /tmp has 1Gi", False,
    ),
    "no room in the volume": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: acme/moe-8x7B}}}\nweights: {hub: {size: 100Gi}}",
        "TF190 5:27 acme/moe-8x7B may have 104Gi of weights, and the volume of `weights.hub` has 100Gi", False,
    ),
    "misspelt argument": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: /a, max_modell_len: 1}}}",
        "TF191 4:40 vLLM has no argument max_modell_len", False,
    ),
    "argument of an older vLLM": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: /a, disable_log_requests: true}}}",
        "TF191 4:40 vLLM has disable_log_requests in Triton 24.10 to 25.08, and the image is 26.07", False,
    ),
    "argument of a newer vLLM": Case(
        "image: {tag: 24.12-vllm-python-py3}\nrepository: {vllm: {a: {model: /a, attention_backend: x}}}",
        "TF191 4:40 vLLM has attention_backend in Triton 26.04 to 26.08, and the image is 24.12", False,
    ),
    "nothing to prepare": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: /a}}}\nweights: {hub: {size: 5Gi}}",
        "TF192 5:15 there is nothing to prepare",
    ),
    "two versions of one name": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: c/d}, b: {model: c/d, revision: v1}}}\nweights: {hub: {size: 5Gi}}",
        "TF192 4:53 another model has c/d at another `revision`",
    ),
    "gated weights": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: meta-llama/Llama-3.2-1B}}}\nweights: {hub: {size: 5Gi}}",
        "TF193 4:36 the hub gives meta-llama/Llama-3.2-1B to nobody without a token", False,
    ),
    "weights on one node's claim": Case(
        "image: {tag: 26.07-vllm-python-py3}\nrepository: {vllm: {a: {model: c/d}}}\nreplicas: 2\n"
        "weights: {hub: {size: 5Gi, create: {accessModes: [ReadWriteOnce]}}}",
        "TF110 5:15 2 pods cannot share the created claim",
    ),
    "instances": Case(
        "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"python\" instance_group [{count: 9}]', 1/model.py: 'class TritonPythonModel: ...'}}}}",
        "TF151 3:39 model echo has 9 Python instances", False,
    ),
    "large": Case(
        "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"acme\"', 1/a: \"" + "x" * 140_000 + "\", 1/b: \"" + "x" * 140_000 + "\"}}}}",
        "TF152 3:18 the inline models have 28006",
    ),
    "large in the chart's JSON": Case(
        "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"acme\"', 1/a: \"" + "<" * 43_700 + "\"}}}}",
        "TF152 3:18 the inline models have 2622",
    ),
    "a file and a directory": Case(
        "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"acme\"', \"1\": x, 1/x: y}}}}",
        "TF163 3:39 1 of model echo is a file, and 1/x makes it a directory",
    ),
    "a long key": Case(
        f"repository: {{configMap: {{models: {{{'m' * 127}: {{config.pbtxt: 'backend: \"acme\"', 1/{'/'.join(['a' * 60] * 3)}: x}}}}}}}}",
        "TF163 3:39 1/aaaaaaa",
    ),
    "default request": Case(
        f"{LOCAL}\nresources: {{limits: {{memory: 2Gi}}}}",
        "TF116 4:34 memory: the default memory request of 4Gi, which nobody set is above the memory limit 2Gi of",
    ),
    "request without a limit": Case(
        f"{LOCAL}\nresources: {{requests: {{example.com/foo: 3}}}}", "TF116 4:45 example.com/foo: there is a request and no limit"
    ),
    "request unlike its limit": Case(
        f"{LOCAL}\nresources: {{requests: {{example.com/foo: 3}}, limits: {{example.com/foo: 5}}}}",
        "TF116 4:45 example.com/foo: the request 3 is not the limit 5",
    ),
    "broken pages": Case(
        f"{LOCAL}\nresources: {{limits: {{hugepages-2Mi: 5Mi}}}}", "TF116 4:41 hugepages-2Mi: 5Mi is no whole number of pages"
    ),
    "a claim that nobody fills": Case(
        "repository: {pvc: {create: {size: 1Gi, accessModes: [ReadOnlyMany]}}}",
        "TF168 3:57 the chart creates this claim empty, and nobody can write to it", False
    ),
    "memory of a GPU": Case(
        f"{LOCAL}\naccelerator: {{count: 1}}\nrollout: replace", "TF160 4:26 a pod with nvidia.com/gpu has the default memory limit of 4Gi, which nobody set", False
    ),
    "claims of one name": Case(
        f"{LOCAL}\naccelerator: {{claims: [{{name: a, resourceClaimName: b}}, {{name: a, resourceClaimName: c}}]}}",
        "TF161 4:68 two claims are called a",
    ),
    "node port": Case(
        f"{LOCAL}\nservice: {{type: NodePort, nodePorts: {{http: 80}}}}", "TF162 4:49 node port 80 is outside of 30000 to 32767", False
    ),
    "cache of root": Case(
        f"{LOCAL}\nvolumes: [{{name: c, emptyDir: {{}}}}]\nvolumeMounts: [{{name: c, mountPath: /root/.cache}}]",
        "TF164 5:41 the server does not look into /root/.cache: its HOME is /tmp", False,
    ),
    "volume in memory": Case(
        f"{LOCAL}\nvolumes: [{{name: c, emptyDir: {{medium: Memory, sizeLimit: 1.5Gi}}}}]\nsharedMemory: {{size: 1Gi}}",
        "TF165 4:5 shared memory and volumes in memory may take 2.5Gi, more than half of the default memory limit of 4Gi", False,
    ),
    "long name for a benchmark": Case(
        f"{LOCAL}\nfullnameOverride: {'a' * 50}\nbenchmark: {{enabled: true, args: [-m, a]}}",
        f"TF155 5:26 the name {'a' * 50} is too long",
    ),
    "no inference": Case(f"{LOCAL}\nstartup: {{inference: true}}", "TF171 4:26 there is no inference to wait for"),
    "inference without HTTP": Case(
        f"{ASKED}\nhttp: {{enabled: false}}", "TF171 4:26 the first inference is asked for over HTTP, which is off"
    ),
    "inference and another probe": Case(
        f"{ASKED}\nstartupProbe: {{tcpSocket: {{port: 8000}}}}", "TF171 6:5 this takes the place of `startup.inference`"
    ),
    "inference and no probe": Case(f"{ASKED}\nstartupProbe: {{enabled: false}}", "TF171 6:5 this takes the place of"),
    "inference of an impatient probe": Case(
        f"{ASKED}\nstartupProbe: {{timeoutSeconds: 29}}", "TF171 6:36 29 s are less than a request may take, 30 s"
    ),
    "a request too long": Case(
        f"{LOCAL}\ntest: {{inference: {{model: a, body: \"{'ä' * 65001}\"}}}}", "TF171 4:34 130002 bytes are more than the 130000"
    ),
    "no test after a rollout": Case(
        f"{LOCAL}\ntest: {{enabled: false, afterSync: true}}", "TF171 4:39 there is no test to run after a rollout"
    ),
    "inference without Python": Case(
        f"{ASKED}\nimage: {{repository: acme/server, tritonVersion: '24.10', tag: v1}}",
        "TF172 4:26 python3 compares the answer, and nvcr.io/acme/server:v1 may lack it", False,
    ),
    "model not there": Case(f"{ECHO}\nloadModels: [eho]", "TF153 4:18 model eho is not in `repository.configMap.models`"),
    "tested inline model that nobody calls": Case(
        f"{PIPELINE}\nloadModels: [both]\ntest: {{inference: {{model: other, body: \"{{}}\"}}}}",
        "TF153 5:31 model other is not in `loadModels`", False,
    ),
    "tested model": Case(
        f"{LOCAL}\nloadModels: [a]\ntest: {{inference: {{model: b, body: \"{{}}\"}}}}", "TF153 5:31 model b is not in `loadModels`"
    ),
    "version in an address": Case(
        "modelVersion: vision/7\nrepository: {s3: {uri: 's3://acme/one/{modelVersion}'}}",
        "TF197 3:19 'vision/7' cannot be a part of the address in `repository`",
    ),
    "no version": Case(
        "repository: {configMap: {models: {echo: {config.pbtxt: 'backend: \"acme\"', model.py: x}}}}",
        "TF157 3:39 model echo has no version",
    ),
    "empty volume": Case("repository: {emptyDir: {size: 1Gi}}", "TF154 3:18 the volume is empty at every start"),
    "benchmark": Case(f"{LOCAL}\nbenchmark: {{enabled: true}}", "TF155 4:26 the benchmark has no model to measure"),
    "control of a worker": Case(
        f"{WORKER}\nmodelControl: {{mode: explicit}}",
        "TF180 7:26 with `server.mode: dynamo`, a worker loads the whole repository at its start",
    ),
    "threads of a worker": Case(f"{WORKER}\nhttp: {{threads: 4}}", "TF180 7:21 with `server.mode: dynamo`, clients meet"),
    "flag of a worker": Case(
        f"{WORKER}\nextraArgs: [--grpc-keepalive-time=1]",
        "TF130 7:17 the server of mode dynamo has no flag --grpc-keepalive-time",
    ),
    "settings of all backends of a worker": Case(
        WORKER.replace("mode: dynamo", 'mode: dynamo, backends: {"": {default-max-batch-size: 4}}'),
        "TF185 4:43 with `server.mode: dynamo`, the worker takes settings of single backends",
    ),
    "variable of a worker": Case(f"{WORKER}\nenv: {{DYN_NAMESPACE: b}}", "TF185 7:26 with `server.mode: dynamo`, the chart sets"),
    "host of a frontend": Case(
        f"{WORKER}\ningress: {{enabled: true, hosts: [{{host: a.test}}]}}",
        "TF185 7:38 with `server.mode: dynamo`, the frontend answers no inference over HTTP",
    ),
    "worker without a word": Case(f"{LOCAL}\nserver: {{mode: dynamo}}\nloadModels: [a]", "TF188 4:20 dev does not permit workers", False),
    "frontend without a model": Case(
        WORKER.replace("\nloadModels: [a]", ""), "TF189 2:11 a frontend is ready when it knows a model"
    ),
    "inline model of a worker": Case(
        WORKER.replace(LOCAL, ECHO.replace("{echo:", "{a: {1/x: y, config.pbtxt: 'backend: \"acme\"'}, echo:")),
        "TF189 6:17 a worker loads the whole repository, with `echo`",
    ),
    "account of a worker": Case(
        f"{WORKER.replace(ETCD, 'rpcPort: 9')}\nserviceAccount: {{create: false}}", "TF189 7:30 every pod of the namespace"
    ),
    "ports of a frontend": Case(
        WORKER.replace(ETCD, f"{ETCD}, frontend: {{ports: {{http: 8787}}}}"), "TF189 5:93 http and grpc of the frontend are both"
    ),
    "workers for nobody": Case(
        WORKER.replace(ETCD, f"{ETCD}, frontend: {{enabled: false}}"), "TF189 5:88 without a frontend nobody asks"
    ),
    "readiness": Case(f"{LOCAL}\nloadModels: [a]\nhttp: {{enabled: false}}", "TF156 5:21 without HTTP a pod is ready", False),
    "a cache of another mode": Case(
        OPENAI.replace("openai}", "openai, cache: {local: {size: 100Mi}}}"),
        "TF180 6:35 server.mode openai does not use `server.cache` (set it back to {})",
    ),
    "a port of another mode": Case(
        f"{OPENAI}\nhttp: {{port: 8100}}", "TF180 7:18 server.mode openai does not use `http.port` (set it back to 8000, or set `openai.kserve: true`)"
    ),
    "KServe without HTTP": Case(
        f"{OPENAI}\nopenai: {{kserve: true}}\nhttp: {{enabled: false}}",
        "TF180 8:21 server.mode openai does not use `http.enabled` (set it back to true, or set `openai.kserve: false`)",
    ),
    "metrics on a port of their own": Case(
        f"{OPENAI}\nservice: {{ports: {{metrics: 80}}}}",
        "TF180 7:32 server.mode openai does not use `service.ports.metrics` (remove it, and set service.ports.openai, where /metrics is too)",
    ),
    "a poll of another mode": Case(f"{OPENAI}\nmodelControl: {{mode: poll}}", "TF180 7:26 with `server.mode: openai`, nothing looks for changes of the repository"),
    "a test of another mode": Case(
        f"{LOCAL}\ntest: {{inference: {{model: a, path: completions, body: '{{}}'}}}}",
        "TF180 4:40 server.mode triton does not answer completions (choose infer, generate, generate_stream)",
    ),
    "a benchmark of another mode": Case(
        f"{OPENAI}\nbenchmark: {{enabled: true, args: [-m, a]}}", "TF180 7:26 server.mode openai does not use `benchmark.enabled` (set it back to false"
    ),
    "a lock that closes the list": Case(
        f"{OPENAI}\nloadModels: [a]", "TF181 7:17 the lock of the control API closes the list of models to clients, too, GET /v1/models (set `openai.closeModelList"
    ),
    "a lock with a way around": Case(
        f"{OPENAI}\nloadModels: [a]\nopenai: {{closeModelList: true, kserve: true}}",
        "TF181 8:44 KServe's endpoints do not know the lock of the control API (set `openai.kserve: false`",
    ),
    "an image of Dynamo": Case(
        f"{LOCAL}\nimage: {{repository: acme/dynamo-triton, tag: 26.08-py3}}",
        "TF182 4:25 acme/dynamo-triton is an image of Dynamo, and server.mode is triton (set `server.mode: dynamo`", False
    ),
    "keys in the log": Case(
        f"{OPENAI.replace('26.08', '26.06')}\nopenai: {{restrictedApis: [{{apis: [inference], header: h, secretName: s, key: k}}]}}",
        "TF183 7:30 the OpenAI-compatible server of 26.06 writes the keys to its log", False
    ),
    "metrics behind an Ingress": Case(
        f"{OPENAI}\ningress: {{enabled: true, hosts: [{{host: a.test}}]}}",
        "TF184 7:38 a.test leads to /metrics, which is on the port of the API (set `path: /v1` of the host)", False
    ),
    "an Ingress to KServe that is off": Case(
        f"{OPENAI}\ningress: {{enabled: true, hosts: [{{host: a.test, port: http}}]}}",
        "TF123 7:38 a.test leads to http, which is off (set `openai.kserve: true`",
    ),
    "an Ingress to another mode": Case(
        f"{LOCAL}\ningress: {{enabled: true, hosts: [{{host: a.test, port: openai}}]}}",
        "TF123 4:38 a.test leads to openai, which is off (set `server.mode: openai`",
    ),
    "a mode of newer images": Case(f"{LOCAL}\nserver: {{mode: openai}}", "TF132 4:20 `server.mode: openai` needs Triton 24.12 or newer; the image is 24.10"),
    "a tool parser of newer images": Case(
        f"{OPENAI.replace('26.08', '25.04')}\nopenai: {{toolCallParser: llama3}}", "TF132 7:30 `openai.toolCallParser` needs tritonserver 25.05 or newer"
    ),
    "named models of newer images": Case(
        f"{OPENAI.replace('26.08', '26.03')}\nloadModels: [a]\nopenai: {{closeModelList: true}}", "TF132 7:17 `loadModels` needs tritonserver 26.04 or newer"
    ),
    "a flag of another mode": Case(f"{OPENAI}\nextraArgs: [--log-verbose=1]", "TF130 7:17 the server of mode openai has no flag --log-verbose"),
    "a flag of a value of a mode": Case(f"{OPENAI}\nextraArgs: [--openai-port=1]", "TF131 7:17 --openai-port is set by `openai.port`"),
    "an API of a mode twice": Case(
        f"{OPENAI}\nopenai: {{restrictedApis: [{{apis: [inference], header: h, secretName: s, key: k}}, {{apis: [inference], header: h, secretName: s, key: k}}]}}",
        "TF138 7:94 inference is already restricted by restrictedApis[0]",
    ),
    "a tokenizer of the hub": Case(
        f"{OPENAI}\nopenai: {{tokenizer: Qwen/Qwen2.5-0.5B-Instruct}}",
        "TF158 7:25 the server downloads the tokenizer Qwen/Qwen2.5-0.5B-Instruct, and the network policy lets the pods ask DNS only", False
    ),
    "the image of clients": Case(
        f"{LOCAL}\nimage: {{tag: 24.10-py3-sdk}}", "TF159 4:18 24.10-py3-sdk is the image of clients and tools, without a server (use 24.10-py3)"
    ),
    "the image to build on": Case(
        f"{LOCAL}\nimage: {{tag: 24.10-py3-min}}", "TF159 4:18 24.10-py3-min is the image to build others on, without a server (use 24.10-py3)"
    ),
}  # fmt: skip


def entry(lines: str) -> str:
    return "models:\n  - name: one\n" + "".join(
        f"    {line}\n" for line in lines.splitlines()
    )


def _values_of(lines: str) -> Values:
    """The chart's values of an entry with these lines."""
    values = read("case", entry(lines).encode()).data["models"][0]
    return overlay(
        {"image": {"tag": "24.10-py3"}},
        {key: value for key, value in values.items() if key != "name"},
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_speaks(case: Case, build: Build) -> None:
    dynamo = "" if case.said.startswith("TF188") else "dynamo: true\n"
    root = build(models=entry(case.lines), dev=f'kubernetes: "1.36"\n{dynamo}')
    said = [
        f"{p.code} {p.position.line}:{p.position.column} {p.text}"
        for p in problems(root)
        if p.code != "TF135"
    ]
    said = said or [
        f"{p.code} {p.position.line}:{p.position.column} {p.text}"
        for p in problems(root)
    ]
    assert len(said) == 1
    assert said[0].startswith(case.said)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_chart_has_the_same_verdict(case: Case) -> None:
    values = _values_of(case.lines)
    with helm_python.Chart.load(CHART) as chart:
        try:
            chart.render(values, name="one", namespace="dev")
        except helm_python.HelmError:
            assert case.chart_refuses
        else:
            assert not case.chart_refuses


def test_the_hosts_processes_are_not_shared_beside(build: Build) -> None:
    """The chart's pods share their own processes, which the API server takes for the opposite."""
    lines = f"{LOCAL}\npodTemplate: {{spec: {{hostPID: true}}}}"
    said = "a pod has the host's processes, or shares its own as the chart's does"
    hint = "say `shareProcessNamespace: false` beside it"
    assert words(build(models=entry(lines), dev="podSecurity: privileged\n")) == [
        f"values/models/team.yaml:4:35 TF128 {said} ({hint})"
    ]


def test_every_rule_has_a_case() -> None:
    cases = Path(__file__).parent / "cases" / "invalid"
    golden = "".join(path.read_text() for path in cases.glob("*/errors.txt"))
    tested = {case.said[:5] for case in CASES.values()} | {
        code for code in RULES if code in golden
    }
    elsewhere = {
        "TF186",
        "TF187",
        "TF166",
        "TF167",
        "TF144",
        "TF103",
        "TF104",
        "TF105",
        "TF107",
        "TF141",
        "TF142",
        "TF143",
        "TF120",
    }
    assert set(RULES) - tested - elsewhere == set()


OLD = {
    "the oldest in the field": "image: {tag: 20.09-py3}",
    "before 23.04": "image: {tag: 22.07-py3}\nextraArgs: [--id=a, --grpc-infer-allocation-pool-size=16]",
    "threads": "image: {tag: 22.07-py3}\nserver: {modelLoad: {threads: 9}}",
    "completion": "image: {tag: 21.02-py3}\nserver: {autoCompleteConfig: false}",
    "client memory": "server: {clientSharedMemory: true}",
    "a size of what is off": "http: {enabled: false, maxInputSize: 1Gi}",
    "histograms of what is off": "metrics: {enabled: false, histograms: true}",
    "an identity of nobody": "repository: {azure: {uri: 'as://account/models', identity: ''}}",
    "an age of never": "image: {tag: 23.05-py3}\ngrpc: {maxConnectionAge: 0s}",
    "no HTTP to restrict": (
        "image: {tag: 23.04-py3}\nhttp: {enabled: false}\n"
        "server: {restrictedApis: [{apis: [trace], header: h, secretName: s, key: k}]}"
    ),
    "another product's tag": "image: {repository: acme/morpheus, tag: 20.01-runtime}\nserver: {modelLoad: {retries: 3}}",
}


@pytest.mark.parametrize("lines", OLD.values(), ids=OLD)
def test_an_image_is_taken_that_is_not_known_to_be_too_old(
    lines: str, build: Build
) -> None:
    text = lines if lines.startswith("repository") else f"{LOCAL}\n{lines}"
    said = {each.code for each in problems(build(models=entry(text)))}
    assert said - {"TF135", "TF156"} == set()
    assert _renders(_values_of(text))


def test_a_test_asks_what_a_named_ensemble_calls(build: Build) -> None:
    asks = 'loadModels: [both, other]\ntest: {inference: {model: echo, body: "{}"}}'
    assert words(build(models=entry(f"{PIPELINE}\n{asks}"))) == []


def test_extra_objects_of_the_release_itself_are_fine(build: Build) -> None:
    manifests = [
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}]}",
        "{apiVersion: v1, kind: Service, metadata: {name: y, namespace: models-dev}, spec: {selector: {app.kubernetes.io/instance: one}}}",
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: one}, spec: {defaultBackend: {service: {name: y}}}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: z}, spec: {rules: [{backendRefs: [{name: one}]}]}}",
        "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: one}}",
    ]
    models = entry(f"{LOCAL}\nextraObjects: [{', '.join(manifests)}]")
    dev = "extraKinds: [{group: external-secrets.io, kind: ExternalSecret}]\n"
    assert words(build(models=models, dev=dev)) == []


def test_a_kind_of_the_whole_cluster_is_refused_even_where_it_is_named(
    build: Build,
) -> None:
    models = entry(
        f"{LOCAL}\nextraObjects: [{{apiVersion: v1, kind: Namespace, metadata: {{name: x}}}}]"
    )
    dev = 'extraKinds: [{group: "", kind: Namespace}]\n'
    (said,) = words(build(models=models, dev=dev))
    assert "TF121 Namespace belongs to the whole cluster" in said


OBJECTS_OF_TWO = {
    "metrics": (
        "service: {type: NodePort}", "a-metrics", "",
        "`a-metrics` and `a` of dev both make Service `a-metrics` in namespace models-dev of cluster dev",
    ),
    "grpc": (
        "ingress: {enabled: true, hosts: [{host: a.b, port: grpc}]}", "a-grpc", "ingress: {enabled: true, hosts: [{host: c.d}]}",
        "`a-grpc` and `a` of dev both make Ingress `a-grpc` in namespace models-dev of cluster dev",
    ),
    "extra": (
        f"extraObjects: [{CONFIG_MAP}]", "b", f"extraObjects: [{CONFIG_MAP}]",
        "`b` and `a` of dev both make extra ConfigMap `x` in namespace models-dev of cluster dev",
    ),
    "chart": (
        "extraObjects: [{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: b-models}}]", "b", "",
        "PersistentVolumeClaim `b-models` is an object of `b` of dev",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OBJECTS_OF_TWO.values(), ids=OBJECTS_OF_TWO)
def test_two_releases_never_make_the_same_object(
    case: tuple[str, str, str, str], build: Build
) -> None:
    first, name, second, said = case
    models = (
        f"models:\n  - name: a\n    {LOCAL}\n    {first}\n"
        f"  - name: {name}\n    {LOCAL}\n    {second}\n"
    )
    found = [each for each in problems(build(models=models)) if each.code == "TF102"]
    assert [each.message for each in found] == [said]


def workers(name: str, more: str, dynamo: str) -> str:
    """An entry in mode dynamo."""
    lines = [f"name: {name}", LOCAL, "server: {mode: dynamo}", f"dynamo: {{{dynamo}}}"]
    return "  - " + "\n    ".join([*lines, more]) + "\n"


JOINED = {
    "equal models": (
        ("loadModels: [x]", ETCD), ("loadModels: [x]", f"{ETCD}, namespace: a, frontend: {{enabled: false}}"),
        "TF186 `a` of dev serves `x` in Dynamo's namespace a, too: requests would go to either",
    ),
    "no frontend": (
        ("loadModels: [x]", ETCD), ("loadModels: [y]", f"{ETCD}, namespace: c, frontend: {{enabled: false}}"),
        "TF187 nobody has a frontend in Dynamo's namespace c",
    ),
    "elsewhere": (
        ("loadModels: [x]", ETCD), ("loadModels: [y]", "discovery: kubernetes, namespace: a, frontend: {enabled: false}"),
        "TF187 the frontend of `a` of dev looks for workers elsewhere",
    ),
    "different models": (
        ("loadModels: [x]", ETCD), ("loadModels: [y]", f"{ETCD}, namespace: a, frontend: {{enabled: false}}"), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", JOINED.values(), ids=JOINED)
def test_workers_join_a_frontend_that_is_there_with_models_of_their_own(
    case: tuple[tuple[str, str], tuple[str, str], str], build: Build
) -> None:
    first, second, said = case
    models = "models:\n" + workers("a", *first) + workers("b", *second)
    found = problems(build(models=models, dev="dynamo: true\n"))
    told = [f"{each.code} {each.message}" for each in found if each.code != "TF135"]
    assert told == ([said] if said else [])


def test_a_frontend_takes_no_other_releases_name(build: Build) -> None:
    models = workers("a", "loadModels: [x]", ETCD) + (
        f"  - name: a-frontend\n    {LOCAL}\n  - name: a-workers\n    {LOCAL}\n"
    )
    found = [
        each
        for each in problems(build(models=f"models:\n{models}"))
        if each.code == "TF102"
    ]
    assert [each.message for each in found] == [
        "`a-frontend` of dev and the frontend of `a` both make Deployment `a-frontend`",
        "`a-workers` and `a` of dev both make Service `a-workers` in namespace models-dev of cluster dev",
    ]


def two(rest: str = "") -> str:
    entries = (
        f"  - name: {name}\n    profile: gpu\n    {LOCAL}\n{rest}"
        for name in ("a", "b")
    )
    return "models:\n" + "".join(entries)


def test_devices_of_a_cluster_are_counted(build: Build) -> None:
    gpu = "capacity: {nvidia.com/gpu: %d}\ncluster: {name: c}\n"
    files = {"values/environments/prod.yaml": "namespace: p\ncluster: {name: c}\n"}
    where = "values/environments/dev.yaml:2:28"
    assert words(build(models=two(), dev=gpu % 3, files=files)) == [
        f"{where} TF106 cluster c has 3 nvidia.com/gpu, but its models ask for 4 (run fewer pods, or correct the capacity)"
    ]
    surge = (
        "cluster c has 4 nvidia.com/gpu and its models use 4: a rollout of `b` needs 1 more "
        "(`rollout: replace` ends the old pod first)"
    )
    assert words(build(models=two(), dev=gpu % 4, files=files)) == [
        f"{where} TF107 {surge}"
    ]
    assert (
        words(build(models=two("    rollout: replace\n"), dev=gpu % 4, files=files))
        == []
    )
    assert words(build(models=two(), dev=gpu % 5, files=files)) == []


def test_a_rollout_of_devices_that_nobody_counted_is_told(build: Build) -> None:
    said = (
        "values/environments/dev.yaml:1:1 TF166 a rollout of 2 of the models of dev needs one more nvidia.com/gpu, "
        "and nobody said whether there is one (set capacity: {nvidia.com/gpu: <devices of the cluster>}; "
        "or `rollout: replace`, which needs none and answers nobody meanwhile)"
    )
    assert words(build(models=two())) == [said]
    assert words(build(models=two("    rollout: surge\n"))) == []
    assert words(build(models=two(), dev="capacity: {nvidia.com/gpu: 3}\n")) == []


def test_a_chart_needs_its_kubernetes(build: Build) -> None:
    said = (
        "values/environments/dev.yaml:2:13 TF167 the chart needs Kubernetes 1.31 or newer, and dev has 1.30 "
        "(upgrade the cluster, or correct the version)"
    )
    assert words(build(dev='kubernetes: "1.30"\n')) == [said]
    assert words(build(dev='kubernetes: "1.31.4"\n')) == []


def _environment_of(texts: list[str]) -> str:
    """A model with variables of these texts."""
    variables = ", ".join(f"A{number}: '{text}'" for number, text in enumerate(texts))
    return entry(f"{LOCAL}\nenv: {{{variables}}}")


def test_values_are_no_more_than_a_config_map_holds(build: Build) -> None:
    """The chart's schema bounds each text, and not all of them together."""
    room = 1024 * 1024 - len(
        '{"image": {"tag": "24.10-py3"}, "repository": {"image": {"path": "/m"}}, "env": {}}'
    )
    each = 10_000 - len('"A000": "", ')
    fits = ["x" * each] * (room // 10_000)
    assert "TF144" not in {
        each.code for each in problems(build(models=_environment_of(fits)))
    }
    (said,) = words(build(models=_environment_of([*fits, "x" * 10_000])))
    assert re.sub(r"[0-9]{7}", "N", said) == (
        "values/models/team.yaml:2:11 TF144 the values make about N bytes of a ConfigMap, which holds N"
        " (put large texts into a ConfigMap or an image, and name that)"
    )


def test_values_are_no_more_than_helms_secret_holds(build: Build) -> None:
    """Helm keeps values and manifests compressed, which random text is not."""
    digits = [hashlib.sha512(bytes(number)).hexdigest() * 70 for number in range(105)]
    models = _environment_of(digits)
    assert words(build(models=models)) == []
    some = "".join(
        random.Random(1).choices(string.ascii_letters + string.digits, k=900_000)
    )
    models = _environment_of(
        [some[begin : begin + 9000] for begin in range(0, 900_000, 9000)]
    )
    (said,) = words(build(models=models, dev="engine: flux\n"))
    assert "TF144 the values make about" in said
    assert "bytes of Helm's Secret" in said


def test_capacity_is_set_once(build: Build) -> None:
    files = {
        "values/environments/prod.yaml": "namespace: p\ncluster: {name: c}\ncapacity: {nvidia.com/gpu: 8}\n"
    }
    dev = "cluster: {name: c}\ncapacity: {nvidia.com/gpu: 9}\n"
    assert words(build(dev=dev, files=files)) == [
        "values/environments/prod.yaml:3:11 TF105 cluster c has a different capacity in dev (set it in one environment of the cluster)"
    ]


def test_node_ports_of_different_clusters_do_not_meet(build: Build) -> None:
    models = entry(f"{LOCAL}\nservice: {{type: NodePort, nodePorts: {{http: 30001}}}}")
    files = {"values/environments/prod.yaml": "namespace: p\n"}
    assert words(build(models=models, files=files)) == []
    files = {"values/environments/prod.yaml": "namespace: p\ncluster: {name: dev}\n"}
    assert words(build(models=models, files=files)) == [
        (
            "values/models/team.yaml:4:49 TF114 nodePort 30001 of cluster dev is taken by `one` of dev "
            "(choose another, or leave it out and Kubernetes chooses)"
        )
    ]


def test_image_volumes_need_a_new_kubernetes(build: Build) -> None:
    models = entry(f'repository: {{oci: {{reference: "r.test/m@sha256:{"0" * 64}"}}}}')
    assert words(build(models=models, dev='kubernetes: "1.35"\n')) == []
    assert (
        words(build(models=models, dev='kubernetes: "1.34"\n'))[0].split(" ")[1]
        == "TF120"
    )


@pytest.mark.parametrize(("version", "told"), [("1.2.3", True), ("1.2.4-dev", False)])
def test_a_changed_chart_has_a_new_version(
    version: str, told: bool, build: Build
) -> None:
    """A version before its release may change as often as it likes."""
    root = build(
        files={
            "deploy/charts.yaml": f"charts/triton: {{version: {version}, digest: 'sha256:0'}}\n"
        }
    )
    chart = root / "charts" / "triton" / "Chart.yaml"
    chart.write_text(
        re.sub(r"(?m)^version: .*", f"version: {version}", chart.read_text())
    )
    expected = (
        f"values/environments/dev.yaml:1:1 TF141 charts/triton has changed, but its version is still {version}, "
        "so Flux would not pick it up (raise `version` in charts/triton/Chart.yaml)"
    )
    assert words(root) == ([expected] if told else [])


def test_flux_takes_urls_only(build: Build) -> None:
    fleet = FLEET.replace("argocd", "flux").replace(
        "https://git.acme.test/ml/models.git", "git@git.acme.test:ml/models.git"
    )
    assert words(build(fleet=fleet)) == [
        (
            "values/fleet.yaml:2:36 TF142 Flux needs a URL, and git@git.acme.test:ml/models.git is not one "
            "(write ssh://git@git.acme.test/ml/models.git)"
        )
    ]


def test_the_example_repository_is_told(build: Build) -> None:
    fleet = FLEET.replace("git.acme.test", "git.example.com")
    assert [each.split(" ")[1] for each in words(build(fleet=fleet))] == ["TF143"]


def test_large_roots_are_told(build: Build) -> None:
    models = "models:\n" + "".join(
        f"  - {{name: m{i}, {LOCAL}}}\n" for i in range(1001)
    )
    assert [each.split(" ")[1:6] for each in words(build(models=models))] == [
        ["TF104", "dev", "has", "1001", "releases"]
    ]


def test_applications_of_two_environments_do_not_meet(build: Build) -> None:
    named = (("b-c", "a"), ("c", "a-b"))
    models = "models:\n" + "".join(
        f"  - {{name: {n}, environments: [{e}], {LOCAL}}}\n" for n, e in named
    )
    files = {
        "values/environments/a.yaml": "namespace: a\n",
        "values/environments/a-b.yaml": "namespace: ab\n",
    }
    (said,) = words(build(models=models, files=files))
    assert "TF103 " in said
    assert "make the same Application, `a-b-c`" in said


def test_an_ignore_says_that_the_chart_has_the_rule_too(build: Build) -> None:
    ignore = "ignore: [{rule: TF112, models: [one], reason: requests are short}]\n"
    models = entry(f"{LOCAL}\nterminationGracePeriodSeconds: 44")
    said = (
        "the chart has TF112, too: what is ignored here, Helm may still refuse"
        " (correct the values; `tritonfleet render` shows what Helm says)"
    )
    assert words(build(models=models, dev=ignore)) == [
        f"values/environments/dev.yaml:2:10 TF245 {said}"
    ]


def test_the_program_knows_the_codes_of_the_chart() -> None:
    texts = [each.read_text() for each in (CHART / "templates").rglob("*.*")]
    told = {code for text in texts for code in re.findall("TF[0-9]{3}", text)}
    assert told == OF_CHART


def test_a_known_exception_is_ignored_with_its_reason(build: Build) -> None:
    ignore = (
        "ignore: [{rule: TF119, models: [one], reason: the node holds the models}]\n"
    )
    models = entry("repository: {hostPath: {path: /m}}")
    assert words(build(models=models, dev=ignore)) == []
    assert words(build(models=entry(LOCAL), dev=ignore)) == [
        "values/environments/dev.yaml:2:10 TF058 nothing to ignore: TF119 says nothing about one (remove it)"
    ]


# The frontend that workers join is another entry's, and the same examples join it.
OF_OTHERS = ("TF186", "TF187")
EXAMPLES = sorted((CHART / "ci").glob("*-values.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_of_the_chart_is_a_good_entry(path: Path, build: Build) -> None:
    values = read(path.name, path.read_bytes()).data
    dev = 'podSecurity: privileged\nkubernetes: "1.37"\ndynamo: true\nextraKinds: [{group: rbac.authorization.k8s.io, kind: Role}]\n'
    root = build(models=to_yaml({"models": [{"name": "one", **values}]}), dev=dev)
    assert [
        f"{each.code} {each.text}"
        for each in problems(root)
        if each.severity == "error" and each.code not in OF_OTHERS
    ] == []


PAIRS = [(one, other) for one in EXAMPLES for other in EXAMPLES if one != other][::23]


def test_any_two_examples_together_have_the_charts_verdict(build: Build) -> None:
    """Together they are often refused: for two sources, a flag that the other's image lacks, too little memory …"""
    defaults = read("values.yaml", (CHART / "values.yaml").read_bytes()).data
    entries = {
        f"m{i}": _together(one, other, defaults) for i, (one, other) in enumerate(PAIRS)
    }
    models = to_yaml(
        {"models": [{"name": name, **values} for name, values in entries.items()]}
    )
    extra = (
        "dynamo: true\nextraKinds: [{group: rbac.authorization.k8s.io, kind: Role}]\n"
    )
    root = build(
        models=models, dev=f'podSecurity: privileged\nkubernetes: "1.37"\n{extra}'
    )
    found = [
        each
        for each in problems(root)
        if each.severity == "error"
        and each.code not in ("TF102", "TF109", "TF114", "TF126", *OF_OTHERS)
    ]
    assert {each.subject for each in found} == {
        name for name, values in entries.items() if not _renders(values)
    }


def _together(one: Path, other: Path, defaults: Values) -> Values:
    first, second = (read(path.name, path.read_bytes()).data for path in (one, other))
    merged = merge(first, second, defaults)
    return (
        {**merged, "repository": second["repository"]}
        if "repository" in second
        else merged
    )


def _renders(values: Values) -> bool:
    try:
        helm_python.Chart.load(CHART).render(values, name="one", namespace="dev")
    except helm_python.HelmError:
        return False
    return True
