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
        rows = [_row(release) for release in fleet.releases]
        return to_json({"releases": rows})
    lines: list[str] = []
    for environment in fleet.environments:
        releases = fleet.releases_in(environment.name)
        lines += _environment(environment, releases)
    return "\n".join(lines) + "\n"


def _environment(environment: Environment, releases: list[Release]) -> Iterator[str]:
    """A line about an environment, and one for each of its releases, whose names are as wide as the longest."""
    where = f"{environment.engine}, namespace {environment.namespace}"
    yield f"{environment.name} ({where}): {len(releases)}"
    lengths = [len(release.name) for release in releases]
    width = max(lengths, default=0)
    for release in releases:
        name = release.name.ljust(width)
        words = _words(_row(release))
        yield f"  {name}  {words}"


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
    replicas = row["replicas"]
    devices = row["accelerator"] or "CPU"
    parts = [row["image"], f"× {replicas}", devices]
    if row["mode"] != TRITON:
        parts.append(row["mode"])
    if row["suspended"]:
        parts.append("suspended")
    return "  ".join(parts)


def _replicas(values: Values) -> str:
    """`2`, or `1–4` where an autoscaler decides."""
    scaling = values["autoscaling"]
    if not scaling["enabled"]:
        return str(values["replicas"])
    least = scaling["minReplicas"]
    most = scaling["maxReplicas"]
    return f"{least}–{most}"


def _devices(values: Values) -> str:
    """`1 nvidia.com/gpu`, or nothing for a release without a device."""
    accelerator = values["accelerator"]
    count = accelerator["count"]
    if not count:
        return ""
    return f"{count} {accelerator['resource']}"
