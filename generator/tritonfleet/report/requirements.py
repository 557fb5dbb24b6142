"""What each environment's cluster must have: definitions of custom resources, add-ons, device plugins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib import resources

from tritonfleet.nouns import Environment, Fleet, Release
from tritonfleet.report.releases import devices
from tritonfleet.values import Values

CUSTOM_METRICS = "custom metrics API"


def requirements(fleet: Fleet) -> str:
    """Each environment's needs and the models that ask for them; rules for a metrics adapter where one is needed."""
    lines: list[str] = []
    adapter_is_needed = False
    for environment in fleet.environments:
        models = _models_by_need(fleet, environment)
        adapter_is_needed |= CUSTOM_METRICS in models
        lines.append(f"{environment.name}:" if models else f"{environment.name}: nothing")
        lines += [f"  {need}: {', '.join(models[need])}" for need in sorted(models)]
    text = "\n".join(lines) + "\n"
    if adapter_is_needed:
        text += "\n" + _adapter_rules()
    return text


def _models_by_need(fleet: Fleet, environment: Environment) -> Mapping[str, list[str]]:
    models: dict[str, list[str]] = defaultdict(list)
    for release in fleet.releases:
        if release.environment is environment:
            for need in _needs(release):
                models[need].append(release.name)
    return models


def _needs(release: Release) -> set[str]:
    values = release.complete()
    needs = {need for need, asked in NEEDS if asked(values)}
    if devices(values):
        needs.add(f"device plugin of {values['accelerator']['resource']}")
    return needs


def _adapter_rules() -> str:
    template = resources.files("tritonfleet").joinpath("templates", "adapter-rules.yaml")
    return template.read_text(encoding="utf-8")


def _enabled(key: str) -> Callable[[Values], bool]:
    return lambda values: bool(values[key]["enabled"])


def _scaled_by_keda(values: Values) -> bool:
    return _scaled_by(values, "keda")


def _scaled_by_cpu(values: Values) -> bool:
    return _scaled_by(values, "hpa") and "cpu" in values["autoscaling"]["target"]


def _scaled_by_a_metric(values: Values) -> bool:
    return _scaled_by(values, "hpa") and "cpu" not in values["autoscaling"]["target"]


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
)
