"""Files as people wrote them: where each value stands, and what a part of a file contributes to a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from tritonfleet.problem import Position
from tritonfleet.values import KeyPath, Values

# Where each node of a document begins, parallel to its data: a scalar's place, or a container's place with its
# children's. A place is one integer, line and column packed, because a fleet has hundreds of thousands of them.
# A mapping keeps, for each key, the place of the key and the marks of its value.
Marks: TypeAlias = (
    "int | tuple[int, dict[str, tuple[int, Marks]]] | tuple[int, list[Marks]]"
)

_COLUMN_BITS = 24


def pack(line: int, column: int) -> int:
    """One integer for a place; both numbers count from 1."""
    return line << _COLUMN_BITS | column


def unpack(place: int) -> tuple[int, int]:
    """Line and column of a place."""
    return place >> _COLUMN_BITS, place & (1 << _COLUMN_BITS) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was read: its text, its data, and where each part of the data was written."""

    file: str
    text: str
    data: Any
    marks: Marks

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` begins (its key with `key=True`); where the path ends early, its last part."""
        node = _Node(_begin(self.marks), self.marks)
        for step in path:
            child = _child(node.marks, step)
            if child is None:
                break
            node = child
        place = node.key_place if key else _begin(node.marks)
        return Position(self.file, *unpack(place))

    def written(self, path: KeyPath) -> str:
        """The line of text from where the value at `path` begins; "" behind the end of the text."""
        position = self.position(path)
        lines = self.text.split("\n", position.line)
        if len(lines) < position.line:
            return ""
        line = lines[position.line - 1]
        return line[position.column - 1 :]


class _Node(NamedTuple):
    """A value of a document: where its key begins (the value itself, where it has none), and its marks."""

    key_place: int
    marks: Marks


def _begin(marks: Marks) -> int:
    return marks if isinstance(marks, int) else marks[0]


def _child(marks: Marks, step: str | int) -> _Node | None:
    """The value at a key or an index; None where a scalar, or a container without that key or index, ends the path."""
    if isinstance(marks, int):
        return None
    _, children = marks
    if isinstance(children, dict):
        if isinstance(step, str) and step in children:
            key_place, child = children[step]
            return _Node(key_place, child)
    elif isinstance(step, int) and step < len(children):
        child = children[step]
        return _Node(_begin(child), child)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Values that one place of one file contributes to a release: `name` says which, `path` where in the file."""

    name: str
    source: Source
    path: KeyPath
    values: Values

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where this layer sets the value at `path`, a path inside the values (its key with `key=True`)."""
        return self.source.position(self.path + path, key=key)
