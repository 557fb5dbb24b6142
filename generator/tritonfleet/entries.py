"""Entries: the items of model lists, each with its layer of values and the generator's own keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tritonfleet.layers import layer
from tritonfleet.nouns import Entry
from tritonfleet.source import Source
from tritonfleet.values import Values, list_at, lookup


def entries_of(lists: Iterable[Source]) -> Iterator[Entry]:
    """The items of all lists that have a name, in their order; `validate` tells the others."""
    for source in lists:
        for index, item in enumerate(list_at(source.data, "models")):
            if isinstance(lookup(item, ("name",)), str):
                yield _entry(source, index, item)


def entries_named(lists: Iterable[Source], name: str) -> Iterator[Entry]:
    """Those of one name, without making an entry of every other item first."""
    for source in lists:
        for index, item in enumerate(list_at(source.data, "models")):
            if lookup(item, ("name",)) == name:
                yield _entry(source, index, item)


def _entry(source: Source, index: int, item: Values) -> Entry:
    return Entry(
        name=item["name"],
        layer=layer("entry", source, ("models", index), item),
        profile=_text_or_none(item.get("profile")),
        environments=_names_or_none(item.get("environments")),
        suspend=item.get("suspend") is True,
    )


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _names_or_none(value: Any) -> tuple[str, ...] | None:
    return tuple(map(str, value)) if isinstance(value, list) else None
