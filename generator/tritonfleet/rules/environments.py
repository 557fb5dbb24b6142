"""Environments that must not meet: their Applications, and their namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from tritonfleet.nouns import Environment, Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.registry import at, fleet_rule, in_environment
from tritonfleet.values import lookup


class _Application(NamedTuple):
    """An Application of Argo CD; names are unique in its namespace."""

    namespace: str
    name: str


class _Owner(NamedTuple):
    """Who has an Application: an environment, or with a release this one in it."""

    environment: Environment
    release: Release | None = None

    @property
    def words(self) -> str:
        """The owner as messages name it."""
        if self.release is None:
            return f"the root Application of {self.environment.name}"
        return self.release.words


@fleet_rule("TF103")
def applications_are_unique(resolved: Resolved) -> Iterator[Problem]:
    """What shares an Argo CD makes Applications of different names."""
    for application, first, later in clashes(_applications(resolved)):
        both = f"{later.words} and {first.words}"
        message = f"{both} make the same Application, `{application.name}`"
        hint = "rename an entry or an environment"
        if later.release is None:
            yield in_environment(later.environment, (), message, hint)
        else:
            yield at(later.release, ("name",), message, hint)


def _applications(resolved: Resolved) -> Iterator[tuple[_Application, _Owner]]:
    """Each Application with its owner.

    Two pairs can give one name: `eu` with `west-ocr`, and `eu-west` with `ocr`. A root is named after its fleet, which
    may be called like an environment.
    """
    for environment in resolved.environments:
        if environment.engine == "argocd":
            root = f"{environment.fleet}-{environment.name}"
            yield _application(environment, root), _Owner(environment)
    for release in resolved.releases:
        environment = release.environment
        if environment.engine == "argocd":
            name = f"{environment.name}-{release.name}"
            owner = _Owner(environment, release)
            yield _application(environment, name), owner


def _application(environment: Environment, name: str) -> _Application:
    return _Application(environment.gitops.argocd.namespace, name)


@fleet_rule("TF108")
def clusters_are_told_apart(resolved: Resolved) -> Iterator[Problem]:
    """Two environments of one namespace say whether they are on one cluster."""
    for first, later in combinations(resolved.environments, 2):
        if _may_meet(first, later):
            both = (
                f"{first.name} and {later.name} both have namespace {later.namespace}"
            )
            message = f"{both} where their Argo CD is, perhaps of one cluster"
            hint = "say `cluster: {name: …}` in both: the same name, or two"
            yield in_environment(later, ("namespace",), message, hint)


def _may_meet(first: Environment, later: Environment) -> bool:
    """Whether nobody says of which clusters two environments are that Argo CD would put in the same place."""
    if _says_its_cluster(first) and _says_its_cluster(later):
        return False
    place = _argo_place(first)
    return place is not None and place == _argo_place(later)


def _says_its_cluster(environment: Environment) -> bool:
    return lookup(environment.source.data, ("cluster", "name")) is not None


def _argo_place(environment: Environment) -> tuple[str, str, str, str] | None:
    """Where Argo CD puts an environment's objects; None for another engine."""
    if environment.engine != "argocd":
        return None
    return (
        environment.gitops.argocd.namespace,
        environment.server,
        environment.destination_name,
        environment.namespace,
    )
