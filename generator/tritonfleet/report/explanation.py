"""Where a release's values come from: for each the file, line and layer that set it, and what it overrode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tritonfleet import vllm
from tritonfleet.facts import MEBIBYTE, replaces, seconds, shared_memory
from tritonfleet.gitops import Timing
from tritonfleet.modes import DYNAMO, end_seconds, listeners, mode, served
from tritonfleet.nouns import Release
from tritonfleet.report.accounts import account
from tritonfleet.report.shared import one_line, place
from tritonfleet.timing import DEADLINE_MARGIN, GRACE_MARGIN, timing
from tritonfleet.values import KeyPath, Values, dotted, lookup, sets


def explanation(release: Release, path: KeyPath, root: Path) -> str:
    """Each value below `path`; for all of a release, what follows from its values and its environment as well."""
    complete = release.complete()
    value = lookup(complete, path)
    lines: list[str] = []
    for leaf in _leaves(value, path):
        lines += _value(release, leaf, root)
    if not path:
        lines.append("")
        lines += _sums(complete)
        lines += account(release.environment)
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


class Origin(NamedTuple):
    """A value in one of the places that set it."""

    value: Any
    place: str


def _value(release: Release, path: KeyPath, root: Path) -> Iterator[str]:
    """A line with the value and who set it, then one for each value that it overrode, highest layer first."""
    key = dotted(path)
    value = lookup(release.complete(), path)
    setter, *overridden = _origins(release, path, root)
    yield f"{key}: {one_line(value)}  # {setter.place}"
    for origin in overridden:
        value = one_line(origin.value)
        yield f"    over {value}  # {origin.place}"


def _origins(release: Release, path: KeyPath, root: Path) -> list[Origin]:
    """Where a value is set, the place that wins first; at least one, for what no layer sets is the chart's."""
    origins = []
    for layer in reversed(release.layers):
        if sets(layer.values, path):
            value = lookup(layer.values, path)
            position = place(layer.position(path), root)
            origins.append(Origin(value, f"{position}, {layer.name}"))
    default = lookup(release.environment.chart.defaults, path)
    # That an empty default was overridden is no news.
    is_empty = default in (None, {}, [])
    if not origins or not is_empty:
        origins.append(Origin(default, "chart default"))
    return origins


def _sums(values: Values) -> Iterator[str]:
    """What serves, and the numbers that `plan` derives for the engines, each with its sum."""
    ports = ", ".join(_ports(values))
    yield f"mode {mode(values)}: {ports}"
    yield from _of_vllm(values)
    numbers = timing(values)
    grace = _grace(values, numbers)
    yield f"grace period {numbers.grace} s = {grace}"
    deadline = _deadline(values, numbers)
    yield f"progress deadline {numbers.deadline} s = {deadline}"
    each = f"({_begin(numbers)} + {numbers.grace} grace)"
    yield f"Flux timeout {numbers.timeout} s = {numbers.pods} pods × {each}"


def _ports(values: Values) -> Iterator[str]:
    """Where clients are answered; of Dynamo also where its workers listen, which no client asks."""
    for each in served(values):
        yield f"{each.name} {each.port}"
    if mode(values) == DYNAMO:
        for each in listeners(values):
            yield f"{each.name} {each.port} of the workers"


def _of_vllm(values: Values) -> Iterator[str]:
    """What follows from models of vLLM: where their weights are, who brings them, and the size of /dev/shm."""
    who = "each pod for itself"
    if vllm.is_filled_by_a_job(values):
        who = "a Job, once for all pods"
    for name in vllm.downloads(values):
        yield f"weights {vllm.WEIGHTS}/{name}, downloaded by {who}"
    if vllm.engines(values):
        mebibytes = shared_memory(values) // MEBIBYTE
        yield f"shared memory {mebibytes}Mi"


def _grace(values: Values, numbers: Timing) -> str:
    """The sum of the grace period, or the value that says it."""
    if values["terminationGracePeriodSeconds"]:
        return "terminationGracePeriodSeconds"
    request = seconds(values["shutdown"]["requestTimeout"])
    parts = [f"{numbers.drain} drain", f"{request} requestTimeout"]
    to_end = end_seconds(values)
    if to_end:
        parts.append(f"{to_end} to end")
    parts.append(str(GRACE_MARGIN))
    return " + ".join(parts)


def _deadline(values: Values, numbers: Timing) -> str:
    """The sum of the progress deadline."""
    deadline = f"{_begin(numbers)} + {DEADLINE_MARGIN}"
    if replaces(values):  # the old pod ends first
        deadline += f" + {numbers.grace} grace"
    return deadline


def _begin(numbers: Timing) -> str:
    return f"{numbers.pull} pull + {numbers.startup} startup"
