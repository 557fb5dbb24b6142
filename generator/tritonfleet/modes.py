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


def _of_triton(values: Values) -> Iterator[Listener]:
    for name in ("http", "grpc", "metrics"):
        if values[name]["enabled"]:
            yield Listener(name, values[name]["port"], (name, "port"))


_LISTENERS = {
    TRITON: _of_triton,
    OPENAI: _of_triton,
    DYNAMO: _of_triton,
}
