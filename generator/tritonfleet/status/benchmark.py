"""What perf_analyzer measured last: it writes its table where the kubelet keeps it with the pod that ended."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from tritonfleet.status.nouns import Benchmark, Object
from tritonfleet.status.objects import time_of
from tritonfleet.values import list_at, mapping_at, text_at

COMPONENT = "benchmark"
_LABEL = "app.kubernetes.io/"


def last_benchmark(name: str, pods: Iterable[Object]) -> Benchmark | None:
    """The newest result of a release; None where no benchmark of it has ended well, or none is kept any more."""
    results = [result for pod in pods if _is_of(pod, name) for result in _results(pod)]
    return max(results, key=lambda each: time_of(each.finished), default=None)


def _is_of(pod: Object, name: str) -> bool:
    labels = mapping_at(pod, "metadata", "labels")
    component, instance = f"{_LABEL}component", f"{_LABEL}instance"
    return labels.get(component) == COMPONENT and labels.get(instance) == name


def _results(pod: Object) -> Iterator[Benchmark]:
    """What each container of it that ended well has written: a table as CSV, one line for each load."""
    for status in list_at(pod, "status", "containerStatuses"):
        ended = mapping_at(status, "state", "terminated")
        lines = text_at(ended, "message").splitlines()
        measured = tuple(filter(None, map(_numbers, csv.DictReader(lines))))
        if ended.get("exitCode") == 0 and measured:
            yield Benchmark(text_at(ended, "finishedAt"), measured)


def _numbers(line: Mapping[str, str]) -> Mapping[str, float]:
    """The columns that hold a number. The kubelet keeps 4 KiB, so the last line may be cut off."""
    found: dict[str, float] = {}
    for column, value in line.items():
        with suppress(ValueError, TypeError):
            found[column] = float(value)
    return found
