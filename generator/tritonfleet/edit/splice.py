"""One cut in a text: what a value's change, arrival or departure does to the characters around it.

Functions here take a text and say what to cut and what to put there. Whether that was right, `document` finds out by
reading the result. Raises ByHand where a text is written in a way that they know nothing about.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tritonfleet.edit.lines import before_in_line, column_of, end_of_line, line_end
from tritonfleet.edit.nodes import LIST, SCALAR, Child, Node, nodes_of
from tritonfleet.edit.written import (
    STEP,
    behind_key,
    block_behind,
    block_of,
    has_parts,
    in_line,
    key_of,
    like,
)
from tritonfleet.values import KeyPath


class Splice(NamedTuple):
    """The characters from `begin` up to `end` make place for `text`."""

    begin: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        """The whole text afterwards."""
        return text[: self.begin] + self.text + text[self.end :]


def inserted(place: int, text: str) -> Splice:
    """Text between two characters, where nothing is cut."""
    return Splice(place, place, text)


def in_place_of(node: Node, text: str) -> Splice:
    """Text where a value stands today."""
    return Splice(node.begin, node.end, text)


class ByHand(Exception):
    """A text is written in a way that only a person can change; `offset` is where."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(offset)


def setting(text: str, path: KeyPath, value: Any) -> Splice:
    """Lets the value at a path be another one; keys that are not there are written at the end of their mapping."""
    node = nodes_of(text)
    for depth, step in enumerate(path):
        rest = path[depth + 1 :]
        inner = nested(rest, value)
        child = node.child(step)
        if child is None:
            return _new_key(text, node, step, inner)
        # A scalar with a path left is null, or what the rest replaces.
        if not rest or child.value.kind == SCALAR:
            return _other_value(text, node, child, inner)
        node = child.value
    raise ByHand(node.begin)


def nested(path: KeyPath, value: Any) -> Any:
    """A value with a mapping around it for each key of a path."""
    for step in reversed(path):
        value = {step: value}
    return value


def _other_value(text: str, parent: Node, child: Child, value: Any) -> Splice:
    """A value in place of one that is there, in its style where that has one for the new value."""
    old = child.value
    if old.is_empty:
        return _first_value(text, parent, child, value)
    if old.kind == SCALAR and not has_parts(value):
        margin = column_of(text, child.begin) + STEP
        new = like(old.style, value, margin, flow=parent.flow)
    elif old.is_block and has_parts(value):
        new = block_behind(value, column_of(text, old.begin))
    elif old.is_block:  # from below its key to behind it
        return _beside(text, child, value)
    else:
        quote = parent.flow and _quotes(parent)
        new = in_line(value, quote=quote)
    newline = line_end(text, old.begin)
    return in_place_of(old, new.replace("\n", newline))


def _beside(text: str, child: Child, value: Any) -> Splice:
    """A short value in place of a mapping or list that stands below its key."""
    old, new = child.value, in_line(value)
    if child.key is None:
        return in_place_of(old, new)
    behind_colon = text.find(":", child.key.end) + 1
    between = text[behind_colon : old.begin]
    if between.strip(" \r\n-"):  # a comment, which would be lost
        raise ByHand(child.begin)
    return Splice(behind_colon, old.end, " " + new)


def _first_value(text: str, parent: Node, child: Child, value: Any) -> Splice:
    """A value for a key, or a dash, that has none yet."""
    place = child.end
    has_key = child.key is not None
    has_colon = child.key is None or place > child.key.end
    if not has_colon:
        return inserted(place, ": " + in_line(value))
    has_lines = isinstance(value, dict) and bool(value)
    stands_below = has_key and has_lines and not parent.flow
    if not stands_below:
        return inserted(place, " " + in_line(value))
    column = column_of(text, child.begin) + STEP
    below = "\n" + block_of(value, column)
    newline = line_end(text, place)
    return inserted(end_of_line(text, place), below.replace("\n", newline))


def _new_key(text: str, mapping: Node, key: str | int, value: Any) -> Splice:
    """One more key at the end of a mapping. A list, or a place in one that it does not have, is left to people."""
    if mapping.kind == LIST or isinstance(key, int):
        raise ByHand(mapping.begin)
    quote = _quotes(mapping)
    if mapping.flow:
        pair = in_line({key: value}, quote=quote)
        without_brackets = pair[1:-1]
        return into_brackets(text, mapping, without_brackets)
    last = mapping.children[-1]
    column = column_of(text, mapping.begin)
    below = isinstance(value, dict) and _stand_below(mapping, column)
    name = " " * column + key_of(key, quote=quote)
    lines = f"\n{name}:{behind_key(value, column, below=below)}"
    newline = line_end(text, last.end)
    return inserted(end_of_line(text, last.end), lines.replace("\n", newline))


def _stand_below(mapping: Node, column: int) -> bool:
    """Whether values of a mapping that have parts stand below their keys; those of a whole file do."""
    values = [child.value for child in mapping.children]
    containers = [value for value in values if value.children]
    if not containers:
        return column == 0
    return containers[-1].is_block


def into_brackets(text: str, container: Node, part: str) -> Splice:
    """One more part at the end of a mapping or list in brackets."""
    require_brackets(text, container)
    if not container.children:
        return inserted(container.begin + 1, part)
    last = container.children[-1]
    return inserted(last.end, _separator(text, container) + part)


def require_brackets(text: str, container: Node) -> None:
    """Raises ByHand for a mapping in brackets that has none of its own, as `[a: b]` has one in it."""
    if not text.startswith(("{", "["), container.begin):
        raise ByHand(container.begin)


def _separator(text: str, container: Node) -> str:
    """What stands between the last two parts: a comma, and their own line each where they have one."""
    last = container.children[-1]
    before = before_in_line(text, last.begin)
    stands_behind_bracket = last.begin == container.begin + 1
    if before.strip() or stands_behind_bracket:
        return ", "
    return "," + line_end(text, container.begin) + before


def _quotes(mapping: Node) -> bool:
    """Whether the last key stands between double quotes, as in JSON."""
    keys = [child.key for child in mapping.children if child.key]
    return bool(keys) and keys[-1].style == '"'
