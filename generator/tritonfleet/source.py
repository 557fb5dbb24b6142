"""Files as people wrote them: where each value stands, and what a part of a file contributes to a release."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from functools import lru_cache
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
_LINE_END = re.compile("\n")
LONGEST_WRITTEN = 1000
"""Characters of a line that a message may need."""


def pack(line: int, column: int) -> int:
    """One integer for a place; both numbers count from 1."""
    return line << _COLUMN_BITS | column


def unpack(place: int) -> tuple[int, int]:
    """Line and column of a place."""
    line = place >> _COLUMN_BITS
    column = place - (line << _COLUMN_BITS)
    return line, column


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was read: its text, its data, and where each part of the data was written."""

    file: str
    text: str
    data: Any
    marks: Marks
    size: int = 0
    """How many values it has, and one more for each hundred characters."""

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at `path` begins (its key with `key=True`); where the path ends early, its last part."""
        node = self._node(path)
        place = node.key_place if key else _begin(node.marks)
        line, column = unpack(place)
        return Position(self.file, line, column)

    def _node(self, path: KeyPath) -> _Node:
        node = _Node(_begin(self.marks), self.marks)
        for step in path:
            child = _child(node.marks, step)
            if child is None:
                break
            node = child
        return node

    def written(self, path: KeyPath) -> str:
        """The line of text from where the value at `path` begins, or its first part; "" behind the end of the text."""
        position = self.position(path)
        begins = _line_begins(self.text)
        if position.line >= len(begins):
            return ""
        begin = begins[position.line - 1] + position.column - 1
        end = begins[position.line] - 1
        return self.text[begin : min(end, begin + LONGEST_WRITTEN)]


# Each problem of a file asks for a line, and a text may have a million of both.
@lru_cache(maxsize=4)
def _line_begins(text: str) -> array[int]:
    """Where each line of a text begins, and, one behind the last line's end, where another one would."""
    ends = _LINE_END.finditer(text)
    begins = array("q", [0])
    begins.extend(match.end() for match in ends)
    begins.append(len(text) + 1)
    return begins


def position_at(file: str, text: str, offset: int) -> Position:
    """Where the character stands that has `offset` others before it in the file's text."""
    lines = text[:offset].split("\n")  # the last one ends before the character
    line = len(lines)
    column = len(lines[-1]) + 1
    return Position(file, line, column)


def line_of(text: str, number: int) -> str:
    """A line by its number, from 1; "" behind the end of the text."""
    lines = text.split("\n", number)  # and no more of a long text
    if number > len(lines):
        return ""
    return lines[number - 1]


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
        return _value(children, step)
    return _item(children, step)


def _value(children: dict[str, tuple[int, Marks]], key: str | int) -> _Node | None:
    if isinstance(key, int) or key not in children:
        return None
    key_place, marks = children[key]
    return _Node(key_place, marks)


def _item(children: list[Marks], index: str | int) -> _Node | None:
    if isinstance(index, str) or index >= len(children):
        return None
    marks = children[index]
    return _Node(_begin(marks), marks)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Values that one place of one file contributes to a release: `name` says which, `path` where in the file."""

    name: str
    source: Source
    path: KeyPath
    values: Values

    def written(self, path: KeyPath) -> str:
        """The line of text from where this layer sets the value at `path`, as in `position`."""
        return self.source.written(self.path + path)

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where this layer sets the value at `path`, a path inside the values (its key with `key=True`)."""
        return self.source.position(self.path + path, key=key)
