"""What a mode other than tritonserver cannot do, and what it does that people do not expect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tritonfleet.facts import explicit, triton_version
from tritonfleet.modes import DYNAMO, OPENAI, TRITON, main_listener, mode
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.flags import table_of
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup, text_at

# Endpoints for the test's inference, by mode.
PATHS = {
    TRITON: ("infer", "generate", "generate_stream"),
    OPENAI: ("completions", "chat/completions", "embeddings"),
}
DISCREET_SINCE = "26.07"  # the server's log has no keys


@release_rule("TF180", "server test")
def values_are_used(release: Release, values: Values) -> Iterator[Problem]:
    """A value is not said that the release's mode has no use for."""
    yield from _path_of_another_mode(release, values)
    yield from _values_without_use(release, values)


def _path_of_another_mode(release: Release, values: Values) -> Iterator[Problem]:
    """An endpoint for the test that the mode does not answer."""
    serving = mode(values)
    answered = PATHS.get(serving, ())
    path = text_at(values, "test", "inference", "path")
    if path and path not in answered:
        message = f"server.mode {serving} does not answer {path}"
        choice = ", ".join(answered)
        hint = f"choose {choice}"
        yield at(release, ("test", "inference", "path"), message, hint)


def _values_without_use(release: Release, values: Values) -> Iterator[Problem]:
    """What the table of the mode says of its values, as far as they are not harmless ones."""
    serving = mode(values)
    table = table_of(release, values)
    for key, row in table.values.items():
        path = tuple(key.split("."))
        value = lookup(values, path)
        harmless = (row["default"], *row.get("also", ()))
        if value in harmless or _has_use(row, values):
            continue
        message = f"server.mode {serving} does not use `{key}`"
        if "why" in row:
            message = f"with `server.mode: {serving}`, {row['why']}"
        hint = _advice(row)
        yield at(release, path, message, hint)


def _has_use(row: Mapping[str, Any], values: Values) -> bool:
    """Whether another value gives this one a meaning, or takes its meaning away."""
    if "unless" in row:
        return _is_on(values, row["unless"])
    return "when" in row and not _is_on(values, row["when"])


def _is_on(values: Values, key: str) -> bool:
    path = tuple(key.split("."))
    return bool(lookup(values, path))


def _advice(row: Mapping[str, Any]) -> str:
    """What to write instead, the way back to the default first."""
    default = row["default"]
    advice = "remove it"
    if default is not None:
        advice = f"set it back to {json.dumps(default)}"
    if "instead" in row:
        advice += f", and {row['instead']}"
    if "unless" in row:
        advice += f", or set `{row['unless']}: true`"
    if "when" in row:
        advice += f", or set `{row['when']}: false`"
    return advice


@release_rule("TF181", "server")
def lock_closes_what_it_seems_to(release: Release, values: Values) -> Iterator[Problem]:
    """The lock of the OpenAI-compatible server takes the list of models with it, and leaves KServe's endpoints open."""
    if mode(values) != OPENAI:
        return
    if not explicit(values) or values["modelControl"]["api"] == "open":
        return
    openai = values["openai"]
    ways = "`modelControl: {api: open}`, or leave `loadModels` out"
    if openai["kserve"]:
        message = "KServe's endpoints do not know the lock of the control API"
        hint = f"set `openai.kserve: false`, {ways}"
        yield at(release, ("openai", "kserve"), message, hint)
    if not openai["closeModelList"]:
        closes = "the lock of the control API closes the list of models to clients, too"
        hint = f"set `openai.closeModelList: true`, {ways}"
        yield at(release, ("loadModels",), f"{closes}, GET /v1/models", hint)


@release_rule("TF182", "image", WARNING)
def image_fits_the_mode(release: Release, values: Values) -> Iterator[Problem]:
    """An image of Dynamo is started as a worker of Dynamo."""
    repository: str = values["image"]["repository"]
    server = values["server"]
    has_command = server["command"] or server.get("args")
    serving = mode(values)
    if serving == DYNAMO or has_command or "dynamo" not in repository:
        return
    message = f"{repository} is an image of Dynamo, and server.mode is {serving}"
    hint = f"set `server.mode: {DYNAMO}`, or use nvidia/tritonserver"
    yield at(release, ("image", "repository"), message, hint)


@release_rule("TF183", "server", WARNING)
def keys_stay_out_of_the_log(release: Release, values: Values) -> Iterator[Problem]:
    """Keys of Secrets are not written to the server's log."""
    version = triton_version(values)
    if mode(values) != OPENAI or not version or version >= DISCREET_SINCE:
        return
    path: KeyPath = ()
    if explicit(values) and values["modelControl"]["api"] == "secret":
        path = ("modelControl", "api")
    if values["openai"]["restrictedApis"]:
        path = ("openai", "restrictedApis")
    if path:
        message = f"the OpenAI-compatible server of {version} writes the keys to its log when it starts"
        hint = f"use {DISCREET_SINCE} or newer, or let nobody read the log who may not have the keys"
        yield at(release, path, message, hint)


@release_rule("TF184", "server ingress", WARNING)
def metrics_stay_inside(release: Release, values: Values) -> Iterator[Problem]:
    """An Ingress leads to the API, and not to the metrics that are on the same port."""
    ingress = values["ingress"]
    if mode(values) != OPENAI or not ingress["enabled"]:
        return
    main = main_listener(values)
    for index, host in enumerate(list_at(ingress, "hosts")):
        path = host.get("path", "/").rstrip("/")
        leads_to_metrics = "/metrics".startswith(path)
        is_main = host.get("port", main) == main
        if is_main and leads_to_metrics:
            name = host.get("host", "one")
            message = f"{name} leads to /metrics, which is on the port of the API"
            place = ("ingress", "hosts", index)
            yield at(release, place, message, "set `path: /v1` of the host")
