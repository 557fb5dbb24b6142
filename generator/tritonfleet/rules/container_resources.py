"""Requests and limits in containers that people wrote, and those of a whole pod."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tritonfleet.deployment import SERVER
from tritonfleet.facts import quantity
from tritonfleet.pod import Part, Pod
from tritonfleet.rules.faults import Fault
from tritonfleet.values import KeyPath, Values, mapping_at, text_at

PAGES = "hugepages-"


def is_shared(resource: str) -> bool:
    """Whether pods may use more of a resource than they asked for."""
    return "/" not in resource and not resource.startswith(PAGES)


def needs_beside_pages(resources: Values) -> bool:
    """Whether huge pages are all that a container asks for: Kubernetes gives them with processors or memory only."""
    names = {*mapping_at(resources, "limits"), *mapping_at(resources, "requests")}
    has_pages = any(name.startswith(PAGES) for name in names)
    return has_pages and names.isdisjoint(("cpu", "memory"))


def mismatches(pod: Pod, of_server: Values) -> Iterator[Fault]:
    """Of every container that says its resources in the template, and of the pod as a whole."""
    for container in pod.containers:
        resources = mapping_at(container.value, "resources")
        path = (*container.path, "resources")
        yield from _in_container(path, resources)
    yield from _of_pod(pod, of_server)


def _in_container(path: KeyPath, resources: Values) -> Iterator[Fault]:
    limits = mapping_at(resources, "limits")
    requests = mapping_at(resources, "requests")
    for name, request in requests.items():
        wrong = _wrong_request(name, request, limits.get(name))
        if wrong:
            hint = "raise the limit, or lower the request"
            if not is_shared(name):
                hint = "what is not shared has one number: say the limit alone"
            yield Fault((*path, "requests", name), f"{name}: {wrong}", hint)
    yield from _broken_pages(path, limits)
    if needs_beside_pages(resources):
        message = "huge pages are given to a container that also asks for cpu or memory"
        yield Fault((*path, "limits"), message, "add a limit of memory")


def _wrong_request(name: str, request: Any, limit: Any) -> str:
    """What is wrong with a request beside its limit; "" when nothing."""
    if limit is None:
        return "" if is_shared(name) else "there is a request and no limit"
    asked = _amount(request)
    allowed = _amount(limit)
    if asked is None or allowed is None:
        return ""
    if not is_shared(name) and asked != allowed:
        return f"the request {request} is not the limit {limit}"
    if asked > allowed:
        return f"the request {request} is above the limit {limit}"
    return ""


def _broken_pages(path: KeyPath, limits: Values) -> Iterator[Fault]:
    """Huge pages are given whole; the resource's name ends with their size."""
    for name, limit in limits.items():
        if not name.startswith(PAGES):
            continue
        page = _amount(name.removeprefix(PAGES))
        amount = _amount(limit)
        if page and amount is not None and amount % page:
            message = f"{name}: {limit} is no whole number of pages"
            hint = "choose a multiple of the page"
            yield Fault((*path, "limits", name), message, hint)


def _of_pod(pod: Pod, of_server: Values) -> Iterator[Fault]:
    """Resources of the whole pod: the containers that stay share them, and none asks for more."""
    of_pod = mapping_at(pod.spec, "resources")
    path = ("spec", "resources")
    yield from _in_container(path, of_pod)
    for kind in ("requests", "limits"):
        for name, amount in mapping_at(of_pod, kind).items():
            asked = sum(_requests(pod, of_server, name), Fraction(0))
            given = _amount(amount)
            if given is not None and asked > given:
                message = f"{name}: the containers request more than the {amount} of the whole pod"
                yield Fault((*path, kind, name), message, "raise it")


def _requests(pod: Pod, of_server: Values, name: str) -> Iterator[Fraction]:
    """What each container that stays asks for; where only a limit is said, Kubernetes takes that."""
    for container in pod.containers:
        if container.path[1] != "containers":
            continue
        resources = _resources_of(container, of_server)
        limits = mapping_at(resources, "limits")
        requests = mapping_at(resources, "requests")
        amount = _amount(requests.get(name, limits.get(name)))
        if amount is not None:
            yield amount


def _resources_of(container: Part, of_server: Values) -> Values:
    """What a container asks for; the server's stands in the values, unless the template says it."""
    is_server = text_at(container.value, "name") == SERVER
    if is_server and "resources" not in container.value:
        return of_server
    return mapping_at(container.value, "resources")


def _amount(text: Any) -> Fraction | None:
    """The number that a quantity means; None where it is none, or is written in a form that only Kubernetes reads."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        return quantity(text)
    except ValueError:
        return None
