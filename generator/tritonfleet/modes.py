"""What serves a release's models, and what listens then: each mode of the chart is named here and nowhere else.

`values` are always complete: the chart's defaults with the release's own over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.values import KeyPath, Values

TRITON = "triton"
OPENAI = "openai"
DYNAMO = "dynamo"
# Seconds after which Dynamo ends without Triton: `_DEFAULT_CLEANUP_TIMEOUT_SECS` of ai-dynamo 1.6.1.
DYNAMO_STOP = 30


class Listener(NamedTuple):
    """A port on which the server's container listens."""

    name: str
    """What the container's port is called, and the Service's unless `service.portNames` says another name."""
    port: int
    origin: KeyPath
    """The value that sets the port."""


def mode(values: Values) -> str:
    """TRITON, OPENAI or DYNAMO; a chart before the first release with modes has tritonserver alone."""
    chosen: str = values["server"].get("mode", TRITON)
    return chosen


def listeners(values: Values) -> list[Listener]:
    """The listeners that are on, in the chart's order."""
    return list(_LISTENERS[mode(values)](values))


def main_listener(values: Values) -> str:
    """The listener that clients without a wish are led to: by an Ingress, a route, the test and commands to paste."""
    return _MAIN[mode(values)]


def answers_http(values: Values) -> bool:
    """Whether the main listener is on."""
    main = main_listener(values)
    return any(listener.name == main for listener in served(values))


def end_seconds(values: Values) -> int:
    """How long the server may take to end after its last answer, where `shutdown.requestTimeout` does not bound it."""
    return _END[mode(values)]


def served(values: Values) -> list[Listener]:
    """The listeners that the Service leads to: the server's own, or those of a frontend before it."""
    if mode(values) == DYNAMO:
        return list(_of_frontend(values))
    return listeners(values)


def _of_triton(values: Values) -> Iterator[Listener]:
    for name in ("http", "grpc", "metrics"):
        if values[name]["enabled"]:
            yield Listener(name, values[name]["port"], (name, "port"))


def _of_openai(values: Values) -> Iterator[Listener]:
    """One port for the API, health and metrics; on request those of KServe."""
    openai = values["openai"]
    yield Listener("openai", openai["port"], ("openai", "port"))
    if openai["kserve"]:
        for name in ("http", "grpc"):
            yield Listener(name, values[name]["port"], (name, "port"))


def _of_dynamo(values: Values) -> Iterator[Listener]:
    yield Listener("rpc", values["dynamo"]["rpcPort"], ("dynamo", "rpcPort"))
    yield Listener("metrics", values["metrics"]["port"], ("metrics", "port"))


def _of_frontend(values: Values) -> Iterator[Listener]:
    frontend = values["dynamo"]["frontend"]
    for name in ("grpc", "http"):
        if frontend["enabled"]:
            path = ("dynamo", "frontend", "ports", name)
            yield Listener(name, frontend["ports"][name], path)


def finds_workers_by_kubernetes(values: Values) -> bool:
    """Whether pods of the release ask the cluster's API for workers of Dynamo."""
    if mode(values) != DYNAMO:
        return False
    return bool(values["dynamo"]["discovery"] == "kubernetes")


def dynamo_namespace(name: str, values: Values) -> str:
    """Dynamo's own namespace of a release whose objects have this name: a frontend finds the workers in it."""
    return str(values["dynamo"]["namespace"] or name)


_LISTENERS = {
    TRITON: _of_triton,
    OPENAI: _of_openai,
    DYNAMO: _of_dynamo,
}
_MAIN = {TRITON: "http", OPENAI: "openai", DYNAMO: "http"}
# The OpenAI-compatible server may wait for Triton until its own limit, which no flag changes.
_END = {TRITON: 0, OPENAI: 30, DYNAMO: DYNAMO_STOP}
