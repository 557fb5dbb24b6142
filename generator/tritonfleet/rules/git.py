"""The Git repository as engines read it: its address, and the charts in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.nouns import Chart, Environment, Resolved
from tritonfleet.problem import WARNING, Position, Problem
from tritonfleet.rules.registry import fleet_rule, on
from tritonfleet.values import lookup


@fleet_rule("TF141")
def changed_charts_have_new_versions(resolved: Resolved) -> Iterator[Problem]:
    """A chart with another content has another version: Flux goes by the version alone."""
    first_with: dict[str, Environment] = {}
    for environment in resolved.environments:
        first_with.setdefault(environment.chart.path, environment)
    committed_charts = resolved.sources.committed_charts
    for path, environment in first_with.items():
        committed = committed_charts.get(path)
        if _has_changed(environment.chart, committed):
            yield _changed_chart(environment)


def _changed_chart(environment: Environment) -> Problem:
    """The problem of a chart, told once: of the first environment that has it."""
    chart = environment.chart
    same = f"its version is still {chart.version}"
    message = f"{chart.path} has changed, but {same}, so Flux would not pick it up"
    hint = f"raise `version` in {chart.path}/Chart.yaml"
    return on(environment.source.position(), message, hint)


def _has_changed(chart: Chart, committed: Any) -> bool:
    """Whether a chart has another content than the one of the same version that deploy/charts.yaml remembers."""
    if not isinstance(committed, dict):
        return False
    if "-" in chart.version:  # a pre-release may change as often as it likes
        return False
    same_version = committed.get("version") == chart.version
    same_content = committed.get("digest") == f"sha256:{chart.content}"
    return same_version and not same_content


@fleet_rule("TF142")
def flux_can_reach_git(resolved: Resolved) -> Iterator[Problem]:
    """Flux reaches the Git repository by an http, https or ssh URL."""
    position = _repository_position(resolved)
    for environment in resolved.environments:
        address = environment.gitops.repository
        if environment.engine == "flux" and "://" not in address:
            message = f"Flux needs a URL, and {address} is not one"
            hint = f"write {_ssh_url(address)}"
            yield on(position, message, hint, environment=environment.name)


def _ssh_url(address: str) -> str:
    """The URL of the short form that Git takes: user@host:path."""
    return "ssh://" + address.replace(":", "/", 1)


@fleet_rule("TF143", WARNING)
def repository_is_real(resolved: Resolved) -> Iterator[Problem]:
    """The Git repository is not the one that `init` and the example name."""
    fleet = resolved.sources.fleet
    address = lookup(fleet.data, ("gitops", "repository"))
    if "://git.example.com/" in str(address):
        message = "this is still the repository of the example"
        position = _repository_position(resolved)
        yield on(position, message, "name your own")


def _repository_position(resolved: Resolved) -> Position:
    return resolved.sources.fleet.position(("gitops", "repository"))
