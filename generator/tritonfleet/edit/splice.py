"""One cut in a text: what a value's change, arrival or departure does to the characters around it.

Functions here take a text and say what to cut and what to put there. Whether that was right, `document` finds out by
reading the result. Raises ByHand where a text is written in a way that they know nothing about.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tritonfleet.edit.lines import begin_of_line, column_of, end_of_line, line_end
from tritonfleet.edit.nodes import LIST, SCALAR, Child, Node, nodes_of
from tritonfleet.edit.written import STEP, behind_key, block_of, in_line, key_of, like
from tritonfleet.values import KeyPath


class Splice(NamedTuple):
    """The characters from `begin` up to `end` make place for `text`."""

    begin: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        """The whole text afterwards."""
        return text[: self.begin] + self.text + text[self.end :]


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
        child = node.child(step)
        if child is None:
            if node.kind == LIST or isinstance(step, int):
                raise ByHand(node.begin)
            return _new_key(text, node, step, nested(rest, value))
        if rest and child.value.kind == SCALAR:  # null, or what the rest replaces
            return _other_value(text, node, child, nested(rest, value))
        if not rest:
            return _other_value(text, node, child, value)
        node = child.value
    raise ByHand(node.begin)


def nested(path: KeyPath, value: Any) -> Any:
    """A value with a mapping around it for each key of a path."""
    for step in reversed(path):
        value = {step: value}
    return value


def _other_value(text: str, parent: Node, child: Child, value: Any) -> Splice:
    old = child.value
    newline = line_end(text, old.begin)
    column = column_of(text, child.begin)
    is_container = isinstance(value, dict | list) and bool(value)
    if old.is_empty:
        return _first_value(text, parent, child, value)
    if not is_container and old.kind == SCALAR:
        margin = column + STEP
        new = like(old.style, value, margin, flow=parent.flow)
        return Splice(old.begin, old.end, new.replace("\n", newline))
    if old.is_block and is_container:
        inner = column_of(text, old.begin)
        new = block_of(value, inner)[inner:]
        return Splice(old.begin, old.end, new.replace("\n", newline))
    if old.is_block:  # from below its key to behind it
        return _beside(text, child, value)
    quote = parent.flow and _quotes(parent)
    return Splice(old.begin, old.end, in_line(value, quote=quote))


def _beside(text: str, child: Child, value: Any) -> Splice:
    """A short value in place of a mapping or list that stands below its key."""
    if child.key is None:
        return Splice(child.value.begin, child.value.end, in_line(value))
    colon = text.find(":", child.key.end) + 1
    between = text[colon : child.value.begin]
    if between.strip(" \r\n-"):  # a comment, which would be lost
        raise ByHand(child.begin)
    return Splice(colon, child.value.end, " " + in_line(value))


def _first_value(text: str, parent: Node, child: Child, value: Any) -> Splice:
    """A value for a key, or a dash, that has none yet."""
    place = child.end
    newline = line_end(text, place)
    if child.key is not None and place == child.key.end:  # not even a colon
        return Splice(place, place, ": " + in_line(value))
    if parent.flow or not isinstance(value, dict) or not value or child.key is None:
        return Splice(place, place, " " + in_line(value))
    column = column_of(text, child.begin)
    line = end_of_line(text, place)
    below = newline + block_of(value, column + STEP).replace("\n", newline)
    return Splice(line, line, below)


def _new_key(text: str, mapping: Node, key: str, value: Any) -> Splice:
    if mapping.flow:
        pair = {key: value}
        return into_brackets(text, mapping, in_line(pair, quote=_quotes(mapping))[1:-1])
    last = mapping.children[-1]
    newline = line_end(text, last.end)
    column = column_of(text, mapping.begin)
    name = key_of(key, quote=_quotes(mapping))
    below = isinstance(value, dict) and _stand_below(mapping, column)
    line = f"{' ' * column}{name}:{behind_key(value, column, below=below)}"
    place = end_of_line(text, last.end)
    return Splice(place, place, newline + line.replace("\n", newline))


def _stand_below(mapping: Node, column: int) -> bool:
    """Whether values of a mapping that have parts stand below their keys; those of a whole file do."""
    containers = [
        child.value
        for child in mapping.children
        if child.value.kind != SCALAR and child.value.children
    ]
    if not containers:
        return column == 0
    return containers[-1].is_block


def into_brackets(text: str, container: Node, part: str) -> Splice:
    """One more part at the end of a mapping or list in brackets."""
    if not text.startswith(("{", "["), container.begin):  # `[a: b]` has a mapping in it
        raise ByHand(container.begin)
    if not container.children:
        return Splice(container.begin + 1, container.begin + 1, part)
    last = container.children[-1]
    return Splice(last.end, last.end, _separator(text, container) + part)


def _separator(text: str, container: Node) -> str:
    """What stands between the last two parts: a comma, and their own line each where they have one."""
    last = container.children[-1]
    line = text[begin_of_line(text, last.begin) : last.begin]
    begins_line = not line.strip() and last.begin != container.begin + 1
    if not begins_line:
        return ", "
    return "," + line_end(text, container.begin) + line


def _quotes(mapping: Node) -> bool:
    """Whether the last key stands between double quotes, as in JSON."""
    keys = [child.key for child in mapping.children if child.key]
    return bool(keys) and keys[-1].style == '"'
