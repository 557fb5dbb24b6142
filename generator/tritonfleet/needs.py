"""What a cluster must have for a release: custom resources, add-ons and device plugins."""

from __future__ import annotations

from collections.abc import Callable

from tritonfleet.modes import finds_workers_by_kubernetes
from tritonfleet.values import Values

CUSTOM_METRICS = "custom metrics API"


def needs(values: Values) -> set[str]:
    """What a cluster must have for the release: custom resources, add-ons and device plugins, by their own names."""
    found = {need for need, is_asked_for in NEEDS if is_asked_for(values)}
    accelerator = values["accelerator"]
    if accelerator["count"]:
        found.add(f"device plugin of {accelerator['resource']}")
    return found


def _enabled(key: str) -> Callable[[Values], bool]:
    return lambda values: bool(values[key]["enabled"])


def _scaled_by_keda(values: Values) -> bool:
    return _scaled_by(values, "keda")


def _scaled_by_cpu(values: Values) -> bool:
    return _scaled_by(values, "hpa") and _has_cpu_as_target(values)


def _scaled_by_a_metric(values: Values) -> bool:
    return _scaled_by(values, "hpa") and not _has_cpu_as_target(values)


def _has_cpu_as_target(values: Values) -> bool:
    return "cpu" in values["autoscaling"]["target"]


def _scaled_by(values: Values, engine: str) -> bool:
    scaling = values["autoscaling"]
    return bool(scaling["enabled"]) and scaling["engine"] == engine


def _has_claims(values: Values) -> bool:
    return bool(values["accelerator"]["claims"])


# What a cluster must have, and whether a release's values ask for it.
NEEDS: tuple[tuple[str, Callable[[Values], bool]], ...] = (
    ("Prometheus operator", _enabled("serviceMonitor")),
    ("Prometheus operator", _enabled("podMonitor")),
    ("Prometheus operator", _enabled("prometheusRule")),
    ("Gateway API", _enabled("httpRoute")),
    ("Gateway API", _enabled("grpcRoute")),
    ("an ingress controller", _enabled("ingress")),
    ("KEDA", _scaled_by_keda),
    ("metrics API (metrics-server)", _scaled_by_cpu),
    (CUSTOM_METRICS, _scaled_by_a_metric),
    ("a DRA driver", _has_claims),
    (
        "custom resource dynamoworkermetadatas.nvidia.com",
        finds_workers_by_kubernetes,
    ),
)
