"""Kubernetes' own types for the chart's open values, as one small schema: `make schemas` writes it into the package.

Source: the strict schemas of the package kubernetes-validate, which come from Kubernetes' OpenAPI document. What that
document does not say, the words and forms that fields may have, is in kubernetes-types.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

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
    # Kinds of Kubernetes' own that `extraObjects` may hold everywhere.
    f"{_CORE}ConfigMap",
    f"{_CORE}PersistentVolumeClaim",
    f"{_CORE}Service",
    f"{_CORE}ServiceAccount",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    "io.k8s.api.networking.v1.Ingress",
    "io.k8s.api.networking.v1.NetworkPolicy",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
)
# A template in values is merged over the chart's: it need not say what that has.
PARTIAL = ("PodSpec", "Affinity", "PodSecurityContext")
_KEPT = ("type", "properties", "items", "additionalProperties", "required", "$ref")
MORE = Path(__file__).parent / "kubernetes-types.yaml"


def kubernetes_types() -> str:
    """The text of the schema: one definition in each line, sorted by name."""
    version = kubernetes_validate.latest_version()
    known = _definitions(version)
    definitions = {_short(name): _reduced(known[name]) for name in _reachable(known)}
    for name in PARTIAL:
        definitions[name].pop("required", None)
    more = yaml.safe_load(MORE.read_text("utf-8"))
    for name, wanted in more["types"].items():
        definitions[name] = _over(definitions[name], wanted)
    definitions |= more["forms"] | more["own"]
    definitions["VolumeSource"] = _without_name(definitions["Volume"])
    lines = [
        f"  {json.dumps(name)}: {json.dumps(definitions[name], sort_keys=True)}"
        for name in sorted(definitions)
    ]
    body = ",\n".join(lines)
    return f'{{\n "kubernetes": "{version}",\n "definitions": {{\n{body}\n }}\n}}\n'


def _without_name(schema: Schema) -> Schema:
    """A type whose name the chart gives."""
    properties = {
        key: value for key, value in schema["properties"].items() if key != "name"
    }
    unnamed = {key: value for key, value in schema.items() if key != "required"}
    return {**unnamed, "properties": properties}


def _over(schema: Schema, wanted: Schema) -> Schema:
    """A type with more that is wanted of it; a `$ref` or an `enum` stands alone."""
    if "$ref" in schema or "$ref" in wanted or "enum" in wanted:
        return wanted
    merged = dict(schema)
    for key, value in wanted.items():
        inner = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _over(merged[key], value) if inner else value
    return merged


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
