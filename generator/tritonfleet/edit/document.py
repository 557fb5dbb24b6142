"""One change of one file, byte for byte: what it says afterwards is read again and compared with what was meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tritonfleet.edit.items import appending, cutting
from tritonfleet.edit.splice import ByHand, Splice, nested, setting
from tritonfleet.problem import Invalid, Problem
from tritonfleet.source import Source, position_at
from tritonfleet.values import KeyPath, Values, lookup
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
    if not _is_there(source.data, path):
        return source
    path = _emptied(source.data, path, keep)
    wanted = _without(source.data, path)
    return _edited(source, wanted, lambda text: cutting(text, path, comments=comments))


def append(source: Source, path: KeyPath, item: Any) -> Source:
    """The file with one more item in the list at a path, which is made where there is none. Raises Invalid (TF070)."""
    items = lookup(source.data, path)
    if not isinstance(items, list) or not items:
        return put(source, path, [item])
    wanted = with_value(source.data, path, [*items, item])
    return _edited(source, wanted, lambda text: appending(text, path, item))


def _edited(source: Source, wanted: Any, edit: Callable[[str], Splice]) -> Source:
    if is_same(source.data, wanted):
        return source
    try:
        splice = edit(source.text)
    except ByHand as by_hand:
        raise Invalid([_by_hand(source, by_hand.offset)]) from None
    text = splice.applied(source.text)
    after = _read_again(source, text, splice)
    if not is_same(after.data, wanted):
        raise Invalid([_by_hand(source, splice.begin)])
    return after


def _read_again(source: Source, text: str, splice: Splice) -> Source:
    """The edited file. Raises Invalid with what is wrong with the new value, at the place of the edit."""
    try:
        return read(source.file, text.encode("utf-8", "surrogatepass"))
    except Invalid as invalid:
        place = position_at(source.file, source.text, splice.begin)
        told = [
            Problem(place, each.code, each.message, each.expected, each.hint)
            for each in invalid.problems
        ]
        raise Invalid(told) from None


def _by_hand(source: Source, offset: int) -> Problem:
    place = position_at(source.file, source.text, offset)
    message = "this cannot be changed without changing what is around it"
    return Problem(place, "TF070", message, hint="edit it by hand")


def is_same(one: Any, other: Any) -> bool:
    """Whether two documents say the same, in the same order: `==` takes 1 for true."""
    return json.dumps(one) == json.dumps(other)


def with_value(data: Any, path: KeyPath, value: Any) -> Any:
    """Data with this value at a path; what is on the way and is no mapping or list becomes one."""
    if not path:
        return value
    step, *rest = path
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return [
            *data[:step],
            with_value(data[step], tuple(rest), value),
            *data[step + 1 :],
        ]
    if isinstance(data, dict):
        return {**data, step: with_value(data.get(step), tuple(rest), value)}
    return nested(path, value)


def _without(data: Any, path: KeyPath) -> Any:
    step, *rest = path
    if isinstance(data, list) and isinstance(step, int):
        kept = [_without(data[step], tuple(rest))] if rest else []
        return [*data[:step], *kept, *data[step + 1 :]]
    if rest:
        return {**data, step: _without(data[step], tuple(rest))}
    return {key: value for key, value in data.items() if key != step}


def _emptied(data: Any, path: KeyPath, keep: int) -> KeyPath:
    """The path of what goes: a mapping's or a list's, where its only part goes."""
    while len(path) > keep + 1 and len(lookup(data, path[:-1])) == 1:
        if isinstance(
            path[-2], int
        ):  # an item of a list stays, for the next ones have their places behind it
            break
        path = path[:-1]
    return path


def _is_there(data: Values, path: KeyPath) -> bool:
    around = lookup(data, path[:-1])
    if isinstance(around, list):
        return isinstance(path[-1], int) and path[-1] < len(around)
    return isinstance(around, dict) and path[-1] in around
