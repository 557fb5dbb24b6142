"""Paths inside values: as people write them, and what is there."""

from __future__ import annotations

from typing import Any

import pytest

from tritonfleet.values import KeyPath, dotted, lookup, parse_path, sets

PATHS: dict[str, KeyPath] = {
    "": (),
    "image.tag": ("image", "tag"),
    "tolerations[0].key": ("tolerations", 0, "key"),
    'env."MY.VAR"': ("env", "MY.VAR"),
    'nodeSelector."a b"[12]': ("nodeSelector", "a b", 12),
    'env.""': ("env", ""),
}


@pytest.mark.parametrize(("text", "path"), PATHS.items(), ids=PATHS)
def test_a_path_is_read_as_it_is_written(text: str, path: KeyPath) -> None:
    assert (parse_path(text), dotted(path)) == (path, text)


DATA = {"a": {"b": [1, {"c": None}]}, "e": None}
PLACES: dict[str, tuple[Any, bool]] = {
    "a.b[0]": (1, True),
    "a.b[1].c": (None, True),
    "a.b[2]": (None, False),
    "a.x": (None, False),
    "a.b.c": (None, False),
    "a.b[0].c": (None, True),  # replaced by a number
    "e.f": (None, True),  # removed with all that was in it
}


@pytest.mark.parametrize(("path", "answer"), PLACES.items(), ids=PLACES)
def test_a_path_has_a_value_and_somebody_who_decides_it(
    path: str, answer: tuple[Any, bool]
) -> None:
    assert (lookup(DATA, parse_path(path)), sets(DATA, parse_path(path))) == answer
