"""Edits of random documents: what was not meant keeps its bytes, and the result reads as meant."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tritonfleet.edit import drop, put
from tritonfleet.problem import Invalid
from tritonfleet.source import Source
from tritonfleet.values import KeyPath, lookup
from tritonfleet.yaml import read

TEXTS = st.sampled_from(
    ["a", "24.10-py3", "it's", 'say "x"', "ü 😀", "a: b", "#no", "", "l\nm\n", "12:30"]
)
LEAVES = st.one_of(TEXTS, st.integers(-9, 9), st.booleans(), st.none())
KEYS = st.sampled_from(["a", "b-c", "d.e/f", "ü", "with space", "1"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=10,
)
COMMENTS = st.sampled_from(["", " # note", "  #x: {y"])


def quoted(draw: st.DrawFn, text: str) -> str:
    if draw(st.booleans()) and "\n" not in text:
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)


def scalar(draw: st.DrawFn, value: Any) -> str:
    if isinstance(value, str):
        bare = value in {"a", "24.10-py3", "it's"} and draw(st.booleans())
        return value if bare else quoted(draw, value)
    return json.dumps(value)


def flow(draw: st.DrawFn, value: Any, indent: int) -> str:
    if not isinstance(value, dict | list) or not value:
        return scalar(draw, value)
    comma = draw(st.sampled_from([", ", ",", ",\n" + " " * indent]))
    if isinstance(value, list):
        return "[" + comma.join(flow(draw, item, indent) for item in value) + "]"
    pairs = (f"{quoted(draw, k)}: {flow(draw, v, indent)}" for k, v in value.items())
    return "{ " + comma.join(pairs) + draw(st.sampled_from(["}", " }", ",}"]))


def block(draw: st.DrawFn, value: Any, indent: int) -> str:
    """A mapping or list as lines."""
    margin = " " * indent
    text = ""
    parts = value.items() if isinstance(value, dict) else [(None, v) for v in value]
    for key, inner in parts:
        if draw(st.integers(0, 5)) == 0:
            text += draw(st.sampled_from(["\n", f"{margin}# above\n"]))
        lead = "-" if key is None else f"{quoted(draw, key)}:"
        has_parts = isinstance(inner, dict | list) and bool(inner)
        stands_below = draw(st.booleans()) if has_parts else False
        if stands_below:
            step = draw(st.integers(1, 5))
            if key is None and draw(st.booleans()):
                below = block(draw, inner, indent + 1 + step)
                if not below.lstrip(" ").startswith(("#", "\n")):
                    text += margin + "-" + " " * step + below[indent + 1 + step :]
                    continue
            text += (
                f"{margin}{lead}{draw(COMMENTS)}\n{block(draw, inner, indent + step)}"
            )
        elif inner == "l\nm\n" and draw(st.booleans()):
            text += f"{margin}{lead} |\n{margin}  l\n{margin}  m\n"
        else:
            written = flow(draw, inner, indent + 2)
            text += f"{margin}{lead} {written}{draw(COMMENTS)}\n"
    return text


@st.composite
def documents(draw: st.DrawFn) -> Source:
    data = draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
    text = "# first\n" + block(draw, data, 0)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.booleans()):
        text = text.removesuffix("\n").removesuffix("\r")
    return read("f.yaml", text.encode())


def paths(data: Any) -> list[KeyPath]:
    found: list[KeyPath] = []
    parts = data.items() if isinstance(data, dict) else []
    if isinstance(data, list):
        parts = list(enumerate(data))
    for key, inner in parts:
        found += [(key,), *((key, *path) for path in paths(inner))]
    return found


@st.composite
def edits(draw: st.DrawFn) -> tuple[Source, KeyPath, Any]:
    source = draw(documents())
    path = draw(st.sampled_from(paths(source.data)))
    if isinstance(lookup(source.data, path), dict) and draw(st.booleans()):
        path = (*path, draw(KEYS))
    return source, path, draw(st.one_of(LEAVES, VALUES))


def around(before: str, after: str) -> tuple[str, str]:
    """What is the same at the begin and at the end."""
    begin = 0
    while begin < min(len(before), len(after)) and before[begin] == after[begin]:
        begin += 1
    end = 0
    most = min(len(before), len(after)) - begin
    while end < most and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[begin : len(before) - end], after[begin : len(after) - end]


def only_by_hand(invalid: Invalid) -> None:
    assert [each.code for each in invalid.problems] == ["TF070"]


@settings(max_examples=300, deadline=None)
@given(edits())
def test_a_value_is_set_and_nothing_else(edit: tuple[Source, KeyPath, Any]) -> None:
    source, path, value = edit
    try:
        after = put(source, path, value)
    except Invalid as invalid:
        only_by_hand(invalid)
        return
    assert lookup(after.data, path) == value
    assert put(after, path, value) is after
    old = lookup(source.data, path)
    gone, _ = around(source.text, after.text)
    if not isinstance(old, dict | list):
        assert "#" not in gone or "#" in json.dumps(old)
    if "\r\n" in source.text:
        assert "\n" not in after.text.replace("\r\n", "")


@settings(max_examples=300, deadline=None)
@given(edits())
def test_a_value_is_dropped_and_nothing_else(edit: tuple[Source, KeyPath, Any]) -> None:
    source, path, _ = edit
    try:
        after = drop(source, path, keep=0)
    except Invalid as invalid:
        only_by_hand(invalid)
        return
    _, new = around(source.text, after.text)
    assert new.strip(" {}[]") == ""
