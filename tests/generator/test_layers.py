"""Merging: what Helm would make of the same files."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tritonfleet.layers import merge
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
