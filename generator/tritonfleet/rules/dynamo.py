"""Triton as a worker of Dynamo: what it cannot do, what it needs, and whom it shares a frontend with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.facts import inline_models, named_models
from tritonfleet.modes import (
    DYNAMO,
    dynamo_namespace,
    finds_workers_by_kubernetes,
    mode,
)
from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.clashes import Clash, clashes
from tritonfleet.rules.registry import at, fleet_rule, release_rule
from tritonfleet.values import KeyPath, Values, lookup

# Variables of the worker and the frontend that the chart writes.
OURS = frozenset({
    "DYN_NAMESPACE", "DYN_DISCOVERY_BACKEND", "DYN_REQUEST_PLANE", "DYN_EVENT_PLANE", "DYN_SYSTEM_PORT",
    "DYN_TCP_RPC_PORT", "DYN_TCP_RESPONSE_STREAM_PORT", "DYN_GRACEFUL_SHUTDOWN_GRACE_PERIOD_SECS", "DYN_FILE_KV",
    "ETCD_ENDPOINTS", "POD_NAME", "POD_NAMESPACE", "POD_UID",
})  # fmt: skip
MODE = ("server", "mode")
REMOVE = "remove it"


@release_rule("TF185", "server")
def the_worker_follows_the_values(
    release: Release, values: Values
) -> Iterator[Problem]:
    """A worker of Dynamo can do what its release's values say."""
    if mode(values) != DYNAMO:
        return
    for path, message in _not_followed(values):
        yield at(release, path, f"with `server.mode: dynamo`, {message}", REMOVE)


def _not_followed(values: Values) -> Iterator[Clash]:
    """What the chart's table of values cannot say; TF180 reads that."""
    if "" in values["server"]["backends"]:
        message = "the worker takes settings of single backends only"
        yield Clash(("server", "backends", ""), message)
    yield from _taken_variables(values)
    yield from _hosts_of_http(values["ingress"])


def _taken_variables(values: Values) -> Iterator[Clash]:
    """Variables of people that are the chart's."""
    for path in (("env",), ("dynamo", "frontend", "env")):
        env: Values = lookup(values, path)
        taken = OURS.intersection(env)
        for variable in sorted(taken):
            yield Clash((*path, variable), f"the chart sets {variable}")


def _hosts_of_http(ingress: Values) -> Iterator[Clash]:
    """Hosts of the Ingress whose requests the frontend would not answer."""
    if not ingress["enabled"]:
        return
    for index, host in enumerate(ingress["hosts"]):
        listener = host.get("port", "http")
        if listener != "grpc":
            message = "the frontend answers no inference over HTTP"
            yield Clash(("ingress", "hosts", index), message)


@release_rule("TF189", "server")
def the_worker_has_what_it_needs(release: Release, values: Values) -> Iterator[Problem]:
    """A worker of Dynamo and its frontend have names, ports, rights and models by which they work."""
    if mode(values) != DYNAMO:
        return
    for path, message, hint in _missing(values):
        yield at(release, path, message, hint)


class _Missing(NamedTuple):
    """What a release lacks: the value that should say it, what is wrong, and what to do."""

    path: KeyPath
    message: str
    hint: str


def _missing(values: Values) -> Iterator[_Missing]:
    dynamo = values["dynamo"]
    yield from _missing_models(values)
    account = values["serviceAccount"]
    has_account = account["create"] or account["name"]
    if finds_workers_by_kubernetes(values) and not has_account:
        message = "every pod of the namespace would get the rights of a worker"
        hint = "let the chart create the account, or name one"
        yield _Missing(("serviceAccount", "create"), message, hint)
    if dynamo["frontend"]["enabled"]:
        yield from _ports_of_frontend(dynamo["frontend"]["ports"])
    else:
        yield from _without_frontend(values)


def _missing_models(values: Values) -> Iterator[_Missing]:
    """A frontend waits for models by their names, and a worker loads all that there are."""
    if not named_models(values):
        message = "a frontend is ready when it knows a model, and none is named"
        hint = "name the models of the repository"
        yield _Missing(("loadModels",), message, hint)
        return
    for model in sorted(inline_models(values)):
        if model not in values["loadModels"]:
            message = f"a worker loads the whole repository, with `{model}`"
            hint = "name it, or take it out of the repository"
            yield _Missing(("loadModels",), message, hint)


def _ports_of_frontend(ports: Values) -> Iterator[_Missing]:
    named = ((ports[name], name) for name in sorted(ports))
    for port, first, later in clashes(named):
        both = f"{later} and {first} of the frontend"
        message = f"{both} are both port {port}"
        path = ("dynamo", "frontend", "ports", later)
        yield _Missing(path, message, "give each its own")


def _without_frontend(values: Values) -> Iterator[_Missing]:
    """What a worker alone needs, and what it cannot have."""
    if not values["dynamo"]["namespace"]:
        message = "without a frontend nobody asks these workers"
        hint = "name the entry whose frontend they join: dynamo: {namespace: …}"
        yield _Missing(("dynamo", "frontend", "enabled"), message, hint)
    for key in ("ingress", "grpcRoute"):
        if values[key]["enabled"]:
            message = "without a frontend there is no Service for a route"
            hint = "route to the entry that has it"
            yield _Missing((key, "enabled"), message, hint)


@release_rule("TF188", "server")
def the_environment_permits_it(release: Release, values: Values) -> Iterator[Problem]:
    """Workers that are found through Kubernetes need an environment that permits it."""
    environment = release.environment
    if environment.dynamo or not finds_workers_by_kubernetes(values):
        return
    file = environment.source.file
    message = f"{environment.name} does not permit workers of Dynamo to be found through Kubernetes"
    hint = f"where its admin does: `dynamo: true` in {file}; then apply the bootstrap file again"
    yield at(release, MODE, message, hint)


class _Place(NamedTuple):
    """A namespace of Dynamo: workers and frontends in it find each other."""

    cluster: str
    namespace: str
    dynamo: str


def is_dynamo(release: Release) -> bool:
    """Whether somebody said `server.mode: dynamo`, which nearly no release does."""
    server = release.values.get("server", {})
    said: str | None = server.get("mode")
    return said == DYNAMO


def _places(resolved: Resolved) -> Iterator[tuple[_Place, Release]]:
    """The releases in mode dynamo, each with its namespace of Dynamo."""
    for release in resolved.releases:
        if not is_dynamo(release):
            continue
        environment = release.environment
        values = {"dynamo": release.value("dynamo")}
        name = dynamo_namespace(release.full_name, values)
        place = _Place(environment.cluster, environment.namespace, name)
        yield place, release


@fleet_rule("TF186")
def models_of_a_frontend_differ(resolved: Resolved) -> Iterator[Problem]:
    """Workers of one namespace of Dynamo serve different models."""
    for (place, model), first, later in clashes(_models_by_place(resolved)):
        serves = f"{first.words} serves `{model}`"
        both = f"{serves} in Dynamo's namespace {place.dynamo}"
        message = f"{both}, too: requests would go to either"
        hint = "serve it once, or leave `dynamo.namespace` out of one of them"
        yield at(later, ("loadModels",), message, hint)


def _models_by_place(
    resolved: Resolved,
) -> Iterator[tuple[tuple[_Place, str], Release]]:
    """Every model of a worker, by its namespace of Dynamo and its name, with the worker's release."""
    for place, release in _places(resolved):
        for model in release.value("loadModels"):
            yield (place, model), release


@fleet_rule("TF187")
def frontends_are_there(resolved: Resolved) -> Iterator[Problem]:
    """Workers without a frontend join one that is there, and that looks for workers where they register."""
    releases = list(_places(resolved))
    frontends = {
        place: release
        for place, release in releases
        if release.value("dynamo")["frontend"]["enabled"]
    }
    for place, release in releases:
        if place in frontends:
            yield from _registers_elsewhere(release, frontends[place])
        elif release.value("dynamo")["namespace"]:
            message = f"nobody has a frontend in Dynamo's namespace {place.dynamo}"
            hint = "name the entry whose frontend these workers join"
            yield at(release, ("dynamo", "namespace"), message, hint)


def _registers_elsewhere(release: Release, other: Release) -> Iterator[Problem]:
    """A worker and its frontend find each other in one place; the first difference is told."""
    own = release.value("dynamo")
    others = other.value("dynamo")
    for key in ("discovery", "etcdEndpoints", "fileClaim"):
        if own[key] != others[key]:
            message = f"the frontend of {other.words} looks for workers elsewhere"
            hint = f"give both the same `dynamo.{key}`"
            yield at(release, ("dynamo", key), message, hint)
            return
