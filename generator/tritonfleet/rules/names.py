"""Names, ports and devices that releases must not take from each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import ceil

from tritonfleet.facts import most_pods, replaces
from tritonfleet.nouns import Environment, Release, Resolved
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, fleet_rule, on
from tritonfleet.values import Values

LARGE = 1000  # Applications below one root, or objects in one inventory, that a controller takes without tuning


@fleet_rule("TF101", always=True)
def names_are_unique(resolved: Resolved) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for entry in resolved.entries:
        position = entry.layer.position(("name",))
        if entry.name in first:
            yield on(
                position,
                f"'{entry.name}' is listed twice (first at {first[entry.name]})",
                subject=entry.name,
            )
        else:
            first[entry.name] = str(position)


@fleet_rule("TF102")
def objects_are_unique(resolved: Resolved) -> Iterator[Problem]:
    taken: dict[tuple[str, str, str], Release] = {}
    for release in resolved.releases:
        name = full_name(release)
        environment = release.environment
        other = taken.setdefault((environment.cluster, environment.namespace, name), release)
        if other is not release:
            where = f"namespace {environment.namespace} of cluster {environment.cluster}"
            whose = f"{other.name} of {other.environment.name}"
            yield at(
                release,
                ("fullnameOverride",),
                f"{release.name} and {whose} are both `{name}` in {where}",
            )


def full_name(release: Release) -> str:
    """Name of the release's Deployment and Service."""
    return str(release.value("fullnameOverride") or release.name)


@fleet_rule("TF103")
def applications_are_unique(resolved: Resolved) -> Iterator[Problem]:
    taken: dict[tuple[str, str], Release] = {}
    for release in resolved.releases:
        environment = release.environment
        if environment.engine == "argocd":
            name = f"{environment.name}-{release.name}"
            other = taken.setdefault((environment.gitops.argocd.namespace, name), release)
            if other is not release:
                whose = f"{other.name} of {other.environment.name}"
                yield at(
                    release, ("name",), f"{release.name} and {whose} are both Application {name}"
                )


@fleet_rule("TF114")
def node_ports_are_unique(resolved: Resolved) -> Iterator[Problem]:
    taken: dict[tuple[str, int], Release] = {}
    for release in resolved.releases:
        if "service" not in release.values:
            continue
        service = release.value("service")
        for port, number in service["nodePorts"].items() if service["type"] != "ClusterIP" else ():
            other = taken.setdefault((release.environment.cluster, number), release)
            if other is not release:
                cluster = release.environment.cluster
                whose = f"{other.name} of {other.environment.name}"
                path = ("service", "nodePorts", port)
                yield at(
                    release, path, f"nodePort {number} of cluster {cluster} is taken by {whose}"
                )


@fleet_rule("TF104", WARNING)
def roots_are_small(resolved: Resolved) -> Iterator[Problem]:
    for environment in resolved.environments:
        count = sum(1 for release in resolved.releases if release.environment is environment)
        if count > LARGE:
            message = f"{environment.name} has {count} releases below one root"
            hint = "a controller at its defaults takes about 1,000; see the README on scale"
            yield on(environment.source.position(), message, hint, environment=environment.name)


@fleet_rule("TF105")
def capacity_is_said_once(resolved: Resolved) -> Iterator[Problem]:
    said: dict[str, Environment] = {}
    for environment in resolved.environments:
        if environment.capacity:
            other = said.setdefault(environment.cluster, environment)
            if dict(other.capacity) != dict(environment.capacity):
                message = f"cluster {environment.cluster} has another capacity in {other.name}"
                position = environment.source.position(("capacity",))
                yield on(
                    position, message, "say it in one environment", environment=environment.name
                )


@fleet_rule("TF106")
def devices_suffice(resolved: Resolved) -> Iterator[Problem]:
    yield from _short(resolved, surge=False)


@fleet_rule("TF107", WARNING)
def devices_suffice_for_surge(resolved: Resolved) -> Iterator[Problem]:
    short = {(problem.position, problem.subject) for problem in _short(resolved, surge=False)}
    for problem in _short(resolved, surge=True):
        if (problem.position, problem.subject) not in short:
            yield problem


def _short(resolved: Resolved, *, surge: bool) -> Iterator[Problem]:
    """The clusters that have too few devices, for steady pods or for the largest surge as well."""
    needed: dict[tuple[str, str], int] = defaultdict(int)
    largest: dict[tuple[str, str], tuple[int, str]] = {}
    limited = {environment.cluster for environment in resolved.environments if environment.capacity}
    for release in resolved.releases:
        if (
            release.environment.cluster in limited
            and (accelerator := release.value("accelerator"))["count"]
        ):
            key = (release.environment.cluster, accelerator["resource"])
            values = {
                name: release.value(name)
                for name in ("autoscaling", "replicas", "rollout", "repository")
            }
            needed[key] += most_pods(values) * accelerator["count"]
            largest[key] = max(
                largest.get(key, (0, "")), (_surge(values) * accelerator["count"], release.name)
            )
    for environment in resolved.environments:
        for resource, capacity in environment.capacity.items():
            key = (environment.cluster, resource)
            extra, model = largest.get(key, (0, ""))
            wanted = needed[key] + (extra if surge else 0)
            if wanted > capacity and (extra or not surge):
                position = environment.source.position(("capacity", resource))
                yield on(
                    position, *_words(key, needed[key], extra if surge else 0, capacity, model)
                )


def _surge(values: Values) -> int:
    """Pods that a rollout adds: one, unless the old pod goes first."""
    return 0 if replaces(values) else min(1, ceil(most_pods(values)))


def _words(
    key: tuple[str, str], needed: int, extra: int, capacity: int, model: str
) -> tuple[str, str]:
    cluster, resource = key
    if not extra:
        return f"cluster {cluster} has {capacity} {resource}, its models ask for {needed}", ""
    message = f"cluster {cluster} has {capacity} {resource}, its models {needed}, a rollout of {model} {extra} more"
    return message, "`rollout: replace` ends the old pod first"
