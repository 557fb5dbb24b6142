"""The control API, which loads and unloads models, and the lock that keeps it from clients."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import explicit, triton_version
from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.rules.server import flag_name
from tritonfleet.values import Values

LOCKABLE_SINCE = "23.11"
LOCKED_APIS = ("model-repository", "trace", "logging")
# Frontends of their own, which the lock of HTTP and gRPC does not cover.
WAYS_AROUND = frozenset({"allow-sagemaker", "allow-vertex-ai"})


def _is_locked(values: Values) -> bool:
    return explicit(values) and values["modelControl"]["api"] != "open"


@release_rule("TF136", "loadModels modelControl")
def control_api_can_be_locked(release: Release, values: Values) -> Iterator[Problem]:
    """The image's Triton is able to lock its control API."""
    version = triton_version(values)
    if version and version < LOCKABLE_SINCE and _is_locked(values):
        path = ("image", "tag")
        message = f"tritonserver {version} cannot lock its control API"
        hint = f"use {LOCKABLE_SINCE} or newer, or set modelControl: {{api: open}}"
        yield at(release, path, message, hint)


@release_rule("TF137", "extraArgs")
def lock_has_no_way_around(release: Release, values: Values) -> Iterator[Problem]:
    """No flag opens a way around the lock of the control API."""
    if not _is_locked(values):
        return
    for index, argument in enumerate(values["extraArgs"]):
        if flag_name(argument) in WAYS_AROUND:
            path = ("extraArgs", index)
            message = f"{argument} opens a way around the lock of the control API"
            hint = "remove it, or set modelControl: {api: open} if every client may load models"
            yield at(release, path, message, hint)


@release_rule("TF138", "server")
def apis_are_restricted_once(release: Release, values: Values) -> Iterator[Problem]:
    """A restricted API is restricted once."""
    restricted_by: dict[str, str] = {}
    if _is_locked(values):
        restricted_by = dict.fromkeys(LOCKED_APIS, "the lock")
    for index, group in enumerate(values["server"]["restrictedApis"]):
        for place, api in enumerate(group["apis"]):
            if api in restricted_by:
                message = f"{api} is already restricted by {restricted_by[api]}"
                path = ("server", "restrictedApis", index, "apis", place)
                hint = "remove it: the server takes each API once"
                yield at(release, path, message, hint)
            restricted_by[api] = f"restrictedApis[{index}]"
