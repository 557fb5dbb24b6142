"""Ports that containers of one pod both declare: they share its address, so only one of them can listen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.deployment import SERVER
from tritonfleet.pod import Part, Pod
from tritonfleet.rules.clashes import Clash, clashes
from tritonfleet.values import KeyPath, text_at


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
        one = first.container
        other = later.container
        if one == other == SERVER:
            continue  # two listeners, which are told by their own names
        path = (*later.path, "containerPort")
        yield Clash(path, f"{other} and {one} both declare port {number}")


def _clashes_of_names(ports: list[Port]) -> Iterator[Clash]:
    """Names of ports need to differ in their container only."""
    named = [port for port in ports if port.name]
    names = (((port.container, port.name), port) for port in named)
    for (container, name), _, later in clashes(names):
        path = (*later.path, "name")
        message = f"two ports of {container} are called {name}"
        yield Clash(path, message)


def _clashes_on_node(pod: Pod) -> Iterator[Clash]:
    """Ports of the node, of which a pod takes each once."""
    for taken, _, path in clashes(_node_ports(pod)):
        message = f"two containers take port {taken.number} of the node"
        yield Clash(path, message)


class _NodePort(NamedTuple):
    """A port of the node, which is another one at each of its addresses."""

    number: int
    address: str
    protocol: str


def _node_ports(pod: Pod) -> Iterator[tuple[_NodePort, KeyPath]]:
    """Each port of the node that a container takes, with its path in the template."""
    for container in _together(pod):
        for port in container.parts("ports"):
            number = port.value.get("hostPort")
            if isinstance(number, int) and number:
                address = text_at(port.value, "hostIP")
                protocol = text_at(port.value, "protocol", default="TCP")
                path = (*port.path, "hostPort")
                yield _NodePort(number, address, protocol), path


def _together(pod: Pod) -> Iterator[Part]:
    """The containers that run at the same time; an init container only if it stays, as a sidecar does."""
    for container in pod.containers:
        is_first = container.path[1] == "initContainers"
        if not is_first or container.value.get("restartPolicy") == "Always":
            yield container


def _ports(container: Part) -> Iterator[Port]:
    """The ports of one container whose numbers are numbers."""
    who = text_at(container.value, "name")
    for port in container.parts("ports"):
        number = port.value.get("containerPort")
        if isinstance(number, int):
            name = text_at(port.value, "name")
            protocol = text_at(port.value, "protocol", default="TCP")
            yield Port(port.path, who, name, number, protocol)
