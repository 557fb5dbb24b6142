"""The files themselves: secrets, the chart's version, the Git repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.nouns import Resolved
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import fleet_rule, on
from tritonfleet.source import Source
from tritonfleet.validate.words import has_secret
from tritonfleet.values import KeyPath, dotted, lookup


@fleet_rule("TF140", always=True)
def no_secrets(resolved: Resolved) -> Iterator[Problem]:
    sources = resolved.sources
    for source in (sources.fleet, *sources.environments, *sources.lists):
        if (
            has_secret(source.text) or "\\" in source.text
        ):  # an escape could hide one from the first look
            yield from _secrets(source, source.data, ())


def _secrets(source: Source, data: Any, path: KeyPath) -> Iterator[Problem]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _secrets(source, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _secrets(source, value, (*path, index))
    elif isinstance(data, str) and has_secret(data):
        message = f"{dotted(path)} looks like a secret"
        hint = "put it into a Secret and name that; this one is in Git's history now"
        yield on(source.position(path), message, hint, subject=_entry(source, path))


def _entry(source: Source, path: KeyPath) -> str:
    found = lookup(source.data, (*path[:2], "name")) if path[:1] == ("models",) else None
    return found if isinstance(found, str) else ""


@fleet_rule("TF141")
def chart_version_is_new(resolved: Resolved) -> Iterator[Problem]:
    told: set[str] = set()
    for environment in resolved.environments:
        chart = environment.chart
        before = resolved.sources.committed_charts.get(chart.path)
        if not isinstance(before, dict) or chart.path in told or "-" in chart.version:
            continue
        if (
            before.get("version") == chart.version
            and before.get("digest") != f"sha256:{chart.content}"
        ):
            told.add(chart.path)
            message = f"{chart.path} has changed, its version is still {chart.version}: Flux would not pick it up"
            yield on(
                environment.source.position(),
                message,
                f"raise `version` in {chart.path}/Chart.yaml",
            )


@fleet_rule("TF142")
def flux_can_reach_git(resolved: Resolved) -> Iterator[Problem]:
    for environment in resolved.environments:
        url = environment.gitops.repository
        if environment.engine == "flux" and "://" not in url:
            hint = "ssh://" + url.replace(":", "/", 1)
            yield on(
                _said(resolved, "repository"),
                f"Flux takes no {url}",
                hint,
                environment=environment.name,
            )


@fleet_rule("TF143", WARNING)
def repository_is_real(resolved: Resolved) -> Iterator[Problem]:
    if "://git.example.com/" in str(lookup(resolved.sources.fleet.data, ("gitops", "repository"))):
        yield on(
            _said(resolved, "repository"), "the repository is still the example's", "name your own"
        )


def _said(resolved: Resolved, key: str) -> Any:
    return resolved.sources.fleet.position(("gitops", key))
