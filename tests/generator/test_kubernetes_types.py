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
    "tolerations: [{key: gpu, operator: exists}]": '40 tolerations[0].operator: "exists" is unknown; expected: "", Exists, Equal, Lt or Gt (did you mean `Exists`?)',
    "affinity: {podAntiAfinity: {}}": "16 `podAntiAfinity` is not a key of `affinity`; expected: nodeAffinity, podAffinity or podAntiAffinity (did you mean `podAntiAffinity`?)",
    "topologySpreadConstraints: [{maxSkew: 0, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]": "43 topologySpreadConstraints[0].maxSkew: 0 is too small; expected: at least 1",
    "podTemplate: {spec: x}": '25 podTemplate.spec: "x" is text; expected: a mapping',
    "podTemplate: {spec: {contaners: []}}": "26 `contaners` is not a key of `podTemplate.spec` (did you mean `containers`?)",
    "env: {A: {valueFrom: {foo: bar}}}": "27 `foo` is not a key of `env.A.valueFrom`; expected: configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef or secretKeyRef",
    "envFrom: [{secretRef: x}]": '27 envFrom[0].secretRef: "x" is text; expected: a mapping',
    "volumes: [{name: a, emptydir: {}}]": "25 `emptydir` is not a key of `volumes[0]` (did you mean `emptyDir`?)",
    "volumes: [{name: a, secret: {name: b}}]": "34 `name` is not a key of `volumes[0].secret`; expected: defaultMode, defaultUser, items, optional or secretName",
    "sidecars: [{name: a}]": "16 `sidecars[0].image` is missing; expected: text",
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
    "autoscaling: {enabled: true, metrics: [{type: Foo}]}": '51 autoscaling.metrics[0].type: "Foo" is unknown; expected: ContainerResource, External, Object, Pods or Resource',
    "autoscaling: {enabled: true, target: {cpu: 50}, behavior: {scaleUp: {policies: [{type: Pod, value: 1, periodSeconds: 5}]}}}": '92 autoscaling.behavior.scaleUp.policies[0].type: "Pod" is unknown; expected: Pods or Percent (did you mean `Pods`?)',
    "podSecurityContext: {fsGroup: a}": '35 podSecurityContext.fsGroup: "a" is text; expected: a whole number',
    "securityContext: {runasuser: 5}": "23 `runasuser` is not a key of `securityContext`; expected: allowPrivilegeEscalation, appArmorProfile, capabilities, privileged, procMount, readOnlyRootFilesystem, runAsGroup, runAsNonRoot, runAsUser, seLinuxOptions, seccompProfile or windowsOptions (did you mean `runAsUser`?)",
}  # fmt: skip
# Values without a type of Kubernetes' own: those of custom resources, and whole manifests, which have a rule.
UNTYPED = {
    "extraObjects[]",
    "global",
    "serviceMonitor.relabelings[]",
    "serviceMonitor.metricRelabelings[]",
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
    line = "autoscaling: {enabled: true, engine: keda, metrics: [{type: cron, metadata: {}}]}"
    assert said([line], build) == []


def test_every_open_value_of_the_chart_has_a_type() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    types = {"properties": {**OPEN, "autoscaling": SCALING}}
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
