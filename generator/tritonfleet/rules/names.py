"""Names that entries and objects of releases must not take from each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from tritonfleet.kinds import DYNAMO_ENDINGS, SWITCHES, names_behind
from tritonfleet.modes import main_listener
from tritonfleet.nouns import Environment, Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.dynamo import is_dynamo
from tritonfleet.rules.manifests import ExtraObject, extra_objects_of
from tritonfleet.rules.ports import has_metrics_service
from tritonfleet.rules.registry import at, fleet_rule, on
from tritonfleet.values import KeyPath


@fleet_rule("TF101", always=True)
def names_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Every entry has its own name."""
    path = ("name",)
    named = ((entry.name, entry) for entry in resolved.entries)
    for name, first, later in clashes(named):
        first_place = first.layer.position(path)
        message = f"`{name}` is listed twice, first at {first_place}"
        hint = "rename or remove one of the two"
        position = later.layer.position(path)
        yield on(position, message, hint, subject=name)


@fleet_rule("TF102")
def objects_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Releases of one namespace make objects of different names."""
    for made, first, later in clashes(_claims(resolved)):
        release = later.release
        both = f"`{release.name}` and {first.release.words}"
        if first.release is release:
            both = f"two parts of `{release.name}`"
        message = f"{both} both make {made}"
        yield at(release, later.path, message, OTHER_NAME)
    yield from _names_of_frontends(resolved)
    yield from _names_of_the_chart(resolved)


OTHER_NAME = "give one of them another name"


class _Object(NamedTuple):
    """An object of a cluster."""

    cluster: str
    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        where = f"namespace {self.namespace} of cluster {self.cluster}"
        return f"{self.kind} `{self.name}` in {where}"


class _Claimant(NamedTuple):
    """A release that makes an object, because of the value at `path`."""

    release: Release
    path: KeyPath


def _claims(resolved: Resolved) -> Iterator[tuple[_Object, _Claimant]]:
    """Objects with who makes them, as far as two releases could make the same.

    Of most kinds a release has one, called like its Service: who has no Service in common has none of these.
    """
    shared = _shared_namespaces(resolved)
    for release in resolved.releases:
        place = _place(release.environment)
        for kind, name, path in _own_objects(release):
            made = _Object(*place, kind, name)
            yield made, _Claimant(release, path)
        if place in shared:
            made = _Object(*place, "Helm release", release.name)
            yield made, _Claimant(release, ("name",))


def _place(environment: Environment) -> tuple[str, str]:
    """The cluster and the namespace of an environment's objects."""
    return environment.cluster, environment.namespace


def _shared_namespaces(resolved: Resolved) -> set[tuple[str, str]]:
    """Namespaces of two environments: in them, releases of one name can meet."""
    places = map(_place, resolved.environments)
    counts = Counter(places)
    return {place for place, count in counts.items() if count > 1}


def _own_objects(release: Release) -> Iterator[tuple[str, str, KeyPath]]:
    """Kind and name of objects that the release makes, and the key that decides it."""
    name = release.full_name
    yield "Service", name, ("fullnameOverride",)
    # Few releases set these keys; the chart's defaults make none of these objects.
    values = release.values
    if is_dynamo(release):
        yield "Service", f"{name}-workers", ("server", "mode")
    if "service" in values and has_metrics_service(release):
        yield "Service", f"{name}-metrics", ("service", "type")
    if "ingress" in values:
        yield from _ingresses(release)
    if "extraObjects" in values:
        for extra in extra_objects_of(release):
            yield f"extra {extra.kind}", extra.name, extra.path


def _ingresses(release: Release) -> Iterator[tuple[str, str, KeyPath]]:
    """The release's Ingresses: hosts of another port than the main one have one of their own."""
    ingress = release.value("ingress")
    if not ingress["enabled"]:
        return
    name = release.full_name
    main = main_listener(release.complete())
    leading_to = {host.get("port", main) for host in ingress["hosts"]}
    for listener in sorted(leading_to - {main}):
        yield "Ingress", f"{name}-{listener}", ("ingress", "hosts")
    yield "Ingress", name, ("ingress",)


def _names_of_frontends(resolved: Resolved) -> Iterator[Problem]:
    """Releases that are called like another one's frontend of Dynamo."""
    with_frontend = list(filter(is_dynamo, resolved.releases))
    if not with_frontend:
        return
    owners = _owners(resolved)
    for release in with_frontend:
        made = f"{release.full_name}-frontend"
        place = _place(release.environment)
        other = owners.get((place, made))
        if other:
            both = f"{other.words} and the frontend of `{release.name}`"
            message = f"{both} both make Deployment `{made}`"
            yield at(other, ("fullnameOverride",), message, OTHER_NAME)


def _names_of_the_chart(resolved: Resolved) -> Iterator[Problem]:
    """Extra objects that are called like one which the chart makes, for this release or for another one."""
    adding = [each for each in resolved.releases if "extraObjects" in each.values]
    if not adding:
        return
    owners = _owners(resolved)
    for release in adding:
        for extra in extra_objects_of(release):
            for owner in _owners_of(extra, release.environment, owners):
                what = f"{extra.kind} `{extra.name}`"
                message = f"{what} is an object of {owner.words}"
                yield at(release, extra.path, message, "give it another name")


_Owners: TypeAlias = dict[tuple[tuple[str, str], str], Release]
"""Releases by their places and the names of their objects."""


def _owners(resolved: Resolved) -> _Owners:
    owners = {}
    for release in resolved.releases:
        place = _place(release.environment)
        owners[place, release.full_name] = release
    return owners


def _owners_of(
    extra: ExtraObject, environment: Environment, owners: _Owners
) -> Iterator[Release]:
    """Releases for which the chart makes an object of this kind and name."""
    place = _place(environment)
    for name in names_behind(extra.kind, extra.name):
        owner = owners.get((place, name))
        if owner and _makes(owner, extra.kind):
            yield owner
    ending = DYNAMO_ENDINGS.get(extra.kind, "")
    if ending and extra.name.endswith(ending):
        name = extra.name.removesuffix(ending)
        owner = owners.get((place, name))
        if owner and is_dynamo(owner):
            yield owner


def _makes(release: Release, kind: str) -> bool:
    """Whether the release has what makes objects of this kind switched on."""
    switch = SWITCHES.get(kind)
    if switch is None:
        return True
    section = release.value(switch)
    return bool(section["enabled"])
