"""Parts that come and go: an item at the end of a list, and a key or an item that is cut out with its lines."""

from __future__ import annotations

import re
from typing import Any

from tritonfleet.edit.lines import (
    begin_of_line,
    column_of,
    end_of_line,
    line_at,
    line_end,
    next_line,
)
from tritonfleet.edit.nodes import LIST, Child, Node, at, nodes_of
from tritonfleet.edit.splice import ByHand, Splice, into_brackets
from tritonfleet.edit.written import block_of, in_line
from tritonfleet.values import KeyPath

_COMMENT = re.compile(r"\s*#")


def appending(text: str, path: KeyPath, item: Any) -> Splice:
    """One more item at the end of the list at a path."""
    root = nodes_of(text)
    found = at(root, path)
    if found is None or found.kind != LIST:
        raise ByHand(root.begin)
    if found.flow:
        return into_brackets(text, found, in_line(item))
    column = column_of(text, found.begin)
    newline = line_end(text, found.end)
    gap = newline if _have_gaps(text, found) else ""
    lines = _item_like(text, found, item).replace("\n", newline)
    place = end_of_line(text, _end_with_comments(text, found.end, column))
    return Splice(place, place, newline + gap + lines)


def _item_like(text: str, items: Node, item: Any) -> str:
    """The lines of an item, written as the last one is."""
    dash = column_of(text, items.begin)
    first, last = items.children[0], items.children[-1].value
    inner = column_of(text, first.begin)
    margin = " " * dash + "-".ljust(inner - dash)
    if isinstance(item, dict | list) and item and last.is_block:
        return margin + block_of(item, inner)[inner:]
    return margin + in_line(item)


def _have_gaps(text: str, items: Node) -> bool:
    """Whether an empty line is between the last two items."""
    if len(items.children) < 2:
        return False
    before, last = items.children[-2:]
    between = text[before.end : last.begin]
    return any(not line.strip() for line in between.split("\n")[1:-1])


def cutting(text: str, path: KeyPath, *, comments: bool) -> Splice:
    """Takes the key or item at a path out; with `comments`, those directly above it and inside of it, too."""
    parent = at(nodes_of(text), path[:-1])
    child = parent.child(path[-1]) if parent else None
    if parent is None or child is None:
        raise ByHand(0)
    if parent.flow:
        return _out_of_brackets(text, parent, child)
    if len(parent.children) == 1:  # what is left has no lines
        empty = "[]" if parent.kind == LIST else "{}"
        return Splice(parent.begin, parent.end, empty)
    begin = _dash(text, parent, child) if child.key is None else child.begin
    before = text[begin_of_line(text, begin) : begin]
    if before.strip():
        return _first_of_item(text, parent, child)
    return _lines(text, parent, child, begin, comments=comments)


def _out_of_brackets(text: str, parent: Node, child: Child) -> Splice:
    if not text.startswith(("{", "["), parent.begin):
        raise ByHand(parent.begin)
    index = parent.children.index(child)
    if len(parent.children) == 1:
        return Splice(parent.begin, parent.end, "[]" if parent.kind == LIST else "{}")
    if index + 1 < len(parent.children):
        following = parent.children[index + 1].begin
        gap = text[child.end : following]
        if "#" not in gap:
            return Splice(child.begin, following, "")
        comma = gap.partition("#")[0].find(",")
        if comma < 0:
            raise ByHand(child.begin)
        return Splice(child.begin, child.end + comma + 1, "")
    previous = parent.children[index - 1].end
    if "#" in text[previous : child.begin]:
        return Splice(child.begin, child.end, "")
    return Splice(previous, child.end, "")


def _first_of_item(text: str, parent: Node, child: Child) -> Splice:
    """The first key of a list's item stands behind the dash: the next one takes its place."""
    following = parent.children[1].begin
    gap = text[end_of_line(text, child.end) : following]
    if parent.children[0] is not child or gap.strip():
        raise ByHand(child.begin)
    return Splice(child.begin, following, "")


def _dash(text: str, items: Node, item: Child) -> int:
    """Where the dash of an item stands: all of a list are in one column."""
    column = column_of(text, items.begin)
    begin = begin_of_line(text, item.begin)
    while not text.startswith("-", begin + column) or line_at(text, begin)[
        :column
    ].strip(" -"):
        if begin <= items.begin - column:
            raise ByHand(item.begin)
        begin = begin_of_line(text, begin - 1)
    return begin + column


def _lines(
    text: str, parent: Node, child: Child, begin: int, *, comments: bool
) -> Splice:
    """The lines of a key or an item as a whole."""
    column = column_of(text, begin)
    first = begin_of_line(text, begin)
    last = child.end
    if comments:
        first = _begin_with_comments(text, first, column)
        last = _end_with_comments(text, last, column)
        is_first = parent.children[0] is child
        last = _end_with_gap(text, first, last, is_first=is_first)
    end = next_line(text, last)
    if end == len(text) and not text.endswith("\n"):
        # The line before becomes the last one, and has no line break either.
        first = len(text[:first].removesuffix("\n").removesuffix("\r"))
    elif comments and end == len(text):
        first = _without_gap(text, first)
    return Splice(first, end, "")


def _begin_with_comments(text: str, first: int, column: int) -> int:
    """Where the comments begin that stand directly above a line, in its column."""
    while first > 0:
        above = begin_of_line(text, first - 1)
        line = line_at(text, above)
        if not _COMMENT.match(line) or line.index("#") != column:
            break
        first = above
    return first


def _end_with_comments(text: str, last: int, column: int) -> int:
    """Where the comments end that follow an item and are indented like what is in it."""
    end = last
    while (below := next_line(text, end)) < len(text):
        line = line_at(text, below)
        if line.strip() and not (_COMMENT.match(line) and line.index("#") > column):
            break
        end = end_of_line(text, below)
        if line.strip():
            last = end
    return last


def _end_with_gap(text: str, first: int, last: int, *, is_first: bool) -> int:
    """Of two gaps, above and below, one is left: the one below goes."""
    above = text[begin_of_line(text, first - 1) : first] if first else ""
    if above.strip() and not is_first:
        return last
    while (below := next_line(text, last)) < len(text) and not line_at(
        text, below
    ).strip():
        last = end_of_line(text, below)
    return last


def _without_gap(text: str, first: int) -> int:
    """At the end of a text no gap is left."""
    while first > 0 and not line_at(text, first - 1).strip():
        first = begin_of_line(text, first - 1)
    return first
