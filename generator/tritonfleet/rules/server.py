"""What this version of the server understands and needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tritonfleet.facts import explicit, triton_version
from tritonfleet.nouns import Chart, Release
from tritonfleet.problem import WARNING, Problem, similar
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values, lookup

OLDEST = "23.04"  # a flag of this version is as old as the table
LOCKABLE_SINCE = "23.11"


@release_rule("TF130", "extraArgs")
def flags_are_known(release: Release, values: Values) -> Iterator[Problem]:
    if not values["extraArgs"]:
        return
    table, version = flags(release.environment.chart), triton_version(values)
    for index, argument in enumerate(values["extraArgs"]):
        name = _flag(argument)
        if not name or not table or "owner" in table.get(name, ()):
            continue
        row, path = table.get(name), ("extraArgs", index)
        if row is None:
            yield at(
                release,
                path,
                f"tritonserver has no flag --{name}",
                similar(name, table).replace("`", "`--", 1),
            )
        elif version and version < row["since"]:
            yield at(release, path, f"--{name} came with {row['since']}, the image is {version}")
        elif version and version > row.get("until", version):
            yield at(release, path, f"--{name} went with {row['until']}, the image is {version}")


@release_rule("TF131", "extraArgs")
def flags_are_free(release: Release, values: Values) -> Iterator[Problem]:
    for index, argument in enumerate(values["extraArgs"]):
        row = flags(release.environment.chart).get(_flag(argument), {})
        if owner := row.get("owner"):
            hint = f"say it in `{row.get('deprecated', owner)}`"
            yield at(release, ("extraArgs", index), f"--{row['flag']} follows from `{owner}`", hint)


def flags(chart: Chart) -> dict[str, Mapping[str, Any]]:
    """The chart's table of tritonserver's flags, by name."""
    return {row["flag"]: row for row in chart.flags}


def _flag(argument: str) -> str:
    match = re.match(r"--([a-z0-9-]+)", argument)
    return match[1] if match else ""


@release_rule("TF134", "image", WARNING)
def tag_is_fixed(release: Release, values: Values) -> Iterator[Problem]:
    image = values["image"]
    if image["tag"] == "latest" and not image["digest"]:
        yield at(
            release,
            ("image", "tag"),
            "the tag `latest` moves: pods of one release may differ",
            "name a version",
        )


@release_rule("TF135", "image", WARNING)
def version_is_known(release: Release, values: Values) -> Iterator[Problem]:
    if not triton_version(values):
        message = "neither `image.tag` nor `image.tritonVersion` says the server's YY.MM; the newest is assumed"
        path = ("image", "tag") if values["image"]["tag"] else ("image", "digest")
        yield at(release, path, message, 'image: {tritonVersion: "24.10"}, for example')


@release_rule("TF132", "http grpc server metrics repository")
def values_are_known(release: Release, values: Values) -> Iterator[Problem]:
    version = triton_version(values)
    for path, since, default in _newer(release.environment.chart, version) if version else ():
        if path[0] in release.values and lookup(values, path) not in (default, None):
            message = f"`{'.'.join(path)}` needs tritonserver {since}, the image is {version}"
            yield at(release, path, message, "a newer image")


@lru_cache(maxsize=100)
def _newer(chart: Chart, version: str) -> tuple[tuple[tuple[str, ...], str, Any], ...]:
    """Paths of the values that came later than this server, with their first version and the chart's default."""
    values = [("metrics.histograms", "24.11"), ("repository.azure.identity", "26.05")]
    values += [
        (row["owner"], row["since"])
        for row in chart.flags
        if row.get("owner") and row["since"] > OLDEST
    ]
    later = [(tuple(key.split(".")), since) for key, since in values if since > version]
    return tuple((path, since, lookup(chart.defaults, path)) for path, since in later)


@release_rule("TF136", "loadModels modelControl")
def control_api_can_be_locked(release: Release, values: Values) -> Iterator[Problem]:
    version = triton_version(values)
    if version and version < LOCKABLE_SINCE and _locked(values):
        message = f"tritonserver {version} cannot lock its control API"
        yield at(
            release, ("image", "tag"), message, "a newer image, or `modelControl: {api: open}`"
        )


def _locked(values: Values) -> bool:
    return explicit(values) and values["modelControl"]["api"] != "open"


@release_rule("TF137", "extraArgs")
def lock_has_no_way_around(release: Release, values: Values) -> Iterator[Problem]:
    for index, argument in enumerate(values["extraArgs"] if _locked(values) else ()):
        if _flag(argument) in {"allow-sagemaker", "allow-vertex-ai"}:
            message = f"{argument} opens a way around the lock of the control API"
            yield at(
                release, ("extraArgs", index), message, "`modelControl: {api: open}` says so openly"
            )


@release_rule("TF138", "server")
def apis_are_restricted_once(release: Release, values: Values) -> Iterator[Problem]:
    taken = {api: "the lock" for api in ("model-repository", "trace", "logging") if _locked(values)}
    for index, group in enumerate(values["server"]["restrictedApis"]):
        for place, api in enumerate(group["apis"]):
            if api in taken:
                path = ("server", "restrictedApis", index, "apis", place)
                yield at(
                    release,
                    path,
                    f"{api} is in {taken[api]} already: the server takes each API once",
                )
            taken[api] = f"restrictedApis[{index}]"
