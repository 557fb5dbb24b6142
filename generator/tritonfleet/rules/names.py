"""Names that entries, objects and Applications must not take from each other."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.registry import at, fleet_rule, on


@fleet_rule("TF101", always=True)
def names_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Every entry has its own name."""
    named = ((entry.name, entry) for entry in resolved.entries)
    for name, first, later in clashes(named):
        place = first.layer.position(("name",))
        message = f"`{name}` is listed twice, first at {place}"
        hint = "rename or remove one of the two"
        yield on(later.layer.position(("name",)), message, hint, subject=name)


@fleet_rule("TF102")
def objects_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Releases of one namespace make objects of different names."""
    named = ((_place_of_objects(release), release) for release in resolved.releases)
    for (cluster, namespace, name), first, later in clashes(named):
        path = ("fullnameOverride",)
        both = f"`{later.name}` and {first.words}"
        where = f"namespace {namespace} of cluster {cluster}"
        message = f"{both} make objects of the same name, `{name}`, in {where}"
        yield at(later, path, message, "give one of them another name")


def _place_of_objects(release: Release) -> tuple[str, str, str]:
    """Cluster, namespace and name of the release's Deployment and Service."""
    environment = release.environment
    return environment.cluster, environment.namespace, full_name(release)


def full_name(release: Release) -> str:
    """Name of the release's Deployment and Service."""
    return str(release.value("fullnameOverride") or release.name)


@fleet_rule("TF103")
def applications_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Environments that share an Argo CD make Applications of different names."""
    for (_, name), first, later in clashes(_applications(resolved)):
        path = ("name",)
        both = f"{later.words} and {first.words}"
        message = f"{both} make the same Application, `{name}`"
        hint = "rename an entry or an environment"
        yield at(later, path, message, hint)


def _applications(resolved: Resolved) -> Iterator[tuple[tuple[str, str], Release]]:
    """Namespace and name of each Application, with its release.

    Two pairs can give one name: `eu` with `west-ocr`, and `eu-west` with `ocr`.
    """
    for release in resolved.releases:
        environment = release.environment
        if environment.engine == "argocd":
            name = f"{environment.name}-{release.name}"
            yield (environment.gitops.argocd.namespace, name), release
