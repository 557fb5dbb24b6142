"""What each environment's cluster must have: definitions of custom resources, add-ons, device plugins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from importlib import resources

from tritonfleet.facts import CUSTOM_METRICS, needs
from tritonfleet.nouns import Environment, Fleet


def requirements(fleet: Fleet) -> str:
    """Each environment's needs and the models that ask for them; rules for a metrics adapter where one is needed."""
    lines: list[str] = []
    adapter_is_needed = False
    for environment in fleet.environments:
        models = _models_by_need(fleet, environment)
        adapter_is_needed |= CUSTOM_METRICS in models
        lines.append(
            f"{environment.name}:" if models else f"{environment.name}: nothing"
        )
        lines += [f"  {need}: {', '.join(models[need])}" for need in sorted(models)]
    text = "\n".join(lines) + "\n"
    if adapter_is_needed:
        text += "\n" + _adapter_rules()
    return text


def _models_by_need(fleet: Fleet, environment: Environment) -> Mapping[str, list[str]]:
    models: dict[str, list[str]] = defaultdict(list)
    for release in fleet.releases:
        if release.environment is environment:
            for need in needs(release.complete()):
                models[need].append(release.name)
    return models


def _adapter_rules() -> str:
    template = resources.files("tritonfleet").joinpath(
        "templates", "adapter-rules.yaml"
    )
    return template.read_text(encoding="utf-8")
