"""Layers over layers: what a part of a file contributes to releases, and what several add up to.

Mappings merge, everything else replaces, null removes. A null stays in a release's values only where the chart has a
default to delete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tritonfleet.nouns import Environment
from tritonfleet.source import Layer, Source
from tritonfleet.values import KeyPath, Values, mapping_at

# Keys beside the chart's in an entry, a profile, a patch or defaults: they say where it goes, not what it is.
GENERATOR_KEYS = frozenset({"name", "profile", "environments", "suspend", "gitops"})
_NOTHING: Values = {}
# The first part of a name is a registry when it could not be part of a name, as container runtimes read it:
# https://github.com/distribution/reference
_IMAGE = re.compile(
    r"(?:(?P<registry>localhost|[^/@]*[.:][^/@]*)/)?(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^:@/]+))?(?:@(?P<digest>sha256:[a-f0-9]{64}))?\Z"
)


def layer(name: str, source: Source, path: KeyPath, values: Values) -> Layer:
    """A layer of the chart's values alone, without the generator's own keys."""
    chart_values = {
        key: value for key, value in values.items() if key not in GENERATOR_KEYS
    }
    if type(chart_values.get("image")) is str:
        # As a mapping it merges with the layers below: their registry stays, unless the text names one.
        chart_values["image"] = image_parts(chart_values["image"])
    return Layer(name, source, path, chart_values)


def image_parts(text: str) -> Any:
    """An image in one text as the chart's mapping, without the registry that it does not name.

    A text without tag and digest, or that is no image at all, stays as it is: its file does not fit the schema.
    """
    match = _IMAGE.match(text)
    if match is None or not (match["tag"] or match["digest"]):
        return text
    parts = match.groupdict("")
    if not parts["registry"]:
        del parts["registry"]
    return parts


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
