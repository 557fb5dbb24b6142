"""Layers over layers: what a part of a file contributes to releases, and what several add up to.

Mappings merge, everything else replaces, null removes. A null stays in a release's values only where the chart has a
default to delete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tritonfleet.nouns import Environment
from tritonfleet.source import Layer, Source
from tritonfleet.values import KeyPath, Values, mapping_at

# Keys beside the chart's in an entry, a profile, a patch or defaults: they say where it goes, not what it is.
GENERATOR_KEYS = frozenset({"name", "profile", "environments", "suspend"})
_NOTHING: Values = {}


def layer(name: str, source: Source, path: KeyPath, values: Values) -> Layer:
    """A layer of the chart's values alone, without the generator's own keys."""
    chart_values = {
        key: value for key, value in values.items() if key not in GENERATOR_KEYS
    }
    return Layer(name, source, path, chart_values)


def section(name: str, source: Source, *path: str) -> Layer:
    """The mapping at `path` of a file as a layer."""
    return layer(name, source, path, mapping_at(source.data, *path))


@dataclass(frozen=True, slots=True)
class Stack:
    """Layers, lowest first, and the values that they add up to."""

    layers: tuple[Layer, ...]
    values: Values


def stacked(stack: Stack, above: Iterable[Layer], environment: Environment) -> Stack:
    """The stack with more layers over its own."""
    defaults = environment.chart.defaults
    layers = [*stack.layers]
    values = stack.values
    for upper in above:
        layers.append(upper)
        values = merge(values, upper.values, defaults)
    return Stack(tuple(layers), values)


def merge(base: Values, over: Values, defaults: Values) -> Values:
    """`over` merged over `base`; a null stays only where `defaults`, the chart's, have something to delete.

    Returns `over` itself where it decides everything, else a new mapping that shares each unchanged part of both:
    releases that agree share their values, in memory and when they are written. Runs for each mapping of each layer.
    """
    merged = dict(base)
    for key, value in over.items():
        default = defaults.get(key)
        if type(value) is dict:
            merged[key] = merge(_mapping(merged.get(key)), value, _mapping(default))
        elif value is None and default is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    if merged.keys() == over.keys() and all(merged[key] is over[key] for key in over):
        return over
    return merged


def _mapping(value: Any) -> Values:
    return value if type(value) is dict else _NOTHING
