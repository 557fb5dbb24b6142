"""Triton's metrics, as far as a row of `status` tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tritonfleet.status.nouns import Counters

# https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
_SAMPLE = re.compile(
    r"^(?P<name>nv_inference_\w+)\{[^}]*\} (?P<value>[0-9.eE+]+)$", re.MULTILINE
)
_NAMES = (
    "nv_inference_request_success",
    "nv_inference_request_failure",
    "nv_inference_queue_duration_us",
    "nv_inference_pending_request_count",
)


def counters_of(text: str) -> Counters:
    """The sums over all models of what a server publishes."""
    sums = dict.fromkeys(_NAMES, 0)
    for sample in _SAMPLE.finditer(text):
        name = sample["name"]
        if name in sums:
            value = float(sample["value"])  # like 1.2e+06
            sums[name] += int(value)
    succeeded, failed, queued, pending = sums.values()
    requests = succeeded + failed
    return Counters(requests, failed, queued, pending)


def summed(of_pods: Iterable[Counters | None]) -> Counters | None:
    """The sums over pods; None where no pod said any."""
    found = [each for each in of_pods if each]
    if not found:
        return None
    columns = zip(*found, strict=True)
    return Counters(*map(sum, columns))
