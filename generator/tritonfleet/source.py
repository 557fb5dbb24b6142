"""Files as people wrote them: where each value stands, and what a part of a file contributes to a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from tritonfleet.problem import Position
from tritonfleet.values import KeyPath, Values

# Where each node of a document begins, parallel to its data: a scalar's place, or a container's place with its
# children's. A place is one integer, line and column packed, because a fleet has hundreds of thousands of them.
Marks: TypeAlias = "int | tuple[int, dict[str, tuple[int, Marks]]] | tuple[int, list[Marks]]"


def pack(line: int, column: int) -> int:
    """One integer for a place; both numbers count from 1."""
    return line << 24 | column


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was read: its text, its data, and where each part of the data was written."""

    file: str
    text: str
    data: Any
    marks: Marks

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` begins (its key with `key=True`); where the path ends early, its last part."""
        place, marks = self._place(self.marks), self.marks
        for step in path:
            child = _child(marks, step)
            if child is None:
                break
            key_place, marks = child
            place = key_place if key and key_place else self._place(marks)
        return Position(self.file, place >> 24, place & 0xFFFFFF)

    def written(self, path: KeyPath) -> str:
        """The line of text from where the value at `path` begins."""
        position = self.position(path)
        lines = self.text.split("\n", position.line)
        return (
            lines[position.line - 1][position.column - 1 :] if len(lines) >= position.line else ""
        )

    @staticmethod
    def _place(marks: Marks) -> int:
        return marks if isinstance(marks, int) else marks[0]


def _child(marks: Marks, step: str | int) -> tuple[int, Marks] | None:
    if isinstance(marks, int):
        return None
    children = marks[1]
    if isinstance(children, dict):
        return children.get(step) if isinstance(step, str) else None
    return (0, children[step]) if isinstance(step, int) and step < len(children) else None


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Values that one place of one file contributes to a release: `name` says which, `path` where in the file."""

    name: str
    source: Source
    path: KeyPath
    values: Values

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where this layer says the value at `path`, a path inside the values."""
        return self.source.position(self.path + path, key=key)
