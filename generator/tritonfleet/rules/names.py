"""Names that entries, objects and Applications must not take from each other."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, fleet_rule, on


@fleet_rule("TF101", always=True)
def names_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Every entry has its own name."""
    first: dict[str, str] = {}
    for entry in resolved.entries:
        position = entry.layer.position(("name",))
        if entry.name in first:
            message = f"`{entry.name}` is listed twice, first at {first[entry.name]}"
            hint = "rename or remove one of the two"
            yield on(position, message, hint, subject=entry.name)
        else:
            first[entry.name] = str(position)


@fleet_rule("TF102")
def objects_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Releases of one namespace make objects of different names."""
    taken: dict[tuple[str, str, str], Release] = {}
    for release in resolved.releases:
        environment = release.environment
        name = full_name(release)
        other = taken.setdefault(
            (environment.cluster, environment.namespace, name), release
        )
        if other is not release:
            path = ("fullnameOverride",)
            both = f"`{release.name}` and `{other.name}` of {other.environment.name}"
            where = (
                f"namespace {environment.namespace} of cluster {environment.cluster}"
            )
            message = f"{both} make objects of the same name, `{name}`, in {where}"
            hint = "give one of them another name"
            yield at(release, path, message, hint)


def full_name(release: Release) -> str:
    """Name of the release's Deployment and Service."""
    return str(release.value("fullnameOverride") or release.name)


@fleet_rule("TF103")
def applications_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """Environments that share an Argo CD make Applications of different names."""
    taken: dict[tuple[str, str], Release] = {}
    for release in resolved.releases:
        environment = release.environment
        if environment.engine != "argocd":
            continue
        name = f"{environment.name}-{release.name}"
        other = taken.setdefault((environment.gitops.argocd.namespace, name), release)
        if other is not release:
            path = ("name",)
            one = f"`{release.name}` of {environment.name}"
            two = f"`{other.name}` of {other.environment.name}"
            message = f"{one} and {two} make the same Application, `{name}`"
            hint = "rename an entry or an environment"
            yield at(release, path, message, hint)
