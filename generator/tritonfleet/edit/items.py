"""Parts that come and go: an item at the end of a list, and a key or an item that is cut out with its lines."""

from __future__ import annotations

from typing import Any

from tritonfleet.edit.lines import (
    before_in_line,
    begin_of_line,
    column_of,
    end_of_line,
    line_at,
    line_end,
    lines_above,
    lines_below,
    next_line,
)
from tritonfleet.edit.nodes import LIST, Child, Node, at, nodes_of
from tritonfleet.edit.splice import (
    ByHand,
    Splice,
    in_place_of,
    inserted,
    into_brackets,
    require_brackets,
)
from tritonfleet.edit.written import block_behind, has_parts, in_line
from tritonfleet.values import KeyPath


def appending(text: str, path: KeyPath, item: Any) -> Splice:
    """One more item at the end of the list at a path."""
    root = nodes_of(text)
    items = at(root, path)
    if items is None or items.kind != LIST:
        raise ByHand(root.begin)
    if items.flow:
        return into_brackets(text, items, in_line(item))
    return _appending_below(text, items, item)


def _appending_below(text: str, items: Node, item: Any) -> Splice:
    """Below the last item and its comments, with an empty line between them where the others have one."""
    lines = "\n" + _item_like(text, items, item)
    if _have_gaps(text, items):
        lines = "\n" + lines
    column = column_of(text, items.begin)
    last = _end_with_comments(text, items.end, column)
    end = end_of_line(text, last)
    newline = line_end(text, items.end)
    return inserted(end, lines.replace("\n", newline))


def _item_like(text: str, items: Node, item: Any) -> str:
    """The lines of an item, written as the last one is."""
    first = items.children[0]
    last = items.children[-1]
    dash = column_of(text, items.begin)
    inner = column_of(text, first.begin)
    width = inner - dash  # of a dash and the spaces behind it
    margin = " " * dash + "-".ljust(width)
    stands_below = has_parts(item) and last.value.is_block
    if stands_below:
        return margin + block_behind(item, inner)
    return margin + in_line(item)


def _have_gaps(text: str, items: Node) -> bool:
    """Whether an empty line is between the last two items."""
    if len(items.children) < 2:
        return False
    before, last = items.children[-2:]
    between = text[before.end : last.begin]
    # The first and the last of these lines have the two items in them.
    lines = between.split("\n")[1:-1]
    return any(not line.strip() for line in lines)


def cutting(text: str, path: KeyPath, *, comments: bool) -> Splice:
    """Takes the key or item at a path out; with `comments`, those directly above it and inside of it, too."""
    *around, step = path
    parent = at(nodes_of(text), tuple(around))
    child = parent.child(step) if parent else None
    if parent is None or child is None:
        raise ByHand(0)
    if parent.flow:
        return _out_of_brackets(text, parent, child)
    if len(parent.children) == 1:
        return _emptied(parent)  # what is left has no lines
    begin = child.begin
    if child.key is None:
        begin = _dash(text, parent, child)
    before = before_in_line(text, begin)
    if before.strip():
        return _first_of_item(text, parent, child)
    return _lines(text, parent, child, begin, comments=comments)


def _emptied(container: Node) -> Splice:
    """A mapping or list that loses its only part."""
    empty = "[]" if container.kind == LIST else "{}"
    return in_place_of(container, empty)


def _out_of_brackets(text: str, parent: Node, child: Child) -> Splice:
    """A part goes with the comma behind it, and the last one with the comma before it."""
    require_brackets(text, parent)
    previous, following = parent.neighbours(child)
    if following:
        return _with_comma_behind(text, child, following)
    if previous:
        return _with_comma_before(text, previous, child)
    return _emptied(parent)


def _with_comma_behind(text: str, child: Child, following: Child) -> Splice:
    """Up to the next part; a comment between the two stays."""
    gap = text[child.end : following.begin]
    before_comment, hash_sign, _ = gap.partition("#")
    if not hash_sign:
        return Splice(child.begin, following.begin, "")
    comma = before_comment.find(",")
    if comma < 0:  # it stands behind the comment
        raise ByHand(child.begin)
    behind_comma = child.end + comma + 1
    return Splice(child.begin, behind_comma, "")


def _with_comma_before(text: str, previous: Child, child: Child) -> Splice:
    """From the end of the part before it; a comment between the two stays, and the comma with it."""
    begin = previous.end
    if "#" in text[begin : child.begin]:
        begin = child.begin
    return Splice(begin, child.end, "")


def _first_of_item(text: str, parent: Node, child: Child) -> Splice:
    """The first key of a list's item stands behind the dash: the next one takes its place."""
    first, second, *_ = parent.children
    end = end_of_line(text, child.end)
    gap = text[end : second.begin]
    if first is not child or gap.strip():
        raise ByHand(child.begin)
    return Splice(child.begin, second.begin, "")


def _dash(text: str, items: Node, item: Child) -> int:
    """Where the dash of an item stands: all of a list are in one column."""
    column = column_of(text, items.begin)
    first = items.begin - column
    begin = begin_of_line(text, item.begin)
    while not _has_dash(text, begin, column):
        if begin <= first:
            raise ByHand(item.begin)
        begin = begin_of_line(text, begin - 1)
    return begin + column


def _has_dash(text: str, begin: int, column: int) -> bool:
    """Whether a line has a list's dash in a column, and before it nothing but dashes of lists around that one."""
    before = line_at(text, begin)[:column]
    is_dash = text.startswith("-", begin + column)
    return is_dash and not before.strip(" -")


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
    if end == len(text):
        first = _begin_at_end_of_text(text, first, comments=comments)
    return Splice(first, end, "")


def _begin_at_end_of_text(text: str, first: int, *, comments: bool) -> int:
    """Where the cut of a text's last lines begins."""
    if not text.endswith("\n"):
        # The line before becomes the last one, and has no line break either.
        before = text[:first].removesuffix("\n")
        return len(before.removesuffix("\r"))
    if comments:
        return _without_gap(text, first)
    return first


def _begin_with_comments(text: str, first: int, column: int) -> int:
    """Where the comments begin that stand directly above a line, in its column."""
    for line in lines_above(text, first):
        if line.column_of_comment != column:
            break
        first = line.begin
    return first


def _end_with_comments(text: str, last: int, column: int) -> int:
    """Where the comments end that follow an item and are indented like what is in it."""
    for line in lines_below(text, last):
        if line.is_empty:  # it belongs to the comment below it, if there is one
            continue
        if line.column_of_comment <= column:
            break
        last = line.end
    return last


def _end_with_gap(text: str, first: int, last: int, *, is_first: bool) -> int:
    """Of two gaps, above and below, one is left: the one below goes."""
    above = next(lines_above(text, first), None)
    is_gap_above = above is None or above.is_empty
    if not is_gap_above and not is_first:
        return last
    for line in lines_below(text, last):
        if not line.is_empty:
            break
        last = line.end
    return last


def _without_gap(text: str, first: int) -> int:
    """At the end of a text no gap is left."""
    for line in lines_above(text, first):
        if not line.is_empty:
            break
        first = line.begin
    return first
