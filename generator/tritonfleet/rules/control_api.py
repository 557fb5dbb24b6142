"""The control API, which loads and unloads models, and the lock that keeps it from clients."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import explicit, triton_version
from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.flags import flags_given
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values

LOCKABLE_SINCE = "23.11"
LOCKED_APIS = ("model-repository", "trace", "logging")
# Frontends of their own, which the lock of HTTP and gRPC does not cover.
WAYS_AROUND = frozenset({"allow-sagemaker", "allow-vertex-ai"})


def _is_locked(values: Values) -> bool:
    """Whether the chart locks the control API, as it does where models are loaded by name and the flags are its own."""
    server = values["server"]
    is_launched = server.get("args") or server.get("imageCommand")
    return (
        explicit(values) and values["modelControl"]["api"] != "open" and not is_launched
    )


@release_rule("TF136", "loadModels modelControl")
def control_api_can_be_locked(release: Release, values: Values) -> Iterator[Problem]:
    """The image's Triton is able to lock its control API."""
    version = triton_version(values)
    if version and version < LOCKABLE_SINCE and _is_locked(values):
        message = f"tritonserver {version} cannot lock its control API"
        hint = f"use {LOCKABLE_SINCE} or newer, or set modelControl: {{api: open}}"
        yield at(release, ("image", "tag"), message, hint)


@release_rule("TF137", "extraArgs")
def lock_has_no_way_around(release: Release, values: Values) -> Iterator[Problem]:
    """No flag opens a way around the lock of the control API."""
    if not _is_locked(values):
        return
    for argument in flags_given(values):
        if argument.flag in WAYS_AROUND:
            opens = f"{argument.text} opens a way around"
            message = f"{opens} the lock of the control API"
            hint = "remove it, or set modelControl: {api: open} if every client may load models"
            yield at(release, argument.path, message, hint)


@release_rule("TF138", "server")
def apis_are_restricted_once(release: Release, values: Values) -> Iterator[Problem]:
    """A restricted API is restricted once."""
    restricted_by: dict[str, str] = {}
    if _is_locked(values):
        restricted_by = dict.fromkeys(LOCKED_APIS, "the lock")
    for group, path, api in _restricted_apis(values):
        if api in restricted_by:
            message = f"{api} is already restricted by {restricted_by[api]}"
            hint = "remove it: the server takes each API once"
            yield at(release, path, message, hint)
        restricted_by[api] = group


def _restricted_apis(values: Values) -> Iterator[tuple[str, KeyPath, str]]:
    """Every API that a group restricts: the group, where the API stands in it, and its name."""
    for number, group in enumerate(values["server"]["restrictedApis"]):
        name = f"restrictedApis[{number}]"
        for index, api in enumerate(group["apis"]):
            yield name, ("server", "restrictedApis", number, "apis", index), api
