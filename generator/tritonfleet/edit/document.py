"""One change of one file, byte for byte: what it says afterwards is read again and compared with what was meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tritonfleet.edit.items import appending, cutting
from tritonfleet.edit.splice import ByHand, Splice, nested, setting
from tritonfleet.problem import Invalid, Problem
from tritonfleet.source import Source, position_at
from tritonfleet.values import KeyPath, lookup
from tritonfleet.yaml import read


def put(source: Source, path: KeyPath, value: Any) -> Source:
    """The file with this value at a path. Raises Invalid (TF070) where only a person can write it there."""
    wanted = with_value(source.data, path, value)
    return _edited(source, wanted, lambda text: setting(text, path, value))


def drop(source: Source, path: KeyPath, *, keep: int, comments: bool = False) -> Source:
    """The file without the key or item at a path, and without the mappings that this empties.

    The first `keep` steps of the path stay in any case. `comments` that are about the part go with it. Raises Invalid
    (TF070) where only a person can take it away.
    """
    if not is_there(source.data, path):
        return source
    path = _emptied(source.data, path, keep)
    wanted = _without(source.data, path)
    return _edited(source, wanted, lambda text: cutting(text, path, comments=comments))


def append(source: Source, path: KeyPath, item: Any) -> Source:
    """The file with one more item in the list at a path, which is made where there is none. Raises Invalid (TF070)."""
    items = lookup(source.data, path)
    has_items = isinstance(items, list) and bool(items)
    if not has_items:
        return put(source, path, [item])
    longer = [*items, item]
    wanted = with_value(source.data, path, longer)
    return _edited(source, wanted, lambda text: appending(text, path, item))


def _edited(source: Source, wanted: Any, edit: Callable[[str], Splice]) -> Source:
    """The file after an edit of its text. Raises Invalid (TF070) unless it then says what is wanted, and only that."""
    if is_same(source.data, wanted):
        return source
    try:
        splice = edit(source.text)
    except ByHand as by_hand:
        raise _left_to_people(source, by_hand.offset) from None
    after = _read_again(source, splice)
    if not is_same(after.data, wanted):
        raise _left_to_people(source, splice.begin)
    return after


def _read_again(source: Source, splice: Splice) -> Source:
    """The edited file. Raises Invalid with what is wrong with the new value, at the place of the edit."""
    text = splice.applied(source.text)
    try:
        return read(source.file, text.encode("utf-8", "surrogatepass"))
    except Invalid as invalid:
        place = position_at(source.file, source.text, splice.begin)
        told = [
            Problem(place, each.code, each.message, each.expected, each.hint)
            for each in invalid.problems
        ]
        raise Invalid(told) from None


def _left_to_people(source: Source, offset: int) -> Invalid:
    """What to raise for a place that only a person can change."""
    place = position_at(source.file, source.text, offset)
    message = "this cannot be changed without changing what is around it"
    return Invalid([Problem(place, "TF070", message, hint="edit it by hand")])


def is_same(one: Any, other: Any) -> bool:
    """Whether two documents say the same, in the same order: `==` takes 1 for true."""
    return json.dumps(one) == json.dumps(other)


def with_value(data: Any, path: KeyPath, value: Any) -> Any:
    """Data with this value at a path; what is on the way and is no mapping or list becomes one."""
    if not path:
        return value
    step, *rest = path
    if not isinstance(data, dict) and not is_there(data, (step,)):
        return nested(path, value)
    changed = data.copy()
    inner = lookup(data, (step,))
    changed[step] = with_value(inner, tuple(rest), value)
    return changed


def _without(data: Any, path: KeyPath) -> Any:
    """Data without what it has at a path; what is around that is copied, and everything else shared."""
    step, *rest = path
    changed = data.copy()
    if rest:
        changed[step] = _without(data[step], tuple(rest))
    else:
        del changed[step]
    return changed


def _emptied(data: Any, path: KeyPath, keep: int) -> KeyPath:
    """The path of what goes: a mapping's or a list's, where its only part goes."""
    while len(path) > keep + 1:
        around = path[:-1]
        parts = lookup(data, around)
        # An item of a list stays, for the next ones have their places behind it.
        is_item = isinstance(around[-1], int)
        if is_item or len(parts) > 1:
            break
        path = around
    return path


def is_there(data: Any, path: KeyPath) -> bool:
    """Whether data has the key or item at a path, which may be null."""
    *around, step = path
    container = lookup(data, tuple(around))
    if isinstance(container, list) and isinstance(step, int):
        return step < len(container)
    return isinstance(container, dict) and step in container
