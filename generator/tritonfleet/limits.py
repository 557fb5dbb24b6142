"""How much a fleet may be in all: what a machine of 1 GB can hold, and look at in seconds.

A value counts as one, and a hundred characters of text as one more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Layer, Source

MOST_READ = 2_000_000
"""Values of all files together; ten times those of 10,000 models."""
MOST_MADE = 20_000_000
"""Values of all layers of all releases together."""
MOST_RELEASES = 100_000
MOST_BYTES = 64 * 1024 * 1024
"""Of all files together."""
_SMALLER = "fewer, or several fleets"


class Room:
    """Room for values: what takes more than is left raises Invalid with the code, at the file that takes it."""

    def __init__(self, code: str, what: str, most: int) -> None:
        self.code = code
        self.message = f"{what} have more than {most} values together"
        self.left = most
        self._sizes: dict[int, tuple[Layer, int]] = {}

    def take(self, size: int, file: str) -> None:
        """Room for something in a file."""
        self.left -= size
        if self.left < 0:
            raise too_much(self.code, file, self.message)

    def take_layers(self, layers: Iterable[Layer]) -> None:
        """Room for what a release is made of; each layer is looked at once."""
        for layer in layers:
            key = id(layer)
            if key not in self._sizes:
                # The layer is kept, or another one may get its id.
                self._sizes[key] = layer, size_of(layer.values)
            _, size = self._sizes[key]
            self.take(size, layer.source.file)


def too_much(code: str, file: str, message: str) -> Invalid:
    """What to raise for a fleet that is too large."""
    return Invalid([Problem(Position(file), code, message, _SMALLER)])


def size_of(value: Any) -> int:
    """How many values a value is."""
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(size_of, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(size_of, value))
    if isinstance(value, str):
        return 1 + len(value) // 100
    return 1


def at_most(files: Iterable[Source], others: Iterable[Source], releases: int) -> int:
    """Values that the releases of one environment may be made of: `files` once, `others` in each release."""
    of_each = sum(source.size for source in others)
    return sum(source.size for source in files) + releases * of_each
