"""The releases of a fleet, by environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.facts import image
from tritonfleet.modes import TRITON, mode
from tritonfleet.nouns import Environment, Fleet, Release
from tritonfleet.report.shared import number, to_json
from tritonfleet.values import Values


def summary(fleet: Fleet) -> str:
    """One line about a fleet without errors."""
    counts = [
        number(len(fleet.entries), "model"),
        number(len(fleet.environments), "environment"),
        number(len(fleet.releases), "release"),
    ]
    return f"{fleet.name}: {', '.join(counts)}: no errors"


def listing(fleet: Fleet, form: str) -> str:
    """All releases, as `text` or `json`."""
    if form == "json":
        return to_json({"releases": [_row(release) for release in fleet.releases]})
    lines: list[str] = []
    for environment in fleet.environments:
        lines += _environment(environment, fleet.releases_in(environment.name))
    return "\n".join(lines) + "\n"


def _environment(environment: Environment, releases: list[Release]) -> Iterator[str]:
    """A line about an environment, and one for each of its releases, whose names are as wide as the longest."""
    where = f"{environment.engine}, namespace {environment.namespace}"
    yield f"{environment.name} ({where}): {len(releases)}"
    names = [len(release.name) for release in releases]
    width = max(names, default=0)
    for release in releases:
        yield f"  {release.name:{width}}  {_words(_row(release))}"


def _row(release: Release) -> dict[str, Any]:
    """What every form says of a release."""
    environment = release.environment
    complete = release.complete()
    return {
        "environment": environment.name,
        "name": release.name,
        "namespace": environment.namespace,
        "engine": environment.engine,
        "mode": mode(complete),
        "image": image(complete),
        "replicas": _replicas(complete),
        "accelerator": _devices(complete),
        "suspended": release.suspended,
        "file": release.entry.layer.source.file,
    }


def _words(row: dict[str, Any]) -> str:
    """What the text form says of a release, behind its name."""
    parts = [row["image"], f"× {row['replicas']}", row["accelerator"] or "CPU"]
    if row["mode"] != TRITON:
        parts.append(row["mode"])
    if row["suspended"]:
        parts.append("suspended")
    return "  ".join(parts)


def _replicas(values: Values) -> str:
    """`2`, or `1–4` where an autoscaler decides."""
    scaling = values["autoscaling"]
    if scaling["enabled"]:
        return f"{scaling['minReplicas']}–{scaling['maxReplicas']}"
    return str(values["replicas"])


def _devices(values: Values) -> str:
    """`1 nvidia.com/gpu`, or nothing for a release without a device."""
    accelerator = values["accelerator"]
    if not accelerator["count"]:
        return ""
    return f"{accelerator['count']} {accelerator['resource']}"
