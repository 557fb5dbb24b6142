"""Memory, processors and devices that a pod asks for."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import quantity, shared_memory
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values, lookup

GIBIBYTE = 2**30


@release_rule("TF113", "sharedMemory resources")
def shared_memory_fits(release: Release, values: Values) -> Iterator[Problem]:
    """Shared memory counts inside the memory limit and leaves half of it to the server."""
    limit = lookup(values, ("resources", "limits", "memory"))
    if limit is None:
        return
    shared = shared_memory(values)
    if shared * 2 > quantity(limit):
        path = ("sharedMemory", "size")
        size = f"{shared / GIBIBYTE:.3g}Gi"
        message = (
            f"shared memory of {size} is more than half of the memory limit {limit}"
        )
        hint = "it counts inside the limit: raise `resources.limits.memory`"
        yield at(release, path, message, hint)


@release_rule("TF115", "image sharedMemory", WARNING)
def vllm_has_shared_memory(release: Release, values: Values) -> Iterator[Problem]:
    """A vLLM image has 1 GiB of shared memory or more, for NCCL."""
    if "vllm" not in values["image"]["tag"]:
        return
    if shared_memory(values) < GIBIBYTE:
        path = ("sharedMemory", "size")
        size = values["sharedMemory"]["size"]
        message = f"a vLLM image has {size} of shared memory and needs 1Gi"
        hint = "set sharedMemory: {size: 1Gi}"
        yield at(release, path, message, hint)


@release_rule("TF116", "resources")
def requests_are_below_limits(release: Release, values: Values) -> Iterator[Problem]:
    """A request is not above its limit, or the API server refuses the pod."""
    requests = values["resources"].get("requests") or {}
    limits = values["resources"].get("limits") or {}
    for name, limit in limits.items():
        request = requests.get(name)
        if request is not None and quantity(request) > quantity(limit):
            path = ("resources", "requests", name)
            message = f"{name}: the request {request} is above the limit {limit}"
            hint = "raise the limit, or lower the request"
            yield at(release, path, message, hint)


@release_rule("TF118", "resources")
def devices_are_set_once(release: Release, values: Values) -> Iterator[Problem]:
    """A device is set in `accelerator`, from which the chart derives more than the limit."""
    device = values["accelerator"]["resource"]
    for kind in ("requests", "limits"):
        if device in (values["resources"].get(kind) or {}):
            path = ("resources", kind, device)
            hint = "remove it here and set `accelerator.count`"
            yield at(release, path, f"{device} is a device", hint, key=True)
