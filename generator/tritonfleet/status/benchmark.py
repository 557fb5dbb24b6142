"""What perf_analyzer measured last: it writes its table where the kubelet keeps it with the pod that ended."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from tritonfleet.status.nouns import Benchmark, Object
from tritonfleet.status.objects import time_of
from tritonfleet.values import list_at, mapping_at, text_at

# The labels by which the chart marks the pods of a release's benchmark.
COMPONENT = "app.kubernetes.io/component"
INSTANCE = "app.kubernetes.io/instance"
BENCHMARK = "benchmark"


def last_benchmark(name: str, pods: Iterable[Object]) -> Benchmark | None:
    """The newest result of a release; None where no benchmark of it has ended well, or none is kept any more."""
    newest: Benchmark | None = None
    for pod in pods:
        if not _is_of(pod, name):
            continue
        for result in _results(pod):
            if newest is None or _ended(result) > _ended(newest):
                newest = result
    return newest


def _ended(result: Benchmark) -> float:
    return time_of(result.finished)


def _is_of(pod: Object, name: str) -> bool:
    """Servers' pods come in the same list."""
    labels = mapping_at(pod, "metadata", "labels")
    if labels.get(COMPONENT) != BENCHMARK:
        return False
    return labels.get(INSTANCE) == name


def _results(pod: Object) -> Iterator[Benchmark]:
    """What each container of it that ended well has written."""
    for status in list_at(pod, "status", "containerStatuses"):
        ended = mapping_at(status, "state", "terminated")
        if ended.get("exitCode") != 0:
            continue
        measured = tuple(_loads(text_at(ended, "message")))
        if measured:
            yield Benchmark(text_at(ended, "finishedAt"), measured)


def _loads(table: str) -> Iterator[Mapping[str, float]]:
    """The lines of a table in CSV: one for each load that was tried."""
    for line in csv.DictReader(table.splitlines()):
        numbers = _numbers(line)
        if numbers:
            yield numbers


def _numbers(line: Mapping[str, str]) -> Mapping[str, float]:
    """The columns that hold a number. The kubelet keeps 4 KiB, so the last line may be cut off."""
    found: dict[str, float] = {}
    for column, value in line.items():
        # No value comes of a column that was cut off.
        with suppress(ValueError, TypeError):
            found[column] = float(value)
    return found
