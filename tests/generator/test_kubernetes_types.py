"""What the chart leaves open has Kubernetes' types: one entry for each mistake, and what is said about it."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.generator.fleets import CHART, Build, problems
from tritonfleet.rules.kubernetes_types import OPEN, SCALING

WRONG = {
    "tolerations: [{key: gpu, operater: Exists}]": "30 `operater` is not a key of `tolerations[0]`; expected: effect, key, operator, tolerationSeconds or value (did you mean `operator`?)",
    "tolerations: [{key: gpu, operator: exists}]": '40 tolerations[0].operator: "exists" is unknown; expected: "", Exists or Equal (did you mean `Exists`?)',
    "affinity: {podAntiAfinity: {}}": "16 `podAntiAfinity` is not a key of `affinity`; expected: nodeAffinity, podAffinity or podAntiAffinity (did you mean `podAntiAffinity`?)",
    "topologySpreadConstraints: [{maxSkew: 0, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]": "43 topologySpreadConstraints[0].maxSkew: 0 is too small; expected: at least 1",
    "podTemplate: {spec: x}": '25 podTemplate.spec: "x" is text; expected: a mapping',
    "podTemplate: {spec: {contaners: []}}": "26 `contaners` is not a key of `podTemplate.spec` (did you mean `containers`?)",
    "env: {A: {valueFrom: {foo: bar}}}": "27 `foo` is not a key of `env.A.valueFrom`; expected: configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef or secretKeyRef",
    "envFrom: [{secretRef: x}]": '27 envFrom[0].secretRef: "x" is text; expected: a mapping',
    "volumes: [{name: a, emptydir: {}}]": "25 `emptydir` is not a key of `volumes[0]` (did you mean `emptyDir`?)",
    "volumes: [{name: a, secret: {secretName: b, key: c}}]": "49 `key` is not a key of `volumes[0].secret`; expected: defaultMode, defaultUser, items, optional or secretName",
    "sidecars: [{name: a}]": "16 `sidecars[0].image` is missing; expected: text (an image with its tag or digest)",
    "sidecars: [{name: a, image: b, securityContext: {runAsUser: '0'}}]": '65 sidecars[0].securityContext.runAsUser: "0" is text; expected: a whole number (write it without quotes)',
    "sidecars: [{name: a, image: b, ports: [{containerPort: 70000}]}]": "60 sidecars[0].ports[0].containerPort: 70000 is too large; expected: at most 65535",
    "initContainers: [{name: a, image: b, command: sleep 5}]": '51 initContainers[0].command: "sleep 5" is text; expected: a list',
    "initContainers: [{name: a, image: b, env: {A: b}}]": "47 initContainers[0].env: this is a mapping; expected: a list",
    "lifecycle: {preStop: {exec: sleep 5}}": '33 lifecycle.preStop.exec: "sleep 5" is text; expected: a mapping',
    "livenessProbe: {httpGet: {path: /a}}": "21 `livenessProbe.httpGet.port` is missing",
    "dnsConfig: {options: {ndots: 2}}": "26 dnsConfig.options: this is a mapping; expected: a list",
    "hostAliases: [{ip: 1.2.3.4, hostname: [a]}]": "33 `hostname` is not a key of `hostAliases[0]`; expected: hostnames or ip (did you mean `hostnames`?)",
    "networkPolicy: {egress: {extra: [{to: [{podSelektor: {}}]}]}}": "45 `podSelektor` is not a key of `networkPolicy.egress.extra[0].to[0]`; expected: ipBlock, namespaceSelector or podSelector (did you mean `podSelector`?)",
    "networkPolicy: {ingress: {from: [{ipBlock: 10.0.0.0/8}]}}": '48 networkPolicy.ingress.from[0].ipBlock: "10.0.0.0/8" is text; expected: a mapping',
    "ingress: {enabled: true, hosts: [{host: a.b}], tls: [{secret: a}]}": "59 `secret` is not a key of `ingress.tls[0]`; expected: hosts or secretName (did you mean `secretName`?)",
    "httpRoute: {enabled: true, parentRefs: [{name: a, sektion: b}]}": "55 `sektion` is not a key of `httpRoute.parentRefs[0]`; expected: group, kind, name, namespace, port or sectionName (did you mean `sectionName`?)",
    "autoscaling: {enabled: true, metrics: [{type: Foo, pods: {metric: {name: a}, target: {type: AverageValue, averageValue: 1}}}]}": '51 autoscaling.metrics[0].type: "Foo" is unknown; expected: ContainerResource, External, Object, Pods or Resource',
    "autoscaling: {enabled: true, target: {cpu: 50}, behavior: {scaleUp: {policies: [{type: Pod, value: 1, periodSeconds: 5}]}}}": '92 autoscaling.behavior.scaleUp.policies[0].type: "Pod" is unknown; expected: Pods or Percent (did you mean `Pods`?)',
    "autoscaling: {enabled: true, target: {cpu: 50}, behavior: {scaleDown: {stabilizationWindowSeconds: -1}}}": "104 autoscaling.behavior.scaleDown.stabilizationWindowSeconds: -1 is too small; expected: at least 0",
    "autoscaling: {enabled: true, metrics: [{type: External, external: {metric: {name: a}, target: {type: Value}}}]}": "99 autoscaling.metrics[0].external.target: say value or averageValue",
    "autoscaling: {enabled: true, metrics: [{type: External}]}": "44 `autoscaling.metrics[0].external` is missing",
    "networkPolicy: {ingress: {from: [{}]}}": "38 networkPolicy.ingress.from[0]: this is empty; expected: at least one key",
    "volumes: [{name: a, ephemeral: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}}}]": "59 `volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes` is missing; expected: a list",
    "grpcRoute: {enabled: true, hostnames: [a.b], parentRefs: [{name: a}, {name: a}]}": "62 grpcRoute.parentRefs: an item is listed twice; expected: each item once",
    "podSecurityContext: {fsGroup: a}": '35 podSecurityContext.fsGroup: "a" is text; expected: a whole number',
    "tolerations: [{key: a, operator: Exists, value: b}]": '53 tolerations[0].value: Exists has no value',
    "tolerations: [{operator: Equal, value: b}]": '19 tolerations[0]: without a `key`, the operator is Exists',
    "tolerations: [{key: a, operator: Exists, tolerationSeconds: 5}]": '19 tolerations[0]: `tolerationSeconds` goes with the effect NoExecute',
    "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: ''}]}}": '97 affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: "" is not allowed; expected: the key of a label, like kubernetes.io/hostname',
    "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchExpressions: [{key: a, operator: In}]}}]": '131 topologySpreadConstraints[0].labelSelector.matchExpressions[0]: In and NotIn need `values`',
    "volumes: [{name: a, emptyDir: {sizeLimit: 5 Gi}}]": '47 volumes[0].emptyDir.sizeLimit: "5 Gi" is not allowed; expected: a quantity, like 2Gi',
    "volumes: [{name: a, secret: {secretName: b, items: [{key: c, path: ../d}]}}]": '72 volumes[0].secret.items[0].path: "../d" is not allowed; expected: a path that stays below the volume',
    "volumes: [{name: a, configMap: {name: b, defaultMode: 9999}}]": '59 volumes[0].configMap.defaultMode: 9999 is too large; expected: at most 511',
    "env: {A: {valueFrom: {fieldRef: {fieldPath: status.podIp}}}}": '49 env.A.valueFrom.fieldRef.fieldPath: "status.podIp" is not allowed; expected: a field of the pod, like metadata.name or status.podIP',
    "envFrom: [{secretRef: {name: a}, configMapRef: {name: b}}]": '15 envFrom[0]: secretRef and configMapRef are two items of the list',
    "envFrom: [{prefix: a}]": '15 envFrom[0]: say secretRef or configMapRef',
    "sidecars: [{name: a, image: b, env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]": '42 sidecars[0].env[0]: a variable has a value or valueFrom, and not both',
    "sidecars: [{name: a, image: b, ports: [{containerPort: 1, name: too-long-for-a-port}]}]": "69 sidecars[0].ports[0].name: this has 19 characters; expected: at most 15 characters (a port's name: at most 15 of a-z, 0-9 and -)",
    "initContainers: [{name: a, image: b, livenessProbe: {exec: {command: [c]}}}]": '22 initContainers[0]: an init container has probes and hooks only with `restartPolicy: Always`',
    "readinessProbe: {httpGet: {port: Http}}": '38 readinessProbe.httpGet.port: "Http" is not allowed; expected: a port, or a port\'s name',
    "readinessProbe: {exec: {}}": '22 `readinessProbe.exec.command` is missing; expected: a list',
    "podSecurityContext: {seccompProfile: {type: Localhost}}": '42 podSecurityContext.seccompProfile: the type Localhost needs a `localhostProfile`',
    "securityContext: {privileged: true}": '5 securityContext.allowPrivilegeEscalation: a privileged container has no `allowPrivilegeEscalation: false`',
    "podTemplate: {spec: {nodeSelector: {a b: c}}}": '41 "a b" cannot be a key of `podTemplate.spec.nodeSelector`; expected: letters, digits, - _ . and, where names have it, /',
    "dnsConfig: {nameservers: [resolver]}": '31 dnsConfig.nameservers[0]: "resolver" is not allowed; expected: an IP address',
    "securityContext: {runasuser: 5}": "23 `runasuser` is not a key of `securityContext`; expected: allowPrivilegeEscalation, appArmorProfile, capabilities, privileged, procMount, readOnlyRootFilesystem, runAsGroup, runAsNonRoot, runAsUser, seLinuxOptions, seccompProfile or windowsOptions (did you mean `runAsUser`?)",
    "extraRepositories: [{volume: {source: {cs: {}}}}]": "44 `cs` is not a key of `extraRepositories[0].volume.source` (did you mean `csi`?)",
    "scratch: {volume: {emptydir: {}}}": "24 `emptydir` is not a key of `scratch.volume` (did you mean `emptyDir`?)",
}  # fmt: skip
# Values without a type of Kubernetes' own.
UNTYPED = {
    "dynamo.frontend.nodeSelector",
    "test.inference.expect",
}


def said(lines: list[str], build: Build) -> list[str]:
    """What TF170 says of entries of one line each."""
    entries = (
        f"  - name: m{number}\n    repository: {{image: {{path: /m}}}}\n    {line}\n"
        for number, line in enumerate(lines)
    )
    root = build(models="models:\n" + "".join(entries), dev="podSecurity: privileged\n")
    return [
        f"{each.position.column} {each.text}"
        for each in problems(root)
        if each.code == "TF170"
    ]


def test_a_mistake_is_told_in_its_line(build: Build) -> None:
    assert said(list(WRONG), build) == list(WRONG.values())


def test_keda_has_types_of_its_own(build: Build) -> None:
    line = "autoscaling: {enabled: true, engine: keda, metrics: [{type: cron, metadata: {desiredReplicas: '3'}}]}"
    assert said([line], build) == []


def test_a_probe_is_switched_off_by_a_key_of_the_chart(build: Build) -> None:
    probes = ["livenessProbe", "readinessProbe", "startupProbe"]
    assert said([f"{probe}: {{enabled: false}}" for probe in probes], build) == []


def test_every_open_value_of_the_chart_has_a_type() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    scaling = {"properties": SCALING["properties"] | SCALING["else"]["properties"]}
    types = {"properties": {**OPEN, "autoscaling": scaling}}
    untyped = {
        path
        for path, steps in _open(schema, schema, "", ())
        if not _typed(types, steps)
    }
    assert untyped == UNTYPED


def _open(
    schema: Any, node: Any, path: str, steps: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Paths of the chart's schema below which anything may be said, and the schema's keys that lead there."""
    if "$ref" in node:
        node = schema["definitions"][node["$ref"].rsplit("/", 1)[1]]
    is_described = "properties" in node or "patternProperties" in node
    if node.get("type") == "object" and not is_described:
        yield path, steps
    for key, child in node.get("properties", {}).items():
        name = f"{path}.{key}".removeprefix(".")
        yield from _open(schema, child, name, (*steps, "properties", key))
    for child in node.get("patternProperties", {}).values():
        yield from _open(schema, child, f"{path}.*", (*steps, "additionalProperties"))
    if isinstance(node.get("items"), dict):
        yield from _open(schema, node["items"], f"{path}[]", (*steps, "items"))


def _typed(types: Any, steps: tuple[str, ...]) -> bool:
    """Whether Kubernetes' types say what is there: the way ends at one of them, or leads into it."""
    for step in steps:
        if "$ref" in types:
            return True
        if step not in types:
            return False
        types = types[step]
    return "$ref" in types
