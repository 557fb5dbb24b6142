"""What the server of an image understands: its version, and the values that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tritonfleet.facts import explicit, named_models, triton_version
from tritonfleet.modes import TRITON, mode
from tritonfleet.nouns import Chart, Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.flags import Flag, table_of
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, dotted, lookup

# Owners of flags that the chart writes in another way, or not at all, for a server that does not know them.
FOR_EVERY_SERVER = frozenset({"server.autoCompleteConfig", "server.clientSharedMemory"})
# Sections of values that switch a listener of tritonserver on, by the first word of its flags.
SECTIONS = ("http", "grpc", "metrics")
# In explicit mode both become flags, and else none.
OF_EXPLICIT_MODE = frozenset({("loadModels",), ("modelControl", "mode")})
CONNECTION_AGE = ("grpc", "maxConnectionAge")
NEVER = re.compile(r"0+(ms|s|m|h)")
# Images that NVIDIA publishes beside the server's, by the end of their tags.
WITHOUT_SERVER = {
    "sdk": "the image of clients and tools, without a server",
    "min": "the image to build others on, without a server",
}
DEFAULT_REGISTRY = "nvcr.io"  # of the chart
_WITHOUT_SERVER = re.compile(r"-py3(?:-igpu)?-(sdk|min)\Z")
_REGISTRY = re.compile(r"(localhost|[^/]*[.:][^/]*)/")


@release_rule("TF134", "image", WARNING)
def tag_is_fixed(release: Release, values: Values) -> Iterator[Problem]:
    """An image has a tag that does not move."""
    if _moves(values["image"]):
        moves = "the tag `latest` moves"
        message = f"{moves}: pods of one release may run different servers"
        hint = "name a version, like 24.10-py3, from which the flags follow, too"
        yield at(release, ("image", "tag"), message, hint)


def _moves(image: Values) -> bool:
    return image["tag"] == "latest" and not image["digest"]


@release_rule("TF135", "image", WARNING)
def version_is_known(release: Release, values: Values) -> Iterator[Problem]:
    """The server's version is known: the chart's flags and these rules follow from it."""
    if triton_version(values):
        return
    image = values["image"]
    if _moves(image):
        return  # TF134 asks for a tag that says it
    key = "tag" if image["tag"] else "digest"
    unknown = "neither `image.tag` nor `image.tritonVersion` says the server's version as YY.MM"
    message = f"{unknown}; the newest is assumed"
    written = f"{key}: {image[key]}"
    hint = f'say it once, like image: {{{written}, tritonVersion: "24.10"}}'
    yield at(release, ("image", key), message, hint)


@release_rule("TF159", "image")
def image_can_be_the_server(release: Release, values: Values) -> Iterator[Problem]:
    """The image is Triton's, and its name has one registry."""
    image = values["image"]
    repository: str = image["repository"]
    yield from _second_registry(release, repository, image["registry"])
    _, _, name = repository.rpartition("/")
    if name == "tensorrtserver":
        path = ("image", "repository")
        message = "tensorrtserver is the server before Triton, with other flags and the v1 protocol"
        yield at(release, path, message, "use nvidia/tritonserver")
    yield from _image_without_server(release, image["tag"])


def _second_registry(
    release: Release, repository: str, registry: str
) -> Iterator[Problem]:
    """A repository whose name brings a registry, where `image.registry` is that one too, or left to the chart."""
    match = _REGISTRY.match(repository)
    if match is None or registry not in {match[1], DEFAULT_REGISTRY}:
        return
    begins = f"the repository begins with the registry {match[1]}"
    message = f"{begins}, and pods would ask {registry} for it"
    rest = repository[match.end() :]
    parts = f"{{registry: {match[1]}, repository: {rest}}}"
    hint = f"write image: {parts}, or the whole image as one text"
    yield at(release, ("image", "repository"), message, hint)


def _image_without_server(release: Release, tag: str) -> Iterator[Problem]:
    """NVIDIA's images for clients and for builds are tags of the same repository."""
    match = _WITHOUT_SERVER.search(tag)
    if match:
        what = WITHOUT_SERVER[match[1]]
        server = tag.removesuffix(f"-{match[1]}")
        path = ("image", "tag")
        yield at(release, path, f"{tag} is {what}", f"use {server}")


@release_rule("TF132", "http grpc server metrics repository")
def values_are_known(release: Release, values: Values) -> Iterator[Problem]:
    """A value becomes no flag that the image's Triton does not know."""
    version = triton_version(values)
    if not version:
        return
    oldest = table_of(release, values).since
    if version < oldest:
        needs = f"`server.mode: {mode(values)}` needs Triton {oldest} or newer"
        message = f"{needs}; the image is {version}"
        yield at(release, ("server", "mode"), message, "use a newer image")
        return
    for path, since in _needed(release, values, version).items():
        needs = f"`{dotted(path)}` needs tritonserver {since} or newer"
        message = f"{needs}; the image is {version}"
        hint = "use a newer image, or remove it"
        yield at(release, path, message, hint)


def _needed(release: Release, values: Values, version: str) -> dict[KeyPath, str]:
    """Values that a release sets and this server does not know, each with the version that does."""
    needed: dict[KeyPath, str] = {}
    chart = release.environment.chart
    for newer in _newer_values(chart, mode(values), version):
        path = newer.path
        is_set = path[0] in release.values
        if is_set and _is_asked_for(newer, values):
            # Two flags may follow from one value: the one that came last says which server it takes.
            other = needed.get(path, "")
            needed[path] = max(newer.since, other)
    return needed


class NewerValue(NamedTuple):
    """A value that came after some version of the server."""

    path: KeyPath
    since: str
    listener: str
    """http, grpc or metrics, which must be on for the flag to be written; "" for flags of the server."""
    default: Any


# Values that become a part of a flag, so that the table of flags does not have their versions.
NEWER_SETTINGS = (
    ("metrics.counters", "23.04", "metrics"),
    ("metrics.summaries", "23.04", "metrics"),
    ("metrics.quantiles", "23.04", "metrics"),
    ("metrics.histograms", "24.11", "metrics"),
    ("repository.azure.identity", "26.05", ""),
)


def _is_asked_for(newer: NewerValue, values: Values) -> bool:
    """Whether the values lead to the flag: something but the default is said, and what it is about is on."""
    if newer.path in OF_EXPLICIT_MODE:
        return explicit(values)
    value = lookup(values, newer.path)
    is_nothing = not value and newer.default is None
    if is_nothing or value == newer.default:
        return False
    if newer.path == CONNECTION_AGE and NEVER.fullmatch(value):
        return False  # as in a server without the flag
    if newer.listener and not values[newer.listener]["enabled"]:
        return False
    switch = (*newer.path[:-1], "enabled")
    return lookup(values, switch) is not False


@lru_cache(maxsize=100)
def _newer_values(chart: Chart, serving: str, version: str) -> tuple[NewerValue, ...]:
    """Values that came after this version of the server.

    Every release asks and most get the same answer: worked out anew, 40 µs each, it would be 1.2 s of 30,000 releases.
    """
    newer = []
    for key, since, listener in _values_with_versions(chart, serving):
        if since > version:
            path = tuple(key.split("."))
            default = lookup(chart.defaults, path)
            newer.append(NewerValue(path, since, listener, default))
    return tuple(newer)


def _values_with_versions(chart: Chart, serving: str) -> Iterator[tuple[str, str, str]]:
    """Values that not every server takes, each with the version that brought it, and its listener.

    A flag's owner came with the flag.
    """
    if serving == TRITON:
        yield from NEWER_SETTINGS
    for name, flag in _flags(chart, serving).items():
        owner = flag.get("owner", "metrics")
        if owner == "metrics" or owner in FOR_EVERY_SERVER or "deprecated" in flag:
            continue
        listener = ""
        if serving == TRITON:
            listener = _listener(name)
        yield _leading(chart, owner), flag["since"], listener


def _leading(chart: Chart, owner: str) -> str:
    """The value that leads to an owner's flag: of a section that is switched on, the switch."""
    path = tuple(owner.split("."))
    default = lookup(chart.defaults, path)
    if isinstance(default, Mapping) and "enabled" in default:
        return f"{owner}.enabled"
    return owner


def _listener(flag: str) -> str:
    first, _, _ = flag.partition("-")
    return first if first in SECTIONS else ""


def _flags(chart: Chart, serving: str) -> Mapping[str, Flag]:
    """The flags of a mode's server; of a mode without a table nobody knows them."""
    table = chart.modes.get(serving)
    return table.flags if table else {}


@release_rule("TF156", "http", WARNING)
def readiness_is_of_models(release: Release, values: Values) -> Iterator[Problem]:
    """Readiness means the models and not only the server, which needs HTTP."""
    if mode(values) != TRITON:
        return
    if not values["http"]["enabled"] and named_models(values):
        message = "without HTTP a pod is ready before its models are"
        hint = "with HTTP its probe asks for each model"
        yield at(release, ("http", "enabled"), message, hint)
