"""Where a release's values come from: for each the file, line and layer that set it, and what it overrode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tritonfleet.facts import replaces, seconds
from tritonfleet.nouns import Release
from tritonfleet.plan import DEADLINE_MARGIN, GRACE_MARGIN, timing
from tritonfleet.report.shared import shown
from tritonfleet.source import Layer
from tritonfleet.values import KeyPath, Values, dotted, lookup, sets
from tritonfleet.yaml.write import scalar


def explanation(release: Release, path: KeyPath, root: Path) -> str:
    """Each value below `path`; for all of a release, the numbers that follow from its values as well."""
    complete = release.complete()
    lines: list[str] = []
    for leaf in _leaves(lookup(complete, path), path):
        lines += _value(release, leaf, root)
    if not path:
        lines += ["", *_sums(complete)]
    return "\n".join(lines) + "\n"


def known(release: Release, path: KeyPath) -> bool:
    """Whether the release has a value at `path`."""
    return not path or sets(release.complete(), path)


def _leaves(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Paths of the values that are no mapping, or an empty one."""
    if not isinstance(value, dict) or not value:
        yield path
        return
    for key, inner in value.items():
        yield from _leaves(inner, (*path, key))


def _value(release: Release, path: KeyPath, root: Path) -> Iterator[str]:
    """A line with the value and who set it, then one for each value that it overrode, highest layer first."""
    value = lookup(release.complete(), path)
    layers = [layer for layer in reversed(release.layers) if sets(layer.values, path)]
    if not layers:
        yield f"{dotted(path)}: {_short(value)}  # chart default"
        return
    setter, *overridden = layers
    yield f"{dotted(path)}: {_short(value)}  # {_place(setter, path, root)}"
    for layer in overridden:
        yield f"    over {_short(lookup(layer.values, path))}  # {_place(layer, path, root)}"
    default = lookup(release.environment.chart.defaults, path)
    if default not in (None, {}, []):
        yield f"    over {_short(default)}  # chart default"


def _place(layer: Layer, path: KeyPath, root: Path) -> str:
    position = layer.position(path)
    return (
        f"{shown(position.file, root)}:{position.line}:{position.column}, {layer.name}"
    )


def _short(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return json.dumps(value, ensure_ascii=False)
    return scalar(value)


def _sums(values: Values) -> Iterator[str]:
    """The numbers that `plan` derives for the engines, each with its sum."""
    numbers = timing(values)
    if values["terminationGracePeriodSeconds"]:
        grace = "terminationGracePeriodSeconds"
    else:
        request = seconds(values["shutdown"]["requestTimeout"])
        grace = f"{numbers.drain} drain + {request} requestTimeout + {GRACE_MARGIN}"
    yield f"grace period {numbers.grace} s = {grace}"

    begin = f"{numbers.pull} pull + {numbers.startup} startup"
    deadline = f"{begin} + {DEADLINE_MARGIN}"
    if replaces(values):
        deadline += f" + {numbers.grace} grace"
    yield f"progress deadline {numbers.deadline} s = {deadline}"

    each = f"({begin} + {numbers.grace} grace)"
    yield f"Flux timeout {numbers.timeout} s = {numbers.pods} pods × {each}"
