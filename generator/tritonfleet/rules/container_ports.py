"""Ports that containers of one pod both declare: they share its address, so only one of them can listen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.deployment import SERVER
from tritonfleet.pod import Part, Pod
from tritonfleet.rules.clashes import Clash, clashes
from tritonfleet.values import KeyPath, list_at, lookup, text_at


class Port(NamedTuple):
    """A port that a container declares: its path in the template, the container's name, and what it says."""

    path: KeyPath
    container: str
    name: str
    number: int
    protocol: str


def clashes_in(pod: Pod) -> Iterator[Clash]:
    """Equal ports of a pod; their paths are of its template."""
    ports: list[Port] = []
    for container in _together(pod):
        ports += _ports(container)
    yield from _clashes_of_numbers(ports)
    yield from _clashes_of_names(ports)
    yield from _clashes_on_node(pod)


def _clashes_of_numbers(ports: list[Port]) -> Iterator[Clash]:
    numbered = (((port.number, port.protocol), port) for port in ports)
    for (number, _), first, later in clashes(numbered):
        one, other = first.container, later.container
        if one == other == SERVER:
            continue  # two listeners, which are told by their own names
        path = (*later.path, "containerPort")
        yield Clash(path, f"{other} and {one} both declare port {number}")


def _clashes_of_names(ports: list[Port]) -> Iterator[Clash]:
    """Names of ports need to differ in their container only."""
    named = (((port.container, port.name), port) for port in ports if port.name)
    for (container, name), _, later in clashes(named):
        message = f"two ports of {container} are called {name}"
        yield Clash((*later.path, "name"), message)


def _clashes_on_node(pod: Pod) -> Iterator[Clash]:
    """Ports of the node, of which a pod takes each once."""
    taken = (
        ((number, address, protocol), path)
        for path, number, address, protocol in _host_ports(pod)
    )
    for (number, _, _), _, path in clashes(taken):
        yield Clash(path, f"two containers take port {number} of the node")


def _host_ports(pod: Pod) -> Iterator[tuple[KeyPath, int, str, str]]:
    """Each port of the node that a container takes: its path in the template, number, address and protocol."""
    for container in _together(pod):
        for index, port in enumerate(list_at(container.value, "ports")):
            number = lookup(port, ("hostPort",))
            if isinstance(number, int) and number:
                path = (*container.path, "ports", index, "hostPort")
                protocol = text_at(port, "protocol", default="TCP")
                yield path, number, text_at(port, "hostIP"), protocol


def _together(pod: Pod) -> Iterator[Part]:
    """The containers that run at the same time; an init container only if it stays, as a sidecar does."""
    for container in pod.containers:
        is_first = container.path[1] == "initContainers"
        if not is_first or container.value.get("restartPolicy") == "Always":
            yield container


def _ports(container: Part) -> Iterator[Port]:
    """The ports of one container whose numbers are numbers."""
    who = text_at(container.value, "name")
    for index, port in enumerate(list_at(container.value, "ports")):
        number = lookup(port, ("containerPort",))
        if isinstance(number, int):
            path = (*container.path, "ports", index)
            protocol = text_at(port, "protocol", default="TCP")
            yield Port(path, who, text_at(port, "name"), number, protocol)
