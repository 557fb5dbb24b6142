"""Releases beside each other: whose requests one takes, and what engines are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from tritonfleet.modes import main_listener
from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.annotations import OF_OBJECTS
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.manifests import extra_objects
from tritonfleet.rules.registry import at, fleet_rule, release_rule
from tritonfleet.values import KeyPath, Values, lookup, mapping_at

# Annotations that Helm and the engines obey: an object with one could stay, vanish, or pass for somebody else's.
_OBEYED = (
    "argocd.argoproj.io/", "helm.sh/", "helm.toolkit.fluxcd.io/", "kustomize.toolkit.fluxcd.io/", "meta.helm.sh/",
    "reconcile.fluxcd.io/",
)  # fmt: skip
# Of these, what concerns the object alone.
_HARMLESS = frozenset({"argocd.argoproj.io/sync-wave"})
_HARMLESS_FOR_EXTRAS = _HARMLESS | {
    "argocd.argoproj.io/compare-options", "argocd.argoproj.io/sync-options", "helm.sh/resource-policy",
}  # fmt: skip
# Text that ingress-nginx puts into its own configuration, where it reaches all hosts and all Secrets.
_SNIPPET = "-snippet"


@release_rule(
    "TF148",
    "commonAnnotations service ingress httpRoute grpcRoute serviceAccount extraObjects",
)
def engines_are_not_told(release: Release, values: Values) -> Iterator[Problem]:
    """No annotation tells Helm or an engine to treat an object of the release otherwise."""
    for path in OF_OBJECTS:
        annotations = lookup(values, path) or ()
        yield from _orders(release, path, annotations, _HARMLESS)
    for extra in extra_objects(values):
        path = (*extra.path, "metadata", "annotations")
        annotations = mapping_at(extra.manifest, "metadata", "annotations")
        yield from _orders(release, path, annotations, _HARMLESS_FOR_EXTRAS)


def _orders(
    release: Release, path: KeyPath, names: Iterable[str], harmless: frozenset[str]
) -> Iterator[Problem]:
    """Annotations at a path that some controller would obey."""
    for name in names:
        if _is_order(name, harmless):
            yield _obeyed(release, (*path, name), name)


def _is_order(key: str, harmless: frozenset[str]) -> bool:
    if key.startswith(_OBEYED):
        return key not in harmless
    return key.endswith(_SNIPPET)


def _obeyed(release: Release, path: KeyPath, key: str) -> Problem:
    who = "Helm, Argo CD or Flux"
    if key.endswith(_SNIPPET):
        who = "a controller of all"
    message = f"{who} obeys the annotation {key}"
    return at(release, path, message, "remove it", key=True)


class _Way(NamedTuple):
    """A way for requests into a cluster: the gateway or class, and what it decides by."""

    cluster: str
    entrance: str
    host: str
    path: str

    def __str__(self) -> str:
        host = self.host or "every host"
        return f"{host}{self.path} of {self.entrance}"


class _Taker(NamedTuple):
    """A release that takes the requests of a way, as the value at `path` says."""

    release: Release
    path: KeyPath


@fleet_rule("TF109")
def traffic_has_one_owner(resolved: Resolved) -> Iterator[Problem]:
    """Requests of one host and path go to one release."""
    for way, first, later in clashes(_ways(resolved)):
        if first.release is later.release:
            continue  # one release may say a host twice
        message = f"{first.release.words} takes the requests for {way} already"
        hint = "give each its own host name"
        yield at(later.release, later.path, message, hint)


def _ways(resolved: Resolved) -> Iterator[tuple[_Way, _Taker]]:
    for release in resolved.releases:
        values = release.values  # the chart's defaults make no way
        if "ingress" in values:
            yield from _ingress(release)
        for key in ("httpRoute", "grpcRoute"):
            if key in values:
                yield from _route(release, key)


def _ingress(release: Release) -> Iterator[tuple[_Way, _Taker]]:
    """Ways of an Ingress; a canary shares a host on purpose."""
    ingress = release.value("ingress")
    canary = ingress["annotations"].get("nginx.ingress.kubernetes.io/canary")
    if not ingress["enabled"] or canary == "true":
        return
    class_name = ingress["className"] or "default"
    entrance = f"IngressClass {class_name}"
    cluster = release.environment.cluster
    for index, host in enumerate(ingress["hosts"]):
        name = host.get("host", "")
        path = host.get("path", "/")
        way = _Way(cluster, entrance, name, path)
        yield way, _Taker(release, ("ingress", "hosts", index))


def _route(release: Release, key: str) -> Iterator[tuple[_Way, _Taker]]:
    """Ways of a route: each of its hosts and paths, through each of its Gateways."""
    route = release.value(key)
    if not route["enabled"]:
        return
    cluster = release.environment.cluster
    entrances = [_gateway(parent, key, release) for parent in route["parentRefs"]]
    hosts = route["hostnames"] or [""]
    paths = _paths(release, key)
    taker = _Taker(release, (key, "hostnames"))
    for entrance, host, path in product(entrances, hosts, paths):
        way = _Way(cluster, entrance, host, path)
        yield way, taker


def _paths(release: Release, key: str) -> list[str]:
    """The paths that a route of this kind takes; a GRPCRoute takes every method."""
    if key == "grpcRoute":
        return [""]
    if main_listener({"server": release.value("server")}) == "openai":
        return ["/v1"]
    models = release.value("loadModels")
    return [f"/v2/models/{model}" for model in models] or ["/v2"]


def _gateway(parent: Values, key: str, release: Release) -> str:
    """A Gateway, or one of its listeners, as an entrance for one kind of route."""
    namespace = parent.get("namespace", release.environment.namespace)
    gateway = f"Gateway {namespace}/{parent.get('name')}"
    section = parent.get("sectionName")
    if section:
        gateway += f" {section}"
    kind = "HTTP" if key == "httpRoute" else "gRPC"
    return f"{gateway} for {kind}"
