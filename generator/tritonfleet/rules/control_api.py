"""The control API, which loads and unloads models, and the lock that keeps it from clients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tritonfleet.facts import explicit, triton_version
from tritonfleet.modes import OPENAI, TRITON, mode
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.flags import flags_given
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, dotted, lookup

LOCKABLE_SINCE = "23.11"
LOCKED_APIS = ("model-repository", "trace", "logging")
# Frontends of their own, which the lock of HTTP and gRPC does not cover.
WAYS_AROUND = frozenset({"allow-sagemaker", "allow-vertex-ai"})


# Variables of the server's container in which the chart puts keys.
KEYS = re.compile("TRITON_LOCK|TRITON_API_KEY_")


def _is_locked(values: Values) -> bool:
    """Whether the chart locks the control API, as it does where models are loaded by name and the flags are its own."""
    server = values["server"]
    if server.get("args") or server.get("imageCommand"):
        return False
    return explicit(values) and values["modelControl"]["api"] != "open"


@release_rule("TF136", "loadModels modelControl")
def control_api_can_be_locked(release: Release, values: Values) -> Iterator[Problem]:
    """The image's Triton is able to lock its control API."""
    version = triton_version(values)
    is_older = version and version < LOCKABLE_SINCE
    if is_older and _is_locked(values):
        message = f"tritonserver {version} cannot lock its control API"
        hint = f"use {LOCKABLE_SINCE} or newer, or set modelControl: {{api: open}}"
        yield at(release, ("image", "tag"), message, hint)


@release_rule("TF137", "extraArgs env")
def lock_has_no_way_around(release: Release, values: Values) -> Iterator[Problem]:
    """No flag opens a way around the lock of the control API, and nothing sets or prints a key."""
    if _is_locked(values):
        yield from _ways_around(release, values)
    for path in _uses_of_keys(values):
        uses = f"`{dotted(path)}` uses a variable"
        message = f"{uses} that holds a key to the server's APIs"
        hint = "remove it: names that begin with TRITON_LOCK or TRITON_API_KEY are the chart's"
        yield at(release, path, message, hint, key=path[0] == "env")


def _ways_around(release: Release, values: Values) -> Iterator[Problem]:
    """Flags that open a frontend to which the lock does not apply."""
    for argument in flags_given(values):
        closes = argument.text.lower().endswith(("=false", "=0"))
        if argument.flag in WAYS_AROUND and not closes:
            opens = f"{argument.text} opens a way around"
            message = f"{opens} the lock of the control API"
            hint = "remove it, or set modelControl: {api: open} if every client may load models"
            yield at(release, argument.path, message, hint)


def _uses_of_keys(values: Values) -> Iterator[KeyPath]:
    """Where an argument or a variable sets a variable that holds a key, or refers to it."""
    for index, text in enumerate(values["extraArgs"]):
        if KEYS.search(text):
            yield "extraArgs", index
    for name, value in values["env"].items():
        if KEYS.match(name) or _refers_to_key(value):
            yield "env", name


def _refers_to_key(value: Any) -> bool:
    """Whether the value of a variable names one that holds a key, as $(NAME) or to a shell."""
    if not isinstance(value, str) or "$" not in value:
        return False
    return KEYS.search(value) is not None


@release_rule("TF138", "server")
def apis_are_restricted_once(release: Release, values: Values) -> Iterator[Problem]:
    """A restricted API is restricted once."""
    restricted_by: dict[str, str] = {}
    if _is_locked(values):
        restricted_by = dict.fromkeys(_locked_apis(values), "the lock")
    for group, path, api in _restricted_apis(values):
        if api in restricted_by:
            message = f"{api} is already restricted by {restricted_by[api]}"
            hint = "remove it: the server takes each API once"
            yield at(release, path, message, hint)
        restricted_by[api] = group


def _locked_apis(values: Values) -> tuple[str, ...]:
    if mode(values) == TRITON:
        return LOCKED_APIS
    return ("model-repository",)


def _restricted_apis(values: Values) -> Iterator[tuple[str, KeyPath, str]]:
    """Every API that a group restricts: the group, where the API stands in it, and its name."""
    section = OPENAI if mode(values) == OPENAI else "server"
    groups = values[section]["restrictedApis"]
    for number, group in enumerate(groups):
        name = f"restrictedApis[{number}]"
        path = (section, "restrictedApis", number, "apis")
        for index, api in enumerate(group["apis"]):
            yield name, (*path, index), api


@release_rule("TF145", "modelControl", WARNING)
def nothing_else_reads_the_key(release: Release, values: Values) -> Iterator[Problem]:
    """Where somebody asks for the lock, no other code runs in the pod."""
    if not _is_locked(values) or not release.setter(("modelControl", "api")):
        return
    for path in CODE:
        if lookup(values, path):
            message = f"the code of `{dotted(path)}` runs in the pod and can learn the lock's key"
            hint = "check who wrote it, and say so with an `ignore`"
            yield at(release, path, message, hint, key=True)


# What runs other code than the server's, and models, in its pod.
CODE: tuple[KeyPath, ...] = (
    ("server", "command"),
    ("initContainers",),
    ("sidecars",),
    ("lifecycle",),
    ("podTemplate", "spec"),
)
