"""What the server of an image understands: its version, and the values that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from tritonfleet.facts import triton_version
from tritonfleet.nouns import Chart, Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values, dotted, lookup

OLDEST = "23.04"  # the first version of the chart's table: a flag of this version may be older
# Values that become no flag of their own, so that the table of flags does not have their versions.
NEWER_SETTINGS = (
    ("metrics.histograms", "24.11"),
    ("repository.azure.identity", "26.05"),
)


@release_rule("TF134", "image", WARNING)
def tag_is_fixed(release: Release, values: Values) -> Iterator[Problem]:
    """An image has a tag that does not move."""
    image = values["image"]
    if image["tag"] == "latest" and not image["digest"]:
        moves = "the tag `latest` moves"
        message = f"{moves}: pods of one release may run different servers"
        hint = "name a version, like 24.10-py3"
        yield at(release, ("image", "tag"), message, hint)


@release_rule("TF135", "image", WARNING)
def version_is_known(release: Release, values: Values) -> Iterator[Problem]:
    """The server's version is known: the chart's flags and these rules follow from it."""
    if triton_version(values):
        return
    key = "tag" if values["image"]["tag"] else "digest"
    unknown = "neither `image.tag` nor `image.tritonVersion` says the server's version as YY.MM"
    message = f"{unknown}; the newest is assumed"
    hint = 'set image: {tritonVersion: "24.10"}, for example'
    yield at(release, ("image", key), message, hint)


@release_rule("TF132", "http grpc server metrics repository")
def values_are_known(release: Release, values: Values) -> Iterator[Problem]:
    """A value becomes no flag that the image's Triton does not know."""
    version = triton_version(values)
    if not version:
        return
    for newer in _newer_values(release.environment.chart, version):
        is_set = newer.path[0] in release.values
        if is_set and lookup(values, newer.path) not in (newer.default, None):
            yield _too_new(release, newer, version)


class NewerValue(NamedTuple):
    """A value that came after some version of the server."""

    path: tuple[str, ...]
    since: str
    default: Any


def _too_new(release: Release, newer: NewerValue, version: str) -> Problem:
    key = dotted(newer.path)
    needed = f"`{key}` needs tritonserver {newer.since} or newer"
    message = f"{needed}; the image is {version}"
    hint = "use a newer image, or remove it"
    return at(release, newer.path, message, hint)


@lru_cache(maxsize=100)
def _newer_values(chart: Chart, version: str) -> tuple[NewerValue, ...]:
    """Values that came after this version of the server.

    Every release asks and most get the same answer: worked out anew, 40 µs each, it would be 1.2 s of 30,000 releases.
    """
    newer = []
    for key, since in _values_with_versions(chart):
        if since > version:
            path = tuple(key.split("."))
            newer.append(NewerValue(path, since, lookup(chart.defaults, path)))
    return tuple(newer)


def _values_with_versions(chart: Chart) -> Iterator[tuple[str, str]]:
    """Values that not every server takes, each with the version that brought it: a flag's owner came with the flag."""
    yield from NEWER_SETTINGS
    for flag in chart.flags.values():
        if "owner" in flag and flag["since"] > OLDEST:
            yield flag["owner"], flag["since"]


@release_rule("TF156", "http", WARNING)
def readiness_is_of_models(release: Release, values: Values) -> Iterator[Problem]:
    """Readiness means the models and not only the server, which needs HTTP."""
    if not values["http"]["enabled"] and values["loadModels"]:
        message = "without HTTP a pod is ready before its models are"
        hint = "with HTTP its probe asks for each model"
        yield at(release, ("http", "enabled"), message, hint)
