"""Merging: what Helm would make of the same files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tritonfleet.layers import image_parts, merge
from tritonfleet.values import overlay

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(MAPPINGS, MAPPINGS, MAPPINGS)
def test_merged_values_mean_the_same_to_helm(
    defaults: Any, base: Any, over: Any
) -> None:
    """Helm merges values files and then lays them over the chart's defaults, where null removes."""
    defaults = _without_nulls(defaults)
    merged = merge(merge({}, base, defaults), over, defaults)
    assert overlay(defaults, merged) == _without_nulls(
        overlay(defaults, _files_merged(base, over))
    )


def _without_nulls(data: Any) -> Any:
    """A null that removes nothing is nothing."""
    if not isinstance(data, dict):
        return data
    return {
        key: _without_nulls(value) for key, value in data.items() if value is not None
    }


def _files_merged(base: Any, over: Any) -> Any:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _files_merged(merged[key], value) if both else value
    return merged


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nvcr.io/nvidia/tritonserver:24.10-py3", ("nvcr.io", "nvidia/tritonserver", "24.10-py3", "")),
        ("ml/triton:1", (None, "ml/triton", "1", "")),
        ("localhost/triton:1", ("localhost", "triton", "1", "")),
        ("r:5000/a/b/c:1@sha256:" + "0" * 64, ("r:5000", "a/b/c", "1", "sha256:" + "0" * 64)),
        ("a@sha256:" + "0" * 64, (None, "a", "", "sha256:" + "0" * 64)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_image_in_one_text_has_the_parts_that_it_names(
    text: str, parts: tuple[str | None, ...]
) -> None:
    """The chart takes the same text apart by itself; tests/chart/cases has what it makes of one."""
    keys = ("registry", "repository", "tag", "digest")
    named = zip(keys, parts, strict=True)
    assert image_parts(text) == {key: part for key, part in named if part is not None}


@pytest.mark.parametrize("text", ["", "tritonserver", "a:b:c", "a@sha256:1", "a b"])
def test_what_is_no_image_stays_as_it_is(text: str) -> None:
    assert image_parts(text) == text
