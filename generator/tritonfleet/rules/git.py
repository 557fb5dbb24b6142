"""The Git repository as engines read it: its address, and the charts in it."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.nouns import Resolved
from tritonfleet.problem import WARNING, Position, Problem
from tritonfleet.rules.registry import fleet_rule, on
from tritonfleet.values import lookup


@fleet_rule("TF141")
def changed_charts_have_new_versions(resolved: Resolved) -> Iterator[Problem]:
    """A chart with another content has another version: Flux goes by the version alone."""
    reported: set[str] = set()
    for environment in resolved.environments:
        chart = environment.chart
        committed = resolved.sources.committed_charts.get(chart.path)
        if not isinstance(committed, dict) or chart.path in reported:
            continue
        is_released = (
            "-" not in chart.version
        )  # a pre-release may change as often as it likes
        same_version = committed.get("version") == chart.version
        same_content = committed.get("digest") == f"sha256:{chart.content}"
        if is_released and same_version and not same_content:
            reported.add(chart.path)
            changed = (
                f"{chart.path} has changed, but its version is still {chart.version}"
            )
            message = f"{changed}, so Flux would not pick it up"
            hint = f"raise `version` in {chart.path}/Chart.yaml"
            yield on(environment.source.position(), message, hint)


@fleet_rule("TF142")
def flux_can_reach_git(resolved: Resolved) -> Iterator[Problem]:
    """Flux reaches the Git repository by an http, https or ssh URL."""
    for environment in resolved.environments:
        address = environment.gitops.repository
        if environment.engine == "flux" and "://" not in address:
            url = "ssh://" + address.replace(":", "/", 1)
            message = f"Flux needs a URL, and {address} is not one"
            position = _repository_position(resolved)
            hint = f"write {url}"
            yield on(position, message, hint, environment=environment.name)


@fleet_rule("TF143", WARNING)
def repository_is_real(resolved: Resolved) -> Iterator[Problem]:
    """The Git repository is not the one that `init` and the example name."""
    address = lookup(resolved.sources.fleet.data, ("gitops", "repository"))
    if "://git.example.com/" in str(address):
        message = "this is still the repository of the example"
        hint = "name your own"
        yield on(_repository_position(resolved), message, hint)


def _repository_position(resolved: Resolved) -> Position:
    return resolved.sources.fleet.position(("gitops", "repository"))
