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
        before = text[: self.begin]
        behind = text[self.end :]
        return before + self.text + behind


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
    for depth, step in enumerate(path, start=1):
        rest = path[depth:]
        inner = nested(rest, value)
        child = node.child(step)
        if child is None:
            return _new_key(text, node, step, inner)
        # A scalar with a path left is null, or what the rest replaces.
        is_scalar = child.value.kind == SCALAR
        if is_scalar or not rest:
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
    is_long = has_parts(value)
    if old.is_block and not is_long:  # from below its key to behind it
        return _beside(text, child, value)
    if old.is_block:
        column = column_of(text, old.begin)
        new = block_behind(value, column)
    elif old.kind == SCALAR and not is_long:
        margin = column_of(text, child.begin) + STEP
        new = like(old.style, value, margin, flow=parent.flow)
    else:
        quote = parent.flow and _quotes(parent)
        new = in_line(value, quote=quote)
    newline = line_end(text, old.begin)
    new = new.replace("\n", newline)
    return in_place_of(old, new)


def _beside(text: str, child: Child, value: Any) -> Splice:
    """A short value in place of a mapping or list that stands below its key."""
    old = child.value
    new = in_line(value)
    if child.key is None:
        return in_place_of(old, new)
    colon = text.find(":", child.key.end)
    behind_colon = colon + 1
    between = text[behind_colon : old.begin]
    comment = between.strip(" \r\n-")
    if comment:  # it would be lost
        raise ByHand(child.begin)
    return Splice(behind_colon, old.end, " " + new)


def _first_value(text: str, parent: Node, child: Child, value: Any) -> Splice:
    """A value for a key, or a dash, that has none yet."""
    place = child.end
    if child.key and place == child.key.end:  # in brackets a key needs no colon
        return inserted(place, ": " + in_line(value))
    if child.key and not parent.flow and _is_mapping(value):
        return _first_lines(text, child, value)
    return inserted(place, " " + in_line(value))


def _is_mapping(value: Any) -> bool:
    """Whether it is a mapping with a key."""
    return isinstance(value, dict) and bool(value)


def _first_lines(text: str, child: Child, value: Any) -> Splice:
    """A mapping below a key that has no value yet."""
    column = column_of(text, child.begin) + STEP
    below = "\n" + block_of(value, column)
    return _new_lines(text, child.end, below)


def _new_lines(text: str, place: int, lines: str) -> Splice:
    """Lines below the one that has this place in it, with the line break of that."""
    newline = line_end(text, place)
    end = end_of_line(text, place)
    return inserted(end, lines.replace("\n", newline))


def _new_key(text: str, mapping: Node, key: str | int, value: Any) -> Splice:
    """One more key at the end of a mapping. A list, or a place in one that it does not have, is left to people."""
    if mapping.kind == LIST or isinstance(key, int):
        raise ByHand(mapping.begin)
    if mapping.flow:
        return _new_key_in_brackets(text, mapping, key, value)
    quote = _quotes(mapping)
    column = column_of(text, mapping.begin)
    name = " " * column + key_of(key, quote=quote)
    below = isinstance(value, dict) and _stand_below(mapping, column)
    behind = behind_key(value, column, below=below)
    last = mapping.children[-1]
    return _new_lines(text, last.end, f"\n{name}:{behind}")


def _new_key_in_brackets(text: str, mapping: Node, key: str, value: Any) -> Splice:
    """One more key of a mapping in brackets, with quotes where its keys have them."""
    quote = _quotes(mapping)
    pair = in_line({key: value}, quote=quote)
    without_brackets = pair[1:-1]
    return into_brackets(text, mapping, without_brackets)


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
        behind_bracket = container.begin + 1
        return inserted(behind_bracket, part)
    last = container.children[-1]
    separator = _separator(text, container)
    return inserted(last.end, separator + part)


def require_brackets(text: str, container: Node) -> None:
    """Raises ByHand for a mapping in brackets that has none of its own, as `[a: b]` has one in it."""
    if not text.startswith(("{", "["), container.begin):
        raise ByHand(container.begin)


def _separator(text: str, container: Node) -> str:
    """What stands between the last two parts: a comma, and their own line each where they have one."""
    last = container.children[-1]
    before = before_in_line(text, last.begin)
    stands_behind_bracket = last.begin == container.begin + 1
    if stands_behind_bracket or before.strip():
        return ", "
    newline = line_end(text, container.begin)
    return f",{newline}{before}"


def _quotes(mapping: Node) -> bool:
    """Whether the last key stands between double quotes, as in JSON."""
    keys = [child.key for child in mapping.children if child.key]
    if not keys:
        return False
    return keys[-1].style == '"'
