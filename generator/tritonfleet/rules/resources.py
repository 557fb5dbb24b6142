"""Memory, processors and devices that a pod asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.deployment import has_own_parts, server_pod
from tritonfleet.facts import quantity, shared_memory, volumes_in_memory
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.container_resources import (
    PAGES,
    is_shared,
    mismatches,
    needs_beside_pages,
)
from tritonfleet.rules.faults import problems_of
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup

GIBIBYTE = 2**30
SHARED_MEMORY = ("sharedMemory", "size")
MEMORY_LIMIT = ("resources", "limits", "memory")


@release_rule("TF113", "sharedMemory resources")
def shared_memory_fits(release: Release, values: Values) -> Iterator[Problem]:
    """Shared memory counts inside the memory limit and leaves half of it to the server."""
    limit = lookup(values, MEMORY_LIMIT)
    if limit is None:
        return
    shared = shared_memory(values)
    if shared * 2 > quantity(limit):
        size = f"shared memory of {_gibibytes(shared)}"
        allowed = _words(release, MEMORY_LIMIT, limit)
        message = f"{size} is more than half of {allowed}"
        hint = "it counts inside the limit: raise `resources.limits.memory`"
        yield at(release, SHARED_MEMORY, message, hint)


@release_rule("TF165", "volumes scratch caches", WARNING)
def volumes_in_memory_fit(release: Release, values: Values) -> Iterator[Problem]:
    """Volumes in memory count inside the memory limit and leave half of it to the server."""
    limit = lookup(values, MEMORY_LIMIT)
    volumes = volumes_in_memory(values)
    if limit is None or not volumes:
        return
    taken = volumes + shared_memory(values)
    if taken * 2 > quantity(limit):
        what = f"shared memory and volumes in memory may take {_gibibytes(taken)}"
        allowed = _words(release, MEMORY_LIMIT, limit)
        message = f"{what}, more than half of {allowed}"
        hint = "they count inside the limit: raise `resources.limits.memory`"
        yield at(release, (_first_in_memory(values),), message, hint, key=True)


def _first_in_memory(values: Values) -> str:
    """The value to blame: people's own volumes, else the first that asks for memory."""
    if any(lookup(each, ("emptyDir", "medium")) for each in values["volumes"]):
        return "volumes"
    return "scratch" if values["scratch"].get("medium") else "caches"


def _gibibytes(size: int) -> str:
    return f"{size / GIBIBYTE:.3g}Gi"


def _words(release: Release, path: KeyPath, value: Any) -> str:
    """A request or a limit in words, with the line that set it; the chart's own is one that nobody thought about."""
    _, kinds, resource = path
    kind = "request" if kinds == "requests" else "limit"
    if release.setter(path) is None:
        return f"the default {resource} {kind} of {value}, which nobody set"
    position = release.position(path)
    return f"the {resource} {kind} {value} of {position}"


@release_rule("TF160", "accelerator", WARNING)
def memory_of_devices_is_said(release: Release, values: Values) -> Iterator[Problem]:
    """Somebody has thought about the memory of a pod with a device, whose models are seldom small."""
    accelerator = values["accelerator"]
    limit = lookup(values, MEMORY_LIMIT)
    if not accelerator["count"] or not limit:
        return
    if release.setter(MEMORY_LIMIT) is None:
        pod = f"a pod with {accelerator['resource']}"
        memory = _words(release, MEMORY_LIMIT, limit)
        message = f"{pod} has {memory}"
        hint = "set `resources.limits.memory` and its request to what the models take, mostly in the profile"
        yield at(release, ("accelerator", "count"), message, hint)


@release_rule("TF161", "accelerator")
def claims_have_names_of_their_own(
    release: Release, values: Values
) -> Iterator[Problem]:
    """Two claims of a pod have different names."""
    claims = values["accelerator"]["claims"]
    named = ((claim["name"], index) for index, claim in enumerate(claims))
    for name, _, index in clashes(named):
        path = ("accelerator", "claims", index, "name")
        message = f"two claims are called {name}"
        yield at(release, path, message, "give each its own name")


@release_rule("TF115", "image sharedMemory", WARNING)
def vllm_has_shared_memory(release: Release, values: Values) -> Iterator[Problem]:
    """A vLLM image has 1 GiB of shared memory or more, for NCCL."""
    is_vllm = "vllm" in values["image"]["tag"]
    if is_vllm and shared_memory(values) < GIBIBYTE:
        size = lookup(values, SHARED_MEMORY)
        message = f"a vLLM image has {size} of shared memory and needs 1Gi"
        hint = "set sharedMemory: {size: 1Gi}"
        yield at(release, SHARED_MEMORY, message, hint)


@release_rule("TF116", "resources initContainers sidecars podTemplate")
def requests_fit_limits(release: Release, values: Values) -> Iterator[Problem]:
    """A request goes with its limit, or the API server refuses the pod."""
    yield from _in_server(release, values)
    if not has_own_parts(release):
        return  # as nearly every release, in whose pod nobody else asks for anything
    pod = server_pod(release)
    faults = mismatches(pod, values["resources"])
    yield from problems_of(release, pod, faults)


def _in_server(release: Release, values: Values) -> Iterator[Problem]:
    """The server's own requests and limits, the chart's among them."""
    limits = _resources(values, "limits")
    for name, request in _resources(values, "requests").items():
        limit = limits.get(name)
        if is_shared(name):
            yield from _above_limit(release, name, request, limit)
        else:
            yield from _unlike_limit(release, name, request, limit)
    yield from _broken_pages(release, limits)
    if needs_beside_pages(values["resources"]):
        message = "huge pages are given to a container that also asks for cpu or memory"
        path = ("resources", "limits")
        yield at(release, path, message, "add a limit of memory", key=True)


def _above_limit(
    release: Release, name: str, request: Any, limit: Any
) -> Iterator[Problem]:
    """A shared resource has a limit or none, and asks for no more than that."""
    if limit is None or quantity(request) <= quantity(limit):
        return
    path = ("resources", "requests", name)
    asked = _words(release, path, request)
    allowed = _words(release, ("resources", "limits", name), limit)
    message = f"{name}: {asked} is above {allowed}"
    hint = "raise the limit, or lower the request"
    yield at(release, _blamed(release, path, name), message, hint)


def _unlike_limit(
    release: Release, name: str, request: Any, limit: Any
) -> Iterator[Problem]:
    """A resource that is not shared has a limit, and asks for just that."""
    if limit is None:
        message = f"{name}: there is a request and no limit"
        limits = f"resources: {{limits: {{{name}: {request}}}}}"
        hint = f"what is not shared is asked for by its limit: set {limits}"
    elif quantity(request) != quantity(limit):
        message = f"{name}: the request {request} is not the limit {limit}"
        hint = "what is not shared has one number: remove the request"
    else:
        return
    path = ("resources", "requests", name)
    yield at(release, _blamed(release, path, name), message, hint)


def _blamed(release: Release, request: KeyPath, name: str) -> KeyPath:
    """The line to blame: the request's, or the limit's when the request is the chart's own."""
    if release.setter(request) is None:
        return ("resources", "limits", name)
    return request


def _broken_pages(release: Release, limits: Values) -> Iterator[Problem]:
    """Huge pages are given whole; the resource's name ends with their size."""
    for name, limit in limits.items():
        if not name.startswith(PAGES):
            continue
        page = quantity(name.removeprefix(PAGES))
        if quantity(limit) % page:
            message = f"{name}: {limit} is no whole number of pages"
            path = ("resources", "limits", name)
            yield at(release, path, message, "choose a multiple of the page")


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
