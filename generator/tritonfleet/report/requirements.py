"""What each environment's cluster must have: definitions of custom resources, add-ons, device plugins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

from tritonfleet.needs import CUSTOM_METRICS, needs
from tritonfleet.nouns import Fleet, Release


def requirements(fleet: Fleet) -> str:
    """Each environment's needs and the models that ask for them; rules for a metrics adapter where one is needed."""
    lines: list[str] = []
    all_needs: set[str] = set()
    for environment in fleet.environments:
        models = _models_by_need(fleet.releases_in(environment.name))
        lines += _environment(environment.name, models)
        all_needs.update(models)
    text = "\n".join(lines) + "\n"
    if CUSTOM_METRICS in all_needs:
        text += "\n" + _adapter_rules()
    return text


def _environment(name: str, models: Mapping[str, list[str]]) -> Iterator[str]:
    """What one environment's cluster needs, each with the models that ask for it."""
    if not models:
        yield f"{name}: nothing"
        return
    yield f"{name}:"
    for need in sorted(models):
        yield f"  {need}: {', '.join(models[need])}"


def _models_by_need(releases: Iterable[Release]) -> Mapping[str, list[str]]:
    """Names of the models that ask for each need, in the order of lists."""
    models: dict[str, list[str]] = defaultdict(list)
    for release in releases:
        for need in needs(release.complete()):
            models[need].append(release.name)
    return models


def _adapter_rules() -> str:
    """Rules for prometheus-adapter: an autoscaler can read no metric of Triton that nothing translates."""
    template = resources.files("tritonfleet").joinpath(
        "templates", "adapter-rules.yaml"
    )
    return template.read_text(encoding="utf-8")
