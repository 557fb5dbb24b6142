"""Kubernetes' own types for the chart's open values, as one small schema: `make schemas` writes it into the package.

Source: the strict schemas of the package kubernetes-validate, which come from Kubernetes' OpenAPI document. What that
document says in words only, the words that a field may have, is added here from the API reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import kubernetes_validate

Schema = dict[str, Any]

_CORE = "io.k8s.api.core.v1."
# Types of the chart's open values; the others are found below them.
ROOTS = (
    f"{_CORE}PodTemplateSpec",
    f"{_CORE}EnvVarSource",
    f"{_CORE}EnvFromSource",
    "io.k8s.api.autoscaling.v2.MetricSpec",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior",
    "io.k8s.api.networking.v1.IngressTLS",
    "io.k8s.api.networking.v1.NetworkPolicyPeer",
    "io.k8s.api.networking.v1.NetworkPolicyEgressRule",
)
# A template in values is merged over the chart's: it need not say what that has.
PARTIAL = ("PodSpec", "Affinity", "PodSecurityContext")
_KEPT = ("type", "properties", "items", "additionalProperties", "required", "$ref")
_EXISTS = ["Exists", "DoesNotExist"]
_PULL = ["Always", "IfNotPresent", "Never"]
_PROFILES = ["RuntimeDefault", "Localhost", "Unconfined"]
# Source: https://kubernetes.io/docs/reference/kubernetes-api/. An empty text is the default where it stands.
WORDS: Mapping[tuple[str, str], list[str]] = {
    ("Toleration", "operator"): ["", "Exists", "Equal", "Lt", "Gt"],
    ("Toleration", "effect"): ["", "NoSchedule", "PreferNoSchedule", "NoExecute"],
    ("NodeSelectorRequirement", "operator"): ["In", "NotIn", *_EXISTS, "Gt", "Lt"],
    ("LabelSelectorRequirement", "operator"): ["In", "NotIn", *_EXISTS],
    ("TopologySpreadConstraint", "whenUnsatisfiable"): ["DoNotSchedule", "ScheduleAnyway"],
    ("TopologySpreadConstraint", "nodeAffinityPolicy"): ["Honor", "Ignore"],
    ("TopologySpreadConstraint", "nodeTaintsPolicy"): ["Honor", "Ignore"],
    ("Container", "imagePullPolicy"): ["", *_PULL],
    ("Container", "terminationMessagePolicy"): ["", "File", "FallbackToLogsOnError"],
    ("Container", "restartPolicy"): ["Always", "OnFailure", "Never"],
    ("ContainerPort", "protocol"): ["", "TCP", "UDP", "SCTP"],
    ("NetworkPolicyPort", "protocol"): ["TCP", "UDP", "SCTP"],
    ("HTTPGetAction", "scheme"): ["", "HTTP", "HTTPS"],
    ("SeccompProfile", "type"): _PROFILES,
    ("AppArmorProfile", "type"): _PROFILES,
    ("SecurityContext", "procMount"): ["Default", "Unmasked"],
    ("PodSecurityContext", "fsGroupChangePolicy"): ["Always", "OnRootMismatch"],
    ("PodSecurityContext", "supplementalGroupsPolicy"): ["Merge", "Strict"],
    ("PodSecurityContext", "seLinuxChangePolicy"): ["MountOption", "Recursive"],
    ("PodSpec", "preemptionPolicy"): ["Never", "PreemptLowerPriority"],
    ("VolumeMount", "mountPropagation"): ["None", "HostToContainer", "Bidirectional"],
    ("VolumeMount", "recursiveReadOnly"): ["Disabled", "IfPossible", "Enabled"],
    ("ImageVolumeSource", "pullPolicy"): ["", *_PULL],
    ("HostPathVolumeSource", "type"): [
        "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice",
    ],
    ("MetricSpec", "type"): ["ContainerResource", "External", "Object", "Pods", "Resource"],
    ("MetricTarget", "type"): ["Utilization", "Value", "AverageValue"],
    ("HPAScalingPolicy", "type"): ["Pods", "Percent"],
    ("HPAScalingRules", "selectPolicy"): ["Max", "Min", "Disabled"],
}  # fmt: skip
# More that the API server wants, and the document does not say.
WANTED: Mapping[str, Schema] = {
    "Container": {"required": ["image", "name"]},
    "EnvVarSource": {"minProperties": 1, "maxProperties": 1},
    "LifecycleHandler": {"minProperties": 1, "maxProperties": 1},
}
BOUNDS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("ContainerPort", "containerPort"): (1, 65535),
    ("ContainerPort", "hostPort"): (0, 65535),
    ("TopologySpreadConstraint", "maxSkew"): (1, 2**31 - 1),
    ("SecurityContext", "runAsUser"): (0, 2**31 - 1),
    ("SecurityContext", "runAsGroup"): (0, 2**31 - 1),
    ("PodSecurityContext", "runAsUser"): (0, 2**31 - 1),
    ("PodSecurityContext", "runAsGroup"): (0, 2**31 - 1),
    ("PodSecurityContext", "fsGroup"): (0, 2**31 - 1),
    ("PreferredSchedulingTerm", "weight"): (1, 100),
    ("WeightedPodAffinityTerm", "weight"): (1, 100),
}
_TEXT: Schema = {"type": ["string", "null"]}
# Source: https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
GATEWAY: Mapping[str, Schema] = {
    "ParentReference": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            **dict.fromkeys(("group", "kind", "namespace", "sectionName"), _TEXT),
            "name": {"type": "string"},
            "port": {"type": ["integer", "null"]},
        },
    }
}


def kubernetes_types() -> str:
    """The text of the schema: one definition in each line, sorted by name."""
    version = kubernetes_validate.latest_version()
    known = _definitions(version)
    definitions = {_short(name): _reduced(known[name]) for name in _reachable(known)}
    definitions |= GATEWAY
    for name in PARTIAL:
        definitions[name].pop("required", None)
    # A number or a text: the strict schemas say it so that null fits twice and is refused.
    definitions["Quantity"] = {"type": ["string", "number", "null"]}
    definitions["IntOrString"] = {"type": ["string", "integer", "null"]}
    for (name, field), words in WORDS.items():
        definitions[name]["properties"][field] = {"enum": [*words, None]}
    for name, wanted in WANTED.items():
        definitions[name] |= wanted
    for (name, field), (least, most) in BOUNDS.items():
        definitions[name]["properties"][field] |= {"minimum": least, "maximum": most}
    lines = [
        f"  {json.dumps(name)}: {json.dumps(definitions[name], sort_keys=True)}"
        for name in sorted(definitions)
    ]
    body = ",\n".join(lines)
    return f'{{\n "kubernetes": "{version}",\n "definitions": {{\n{body}\n }}\n}}\n'


def _definitions(version: str) -> Mapping[str, Schema]:
    package = resources.files("kubernetes_validate")
    directory = f"kubernetes-json-schema/v{version}-local-strict"
    text = (package / directory / "_definitions.json").read_text("utf-8")
    definitions: Mapping[str, Schema] = json.loads(text)["$defs"]
    return definitions


def _reachable(known: Mapping[str, Schema]) -> set[str]:
    """The roots, and every type that one of them has somewhere in it."""
    found: set[str] = set()
    left = [*ROOTS]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += _references(known[name])
    return found


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rsplit("/", 1)[1]
        for value in schema.values():
            yield from _references(value)


def _short(name: str) -> str:
    """Container of io.k8s.api.core.v1.Container; no two types of a pod have the same."""
    return name.rsplit(".", 1)[1]


def _reduced(schema: Schema) -> Schema:
    """A schema without words for people and hints for machines that nobody here reads."""
    kept = {key: value for key, value in schema.items() if key in _KEPT}
    if "$ref" in kept:
        return {"$ref": f"#/definitions/{_short(kept['$ref'])}"}
    if "properties" in kept:
        kept["properties"] = {
            name: _reduced(each) for name, each in kept["properties"].items()
        }
    for keyword in ("items", "additionalProperties"):
        if isinstance(kept.get(keyword), dict):
            kept[keyword] = _reduced(kept[keyword])
    return kept
