"""Values that the chart leaves open, against Kubernetes' own types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import release_rule
from tritonfleet.validate.engine import errors, verdict
from tritonfleet.validate.misfit import Place
from tritonfleet.validate.schemas import Schema
from tritonfleet.validate.words import problems
from tritonfleet.values import Values


def _one(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _many(name: str) -> Schema:
    return {"items": _one(name)}


def _inside(**properties: Schema) -> Schema:
    return {"properties": properties}


def _variables() -> Schema:
    return {"additionalProperties": _inside(valueFrom=_one("EnvVarSource"))}


_VOLUME = _inside(volume=_inside(source=_one("VolumeSource")))
_ROUTE = _inside(parentRefs={**_many("ParentReference"), "uniqueItems": True})
_PROBE = _one("Probe")
# Kubernetes' type of each value that the chart's schema leaves open.
OPEN: dict[str, Schema] = {
    "affinity": _one("Affinity"),
    "dnsConfig": _one("PodDNSConfig"),
    "dynamo": _inside(
        frontend=_inside(env=_variables(), tolerations=_many("Toleration"))
    ),
    "env": _variables(),
    "envFrom": _many("EnvFromSource"),
    "extraObjects": _many("ExtraObject"),
    "extraRepositories": {"items": _VOLUME},
    "fetch": _inside(env=_variables(), envFrom=_many("EnvFromSource")),
    "grpcRoute": _ROUTE,
    "hostAliases": _many("HostAlias"),
    "httpRoute": _ROUTE,
    "ingress": _inside(tls=_many("IngressTLS")),
    "initContainers": _many("InitContainer"),
    "lifecycle": _one("Lifecycle"),
    "livenessProbe": _PROBE,
    "networkPolicy": _inside(
        ingress={"properties": {"from": _many("NetworkPolicyPeer")}},
        egress=_inside(extra=_many("NetworkPolicyEgressRule")),
    ),
    "podSecurityContext": _one("PodSecurityContext"),
    "podTemplate": _one("PodTemplateSpec"),
    "readinessProbe": _PROBE,
    "repository": _VOLUME,
    "scratch": _inside(volume=_one("VolumeSource")),
    "securityContext": _one("SecurityContext"),
    "serviceMonitor": _inside(
        relabelings=_many("Relabeling"), metricRelabelings=_many("Relabeling")
    ),
    "sidecars": _many("Container"),
    "startupProbe": _PROBE,
    "tolerations": _many("Toleration"),
    "topologySpreadConstraints": _many("TopologySpreadConstraint"),
    "volumeMounts": _many("VolumeMount"),
    "volumes": _many("Volume"),
}
# Their `enabled` is the chart's own.
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# What `metrics` and `behavior` are depends on who scales.
SCALING = {
    "properties": {"behavior": _one("HorizontalPodAutoscalerBehavior")},
    "if": {"properties": {"engine": {"const": "keda"}}},
    "then": _inside(metrics=_many("Trigger")),
    "else": _inside(metrics=_many("MetricSpec")),
}


class Types(NamedTuple):
    """Kubernetes' types for the open values: their schema, and its fast verdict."""

    schema: Schema
    fit: Callable[[Any], bool]


@cache
def _types() -> Types:
    """Read when the first release sets an open value: most fleets have few of them."""
    file = resources.files(__package__) / "kubernetes-types.json"
    definitions = json.loads(file.read_text("utf-8"))["definitions"]
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {**OPEN, "autoscaling": SCALING},
        "definitions": definitions,
    }
    return Types(schema, verdict(schema))


@release_rule("TF170", " ".join((*OPEN, "autoscaling")))
def open_values_have_types(release: Release, values: Values) -> Iterator[Problem]:
    """What the chart leaves open has Kubernetes' types."""
    said = _said(release, values)
    types = _types()
    if not said or types.fit(said):
        return
    place = Place(release, subject=release.name)
    for error in errors(types.schema, said):
        yield from problems(error, place)


def _said(release: Release, values: Values) -> dict[str, Any]:
    """The open values that a release sets, without what is the chart's own."""
    said = {key: values[key] for key in OPEN if key in release.values}
    if "volume" not in values["repository"]:
        said.pop("repository", None)  # nearly every release has another kind
    if "autoscaling" in release.values:
        said["autoscaling"] = values["autoscaling"]
    for probe in PROBES:
        if probe in said:
            said[probe] = _without_switch(said[probe])
    return said


def _without_switch(probe: Values) -> Values:
    return {key: value for key, value in probe.items() if key != "enabled"}
