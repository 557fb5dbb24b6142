"""What the server of an image understands: its version, its flags, the values that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from tritonfleet.facts import triton_version
from tritonfleet.nouns import Chart, Release
from tritonfleet.problem import WARNING, Problem, similar
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup

OLDEST = "23.04"  # the first version of the chart's table: a flag of this version may be older


@release_rule("TF134", "image", WARNING)
def tag_is_fixed(release: Release, values: Values) -> Iterator[Problem]:
    """An image has a tag that does not move."""
    image = values["image"]
    if image["tag"] == "latest" and not image["digest"]:
        path = ("image", "tag")
        message = (
            "the tag `latest` moves: pods of one release may run different servers"
        )
        hint = "name a version, like 24.10-py3"
        yield at(release, path, message, hint)


@release_rule("TF135", "image", WARNING)
def version_is_known(release: Release, values: Values) -> Iterator[Problem]:
    """The server's version is known: the chart's flags and these rules follow from it."""
    if triton_version(values):
        return
    path = ("image", "tag") if values["image"]["tag"] else ("image", "digest")
    unknown = "neither `image.tag` nor `image.tritonVersion` says the server's version as YY.MM"
    message = f"{unknown}; the newest is assumed"
    hint = 'set image: {tritonVersion: "24.10"}, for example'
    yield at(release, path, message, hint)


Flag: TypeAlias = Mapping[str, Any]
"""A row of the chart's table of flags: `since`, and where they apply `until`, `owner` and `deprecated`."""


def flag_name(argument: str) -> str:
    """The flag of an argument, without its dashes; "" when it is none."""
    match = re.match(r"--([a-z0-9-]+)", argument)
    return match[1] if match else ""


@release_rule("TF130", "extraArgs")
def flags_are_known(release: Release, values: Values) -> Iterator[Problem]:
    """A flag in extraArgs is known to the image's Triton, which ends at one that it does not know."""
    if not values["extraArgs"]:
        return
    flags = release.environment.chart.flags
    version = triton_version(values)
    for index, argument in enumerate(values["extraArgs"]):
        name = flag_name(argument)
        if not name or not flags:
            continue
        path = ("extraArgs", index)
        if name not in flags:
            hint = similar(f"--{name}", [f"--{known}" for known in flags])
            yield at(release, path, f"tritonserver has no flag --{name}", hint)
        elif (
            version and "owner" not in flags[name]
        ):  # TF131 is about those with an owner
            yield from _flag_of_another_version(release, path, name, version)


def _flag_of_another_version(
    release: Release, path: KeyPath, name: str, version: str
) -> Iterator[Problem]:
    flag = release.environment.chart.flags[name]
    if version < flag["since"]:
        message = f"--{name} was added in {flag['since']}; the image is {version}"
        hint = "use a newer image, or remove it"
        yield at(release, path, message, hint)
    elif version > flag.get("until", version):
        message = f"--{name} was removed after {flag['until']}; the image is {version}"
        hint = "remove it"
        yield at(release, path, message, hint)


@release_rule("TF131", "extraArgs")
def flags_are_free(release: Release, values: Values) -> Iterator[Problem]:
    """A flag that a value sets is not set a second time in extraArgs."""
    if not values["extraArgs"]:
        return
    flags = release.environment.chart.flags
    for index, argument in enumerate(values["extraArgs"]):
        name = flag_name(argument)
        flag: Flag = flags.get(name, {})
        if "owner" in flag:
            path = ("extraArgs", index)
            owner = flag.get("deprecated", flag["owner"])
            message = f"--{name} is set by `{owner}`"
            hint = "remove it from `extraArgs`"
            yield at(release, path, message, hint)


@release_rule("TF132", "http grpc server metrics repository")
def values_are_known(release: Release, values: Values) -> Iterator[Problem]:
    """A value becomes no flag that the image's Triton does not know."""
    version = triton_version(values)
    if not version:
        return
    for newer in _newer_values(release.environment.chart, version):
        if newer.path[0] not in release.values:
            continue
        if lookup(values, newer.path) not in (newer.default, None):
            needed = f"needs tritonserver {newer.since} or newer"
            message = f"`{'.'.join(newer.path)}` {needed}; the image is {version}"
            hint = "use a newer image, or remove it"
            yield at(release, newer.path, message, hint)


class NewerValue(NamedTuple):
    """A value that came after some version of the server."""

    path: tuple[str, ...]
    since: str
    default: Any


@lru_cache(maxsize=100)
def _newer_values(chart: Chart, version: str) -> tuple[NewerValue, ...]:
    """Values that came after this version of the server.

    Every release asks and most get the same answer: worked out anew, 40 µs each, it would be 1.2 s of 30,000 releases.
    """
    values = [("metrics.histograms", "24.11"), ("repository.azure.identity", "26.05")]
    for flag in chart.flags.values():
        if "owner" in flag and flag["since"] > OLDEST:
            values.append((flag["owner"], flag["since"]))
    newer = []
    for key, since in values:
        if since > version:
            path = tuple(key.split("."))
            newer.append(NewerValue(path, since, lookup(chart.defaults, path)))
    return tuple(newer)


@release_rule("TF156", "http", WARNING)
def readiness_is_of_models(release: Release, values: Values) -> Iterator[Problem]:
    """Readiness means the models and not only the server, which needs HTTP."""
    if not values["http"]["enabled"] and values["loadModels"]:
        path = ("http", "enabled")
        message = "without HTTP a pod is ready before its models are"
        hint = "with HTTP its probe asks for each model"
        yield at(release, path, message, hint)
