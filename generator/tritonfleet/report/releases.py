"""The releases of a fleet, by environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.facts import image
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
        lines += _environment(fleet, environment)
    return "\n".join(lines) + "\n"


def _environment(fleet: Fleet, environment: Environment) -> Iterator[str]:
    releases = [
        release for release in fleet.releases if release.environment is environment
    ]
    where = f"{environment.engine}, namespace {environment.namespace}"
    yield f"{environment.name} ({where}): {len(releases)}"
    width = max((len(release.name) for release in releases), default=0)
    for release in releases:
        yield f"  {release.name:{width}}  {_words(_row(release))}"


def _row(release: Release) -> dict[str, Any]:
    """What every form says of a release."""
    complete = release.complete()
    return {
        "environment": release.environment.name,
        "name": release.name,
        "namespace": release.environment.namespace,
        "engine": release.environment.engine,
        "image": image(complete),
        "replicas": _replicas(complete),
        "accelerator": _devices(complete),
        "suspended": release.suspended,
        "file": release.entry.layer.source.file,
    }


def _words(row: dict[str, Any]) -> str:
    parts = [row["image"], f"× {row['replicas']}", row["accelerator"] or "CPU"]
    if row["suspended"]:
        parts.append("suspended")
    return "  ".join(parts)


def _replicas(values: Values) -> str:
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
