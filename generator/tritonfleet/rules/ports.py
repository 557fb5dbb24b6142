"""Ports: of the server's listeners, of its Service and of a cluster's nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tritonfleet.deployment import has_own_parts, server_pod
from tritonfleet.modes import DYNAMO, OPENAI, listeners, main_listener, mode, served
from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.clashes import Clash, clashes
from tritonfleet.rules.container_ports import clashes_in
from tritonfleet.rules.registry import at, fleet_rule, release_rule
from tritonfleet.values import KeyPath, Values

# The API server's --service-node-port-range, unless it is told another.
NODE_PORTS = range(30000, 32768)


@release_rule(
    "TF117",
    "http grpc metrics openai dynamo server service sidecars initContainers podTemplate",
)
def ports_differ(release: Release, values: Values) -> Iterator[Problem]:
    """Every listener has its own port, in the pod, in the Service and on the nodes."""
    hint = "give each its own"
    for clash in _clashes(values):
        yield at(release, clash.path, clash.message, hint)
    if has_own_parts(release):
        pod = server_pod(release)
        for clash in clashes_in(pod):
            yield at(release, pod.origin(clash.path), clash.message, hint)


def _clashes(values: Values) -> Iterator[Clash]:
    """Ports of a release that two listeners have; their paths are of the values."""
    yield from _clashes_in_pod(values)
    service = values["service"]
    yield from _clashes_of_names(values)
    has_own = service["ports"] or service["nodePorts"] or extra_ports(service)
    if has_own:  # else its ports are the pod's
        yield from _clashes_in_service(values)
        yield from _clashes_on_nodes(values)


def _clashes_in_pod(values: Values) -> Iterator[Clash]:
    """Two listeners of the server on one port of the pod."""
    ports = ((listener.port, listener) for listener in listeners(values))
    for port, first, later in clashes(ports):
        both = f"{later.name} and {first.name}"
        message = f"{both} both listen on port {port}"
        yield Clash(later.origin, message)


def _clashes_in_service(values: Values) -> Iterator[Clash]:
    for number, first, later in clashes(_service_ports(values)):
        both = f"{later.name} and {first.name}"
        message = f"{both} are both port {number} of the Service"
        yield Clash(later.path, message)


def _clashes_on_nodes(values: Values) -> Iterator[Clash]:
    names = [listener.name for listener in served(values)]
    own = _own_node_ports(values["service"], names)
    for number, first, later in clashes(own):
        both = f"{later.name} and {first.name}"
        message = f"{both} are both nodePort {number}"
        yield Clash(later.path, message)


def _clashes_of_names(values: Values) -> Iterator[Clash]:
    names = ((port.name, port) for port in _named(values))
    for name, _, later in clashes(names):
        message = f"two ports are called {name}"
        yield Clash(later.path, message)


def _named(values: Values) -> Iterator[NamedPort]:
    """Names of the Service's ports; that of a listener is the listener's own unless another is given."""
    service = values["service"]
    names = service.get("portNames", {})
    for listener in served(values):
        name = names.get(listener.name, listener.name)
        yield NamedPort(name, ("service", "portNames", listener.name))
    for _, port in extra_ports(service):
        path = (*port.path, "name")
        yield NamedPort(port.name, path)


class NamedPort(NamedTuple):
    """A port of a Service: its name, and where its number is set."""

    name: str
    path: KeyPath


def _service_ports(values: Values) -> Iterator[tuple[int, NamedPort]]:
    """Ports of the Service; that of a listener is the listener's own unless another is given."""
    service = values["service"]
    numbers = service["ports"]
    for listener in served(values):
        if _has_own_service(service, listener.name):
            continue
        number = numbers.get(listener.name, listener.port)
        yield number, NamedPort(listener.name, ("service", "ports", listener.name))
    for port, named in extra_ports(service):
        path = (*named.path, "port")
        yield port["port"], NamedPort(named.name, path)


def extra_ports(service: Values) -> list[tuple[Values, NamedPort]]:
    """The Service's ports that are no listener's, each with its name and place; a chart before 0.2 has none."""
    ports = []
    for index, port in enumerate(service.get("extraPorts", ())):
        named = NamedPort(port["name"], ("service", "extraPorts", index))
        ports.append((port, named))
    return ports


def has_metrics_service(release: Release) -> bool:
    """Whether the release has a second Service, for its metrics alone."""
    if not release.value("metrics")["enabled"] or _is_behind_a_frontend(release):
        return False
    return _has_own_service(release.value("service"), "metrics")


def _is_behind_a_frontend(release: Release) -> bool:
    """Whether the Service leads to other pods than the server's, which have a Service of their own."""
    values = {"server": release.value("server")}
    return mode(values) == DYNAMO


def _has_own_service(service: Values, listener: str) -> bool:
    """Metrics leave a Service that is reachable from outside, unless somebody asks for them there."""
    if listener != "metrics" or service["type"] == "ClusterIP":
        return False
    asked = service["ports"].get("metrics") or service["nodePorts"].get("metrics")
    return not asked


def _own_node_ports(
    service: Values, listeners: Iterable[str]
) -> Iterator[tuple[int, NamedPort]]:
    """Node ports that are asked for by number; the others are Kubernetes' choice."""
    for listener in listeners:
        number = service["nodePorts"].get(listener)
        if number:
            yield number, NamedPort(listener, ("service", "nodePorts", listener))
    for port, named in extra_ports(service):
        if "nodePort" in port:
            path = (*named.path, "nodePort")
            yield port["nodePort"], NamedPort(named.name, path)


class Listener(NamedTuple):
    """A listener of a release that asks for a node port."""

    release: Release
    path: KeyPath


@fleet_rule("TF114")
def node_ports_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Releases of one cluster ask for different node ports."""
    for (cluster, number), first, later in clashes(_node_ports(resolved)):
        if first.release is later.release:
            continue  # TF117 is about two listeners of one release
        taken = f"nodePort {number} of cluster {cluster} is taken"
        message = f"{taken} by {first.release.words}"
        hint = "choose another, or leave it out and Kubernetes chooses"
        yield at(later.release, later.path, message, hint)


def _node_ports(resolved: Resolved) -> Iterator[tuple[tuple[str, int], Listener]]:
    """Cluster and number of each node port that somebody asks for, with the listener."""
    for release in resolved.releases:
        if "service" not in release.values:
            continue  # as in nearly every release; the chart's default has none
        service = release.value("service")
        if service["type"] == "ClusterIP":
            continue
        cluster = release.environment.cluster
        for number, port in _own_node_ports(service, service["nodePorts"]):
            yield (cluster, number), Listener(release, port.path)


@release_rule("TF123", "ingress")
def ingress_leads_somewhere(release: Release, values: Values) -> Iterator[Problem]:
    """An ingress leads to a listener that is on."""
    ingress = values["ingress"]
    if not ingress["enabled"]:
        return
    on = {listener.name for listener in served(values)}
    for index, host in enumerate(ingress["hosts"]):
        listener = host.get("port", main_listener(values))
        if listener in on:
            continue
        name = host.get("host", "one")
        message = f"{name} leads to {listener}, which is off"
        switch = _switch(values, listener)
        hint = f"set `{switch}`, or another `port` for the host"
        yield at(release, ("ingress", "hosts", index), message, hint)


def _switch(values: Values, listener: str) -> str:
    """What turns a listener on that is off."""
    if listener == OPENAI:
        return "server.mode: openai"
    if mode(values) == OPENAI:
        return "openai.kserve: true"
    return f"{listener}.enabled: true"


@release_rule("TF162", "service", WARNING)
def node_ports_are_in_range(release: Release, values: Values) -> Iterator[Problem]:
    """A node port is one that a cluster takes unless it was set up for others."""
    service = values["service"]
    for number, port in _own_node_ports(service, service["nodePorts"]):
        if number not in NODE_PORTS:
            message = f"node port {number} is outside of 30000 to 32767"
            hint = "choose one of those, or leave it out; only a cluster set up for others takes it"
            yield at(release, port.path, message, hint)
