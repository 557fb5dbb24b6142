"""Memory, processors and devices that a pod asks for."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import quantity, shared_memory
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values, lookup

GIBIBYTE = 2**30
SHARED_MEMORY = ("sharedMemory", "size")


@release_rule("TF113", "sharedMemory resources")
def shared_memory_fits(release: Release, values: Values) -> Iterator[Problem]:
    """Shared memory counts inside the memory limit and leaves half of it to the server."""
    limit = lookup(values, ("resources", "limits", "memory"))
    if limit is None:
        return
    shared = shared_memory(values)
    if shared * 2 > quantity(limit):
        size = f"shared memory of {shared / GIBIBYTE:.3g}Gi"
        message = f"{size} is more than half of the memory limit {limit}"
        hint = "it counts inside the limit: raise `resources.limits.memory`"
        yield at(release, SHARED_MEMORY, message, hint)


@release_rule("TF115", "image sharedMemory", WARNING)
def vllm_has_shared_memory(release: Release, values: Values) -> Iterator[Problem]:
    """A vLLM image has 1 GiB of shared memory or more, for NCCL."""
    is_vllm = "vllm" in values["image"]["tag"]
    if is_vllm and shared_memory(values) < GIBIBYTE:
        size = lookup(values, SHARED_MEMORY)
        message = f"a vLLM image has {size} of shared memory and needs 1Gi"
        yield at(release, SHARED_MEMORY, message, "set sharedMemory: {size: 1Gi}")


@release_rule("TF116", "resources")
def requests_are_below_limits(release: Release, values: Values) -> Iterator[Problem]:
    """A request is not above its limit, or the API server refuses the pod."""
    limits = _resources(values, "limits")
    for name, request in _resources(values, "requests").items():
        limit = limits.get(name)
        if limit is None or quantity(request) <= quantity(limit):
            continue
        path = ("resources", "requests", name)
        message = f"{name}: the request {request} is above the limit {limit}"
        yield at(release, path, message, "raise the limit, or lower the request")


def _resources(values: Values, kind: str) -> Values:
    """The requests or the limits; where `resources` has none, or null, there are none."""
    resources: Values = values["resources"].get(kind) or {}
    return resources


@release_rule("TF118", "resources")
def devices_are_set_once(release: Release, values: Values) -> Iterator[Problem]:
    """A device is set in `accelerator`, from which the chart derives more than the limit."""
    device = values["accelerator"]["resource"]
    for kind in ("requests", "limits"):
        if device in _resources(values, kind):
            path = ("resources", kind, device)
            hint = "remove it here and set `accelerator.count`"
            yield at(release, path, f"{device} is a device", hint, key=True)
