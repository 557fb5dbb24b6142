"""Ports that containers of one pod both declare: they share its address, so only one of them can listen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.deployment import SERVER
from tritonfleet.pod import Part, Pod
from tritonfleet.rules.clashes import clashes
from tritonfleet.values import KeyPath, list_at, lookup, text_at


class Port(NamedTuple):
    """A port that a container declares: its path in the template, and the container's name."""

    path: KeyPath
    container: str
    name: str


def clashes_in(pod: Pod) -> Iterator[tuple[KeyPath, str]]:
    """Where the second of two equal ports is in the template, and what is wrong."""
    ports = [port for part in _together(pod) for port in _ports(part)]
    for (number, _), first, later in clashes(ports):
        if {first.container, later.container} == {SERVER}:
            continue  # two listeners, which are told by their own names
        both = f"{later.container} and {first.container} both declare port {number}"
        yield (*later.path, "containerPort"), both
    names = [((port.container, port.name), port) for _, port in ports if port.name]
    for (container, name), _, later in clashes(names):
        yield (*later.path, "name"), f"two ports of {container} are called {name}"


def _together(pod: Pod) -> Iterator[Part]:
    """The containers that run at the same time; an init container only if it stays, as a sidecar does."""
    for container in pod.containers:
        is_first = container.path[1] == "initContainers"
        if not is_first or container.value.get("restartPolicy") == "Always":
            yield container


def _ports(container: Part) -> Iterator[tuple[tuple[int, str], Port]]:
    for index, port in enumerate(list_at(container.value, "ports")):
        number = lookup(port, ("containerPort",))
        if isinstance(number, int):
            path = (*container.path, "ports", index)
            who = text_at(container.value, "name")
            claim = (number, text_at(port, "protocol", default="TCP"))
            yield claim, Port(path, who, text_at(port, "name"))
