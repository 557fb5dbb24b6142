"""ServiceAccounts: no release takes that of another one, or those that Flux acts as."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tritonfleet.nouns import Environment, Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.extra_pods import pods_of
from tritonfleet.rules.manifests import ExtraObject, extra_objects_of
from tritonfleet.rules.registry import at, fleet_rule
from tritonfleet.values import KeyPath, lookup, text_at

_Account: TypeAlias = tuple[str, str, str]
"""Cluster, namespace and name."""

# Root keys by which a release says something of accounts, or of what the chart's own is called.
_TELLING = frozenset(
    {"serviceAccount", "podTemplate", "extraObjects", "fullnameOverride"}
)
_NAME: KeyPath = ("serviceAccount", "name")
_FULL_NAME: KeyPath = ("fullnameOverride",)
_PATCHED: KeyPath = ("podTemplate", "spec", "serviceAccountName")
# A pod's account, and the name that this key had before.
_OF_PODS = ("serviceAccountName", "serviceAccount")


class _Use(NamedTuple):
    """A ServiceAccount that a release makes, or that a pod of it runs as, and where it is named."""

    release: Release
    path: KeyPath
    name: str
    is_made: bool = False

    @property
    def account(self) -> _Account:
        return _account(self.release.environment, self.name)


@fleet_rule("TF149")
def service_accounts_are_their_own(resolved: Resolved) -> Iterator[Problem]:
    """No pod runs under the ServiceAccount that the chart makes for another release, or that Flux acts as."""
    engines = dict(_accounts_of_flux(resolved))
    uses = list(_uses(resolved, engines))
    makers = _makers(resolved) if _name_others(uses) else {}
    for use in uses:
        if use.account in engines:
            yield _is_of_flux(use, engines[use.account])
        elif not use.is_made:  # who makes the same is TF102's
            yield from _is_of_another(use, makers)


def _accounts_of_flux(resolved: Resolved) -> Iterator[tuple[_Account, Environment]]:
    """The accounts that bootstrap files make, each with its environment."""
    for environment in resolved.environments:
        flux = environment.gitops.flux
        if environment.engine == "flux" and flux.service_account_name:
            for name in (flux.service_account_name, flux.root_account_name):
                yield _account(environment, name), environment


def _account(environment: Environment, name: str) -> _Account:
    return environment.cluster, environment.namespace, name


def _name_others(uses: Iterable[_Use]) -> bool:
    """Whether any names an account that it does not make."""
    return not all(use.is_made for use in uses)


def _makers(resolved: Resolved) -> Mapping[_Account, Release]:
    """Who makes which account. It takes a while, and nearly no release names one."""
    makers = {}
    for release in resolved.releases:
        account = _account(release.environment, _made(release))
        makers[account] = release
    return makers


def _made(release: Release) -> str:
    """The name of the ServiceAccount that the chart makes for a release; "" when it makes none."""
    account = release.value("serviceAccount")
    if not account["create"]:
        return ""
    return account["name"] or release.full_name


def _uses(resolved: Resolved, engines: Collection[_Account]) -> Iterator[_Use]:
    """The uses of all releases that say something of accounts, or that are called like one of Flux's."""
    names = {name for _, _, name in engines}
    for release in resolved.releases:
        tells = not _TELLING.isdisjoint(release.values)
        if tells or release.name in names:
            yield from _uses_of(release)


def _uses_of(release: Release) -> Iterator[_Use]:
    """Every account that a release makes, or that a pod of it names."""
    made = _made(release)
    named = text_at(release.value("serviceAccount"), "name")
    if made:
        path = _NAME if named else _FULL_NAME
        yield _Use(release, path, made, is_made=True)
    elif named:
        yield _Use(release, _NAME, named)
    patched = lookup(release.values, _PATCHED)
    if patched:
        yield _Use(release, _PATCHED, patched)
    if "extraObjects" in release.values:
        for extra in extra_objects_of(release):
            yield from _uses_of_extra(release, extra)


def _uses_of_extra(release: Release, extra: ExtraObject) -> Iterator[_Use]:
    """The account that an added object is, or those that its pods run as."""
    if extra.group_and_kind == ("", "ServiceAccount"):
        path = (*extra.path, "metadata", "name")
        yield _Use(release, path, extra.name, is_made=True)
    for pod in pods_of(extra):
        for key in _OF_PODS:
            name = text_at(pod.value, "spec", key)
            if name:
                path = (*extra.path, *pod.path, "spec", key)
                yield _Use(release, path, name)


def _is_of_flux(use: _Use, environment: Environment) -> Problem:
    acts = f"Flux acts as ServiceAccount {use.name} in {environment.name}"
    message = f"{acts}, with its rights"
    return at(use.release, use.path, message, "name another one")


def _is_of_another(use: _Use, makers: Mapping[_Account, Release]) -> Iterator[Problem]:
    """A pod that runs as an account which another release makes."""
    maker = makers.get(use.account)
    if maker and maker is not use.release:
        owner = f"that of {maker.words}, with its rights"
        message = f"ServiceAccount {use.name} is {owner}"
        hint = "leave `serviceAccount.name` out, or name one that an admin made"
        yield at(use.release, use.path, message, hint)
