"""Ports: of the server's listeners, of its Service and of a cluster's nodes."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, fleet_rule, release_rule
from tritonfleet.values import Values

LISTENERS = ("http", "grpc", "metrics")
OWN_PORT = "give each its own"


@release_rule("TF117", "http grpc metrics service")
def ports_differ(release: Release, values: Values) -> Iterator[Problem]:
    """Every listener has its own port, in the pod, in the Service and on the nodes."""
    taken: dict[int, str] = {}
    for listener in _listeners(values):
        port = values[listener]["port"]
        other = taken.setdefault(port, listener)
        if other != listener:
            path = (listener, "port")
            message = f"{listener} and {other} both listen on port {port}"
            yield at(release, path, message, OWN_PORT)
    if values["service"]["ports"] or values["service"]["nodePorts"]:
        yield from _service_ports(release, values)
        yield from _own_node_ports(release, values)


def _listeners(values: Values) -> list[str]:
    return [listener for listener in LISTENERS if values[listener]["enabled"]]


def _service_ports(release: Release, values: Values) -> Iterator[Problem]:
    service = values["service"]
    taken: dict[int, str] = {}
    for listener in _listeners(values):
        if _has_own_service(service, listener):
            continue
        port = service["ports"].get(listener, values[listener]["port"])
        other = taken.setdefault(port, listener)
        if other != listener:
            path = ("service", "ports", listener)
            message = f"{listener} and {other} are both port {port} of the Service"
            yield at(release, path, message, OWN_PORT)


def _has_own_service(service: Values, listener: str) -> bool:
    """Metrics leave a Service that is reachable from outside, unless somebody asks for them there."""
    asked = service["ports"].get("metrics") or service["nodePorts"].get("metrics")
    return listener == "metrics" and service["type"] != "ClusterIP" and not asked


def _own_node_ports(release: Release, values: Values) -> Iterator[Problem]:
    taken: dict[int, str] = {}
    for listener in _listeners(values):
        node_port = values["service"]["nodePorts"].get(listener)
        if not node_port:
            continue
        other = taken.setdefault(node_port, listener)
        if other != listener:
            path = ("service", "nodePorts", listener)
            message = f"{listener} and {other} are both nodePort {node_port}"
            yield at(release, path, message, OWN_PORT)


@fleet_rule("TF114")
def node_ports_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Releases of one cluster ask for different node ports."""
    taken: dict[tuple[str, int], Release] = {}
    for release in resolved.releases:
        cluster = release.environment.cluster
        for listener, number in _node_ports(release):
            other = taken.setdefault((cluster, number), release)
            if other is not release:
                path = ("service", "nodePorts", listener)
                owner = f"`{other.name}` of {other.environment.name}"
                message = f"nodePort {number} of cluster {cluster} is taken by {owner}"
                hint = "choose another, or leave it out and Kubernetes chooses"
                yield at(release, path, message, hint)


def _node_ports(release: Release) -> Iterator[tuple[str, int]]:
    """Listeners of a release with the node ports that it asks for."""
    if (
        "service" not in release.values
    ):  # as in nearly every release; the chart's default has none
        return
    service = release.value("service")
    if service["type"] != "ClusterIP":
        yield from service["nodePorts"].items()


@release_rule("TF123", "ingress")
def ingress_leads_somewhere(release: Release, values: Values) -> Iterator[Problem]:
    """An ingress leads to a listener that is on."""
    if not values["ingress"]["enabled"]:
        return
    for index, host in enumerate(values["ingress"]["hosts"]):
        listener = host.get("port", "http")
        if not values[listener]["enabled"]:
            path = ("ingress", "hosts", index)
            message = f"{host['host']} leads to {listener}, which is off"
            hint = f"set `{listener}.enabled: true`, or another `port` for the host"
            yield at(release, path, message, hint)
