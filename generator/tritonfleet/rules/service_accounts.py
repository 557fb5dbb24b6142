"""ServiceAccounts: no release takes that of another one, or those that Flux acts as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tritonfleet.nouns import Environment, Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.extra_pods import pods_of
from tritonfleet.rules.manifests import extra_objects_of
from tritonfleet.rules.registry import at, fleet_rule
from tritonfleet.values import KeyPath, text_at

_Account: TypeAlias = tuple[str, str, str]
"""Cluster, namespace and name."""

# Root keys by which a release says something of accounts, or of what the chart's own is called.
_TELLING = ("serviceAccount", "podTemplate", "extraObjects", "fullnameOverride")
# A pod's account, and the name that it had before.
_KEYS = ("serviceAccountName", "serviceAccount")


class _Use(NamedTuple):
    """A ServiceAccount that a release makes, or that a pod of it runs as: where it is named, and its name."""

    path: KeyPath
    name: str
    is_made: bool = False


@fleet_rule("TF149")
def service_accounts_are_their_own(resolved: Resolved) -> Iterator[Problem]:
    """No pod runs under the ServiceAccount that the chart makes for another release, or that Flux acts as."""
    engines = _accounts_of_flux(resolved)
    names = {name for _, _, name in engines}
    telling = [each for each in resolved.releases if _may_tell(each, names)]
    if not telling:
        return
    makers = {_account(each.environment, _made(each)): each for each in resolved.releases}  # fmt: skip
    for release in telling:
        for use in _uses(release):
            yield from _taken(release, use, engines, makers)


def _accounts_of_flux(resolved: Resolved) -> Mapping[_Account, Environment]:
    """The accounts that bootstrap files make, each with its environment."""
    found = {}
    for environment in resolved.environments:
        flux = environment.gitops.flux
        if environment.engine == "flux" and flux.service_account_name:
            for name in (flux.service_account_name, flux.root_account_name):
                found[_account(environment, name)] = environment
    return found


def _account(environment: Environment, name: str) -> _Account:
    return environment.cluster, environment.namespace, name


def _may_tell(release: Release, names: set[str]) -> bool:
    return release.name in names or any(key in release.values for key in _TELLING)


def _made(release: Release) -> str:
    """The name of the ServiceAccount that the chart makes for a release; "" when it makes none."""
    account = release.value("serviceAccount")
    if not account["create"]:
        return ""
    return account["name"] or release.full_name


def _uses(release: Release) -> Iterator[_Use]:
    """Every account that a release makes, or that a pod of it names."""
    made = _made(release)
    named = text_at(release.value("serviceAccount"), "name")
    if made:
        path = ("serviceAccount", "name") if named else ("fullnameOverride",)
        yield _Use(path, made, is_made=True)
    elif named:
        yield _Use(("serviceAccount", "name"), named)
    patched = ("podTemplate", "spec", "serviceAccountName")
    name = text_at({"podTemplate": release.value("podTemplate")}, *patched)
    if name:
        yield _Use(patched, name)
    if "extraObjects" in release.values:
        yield from _uses_of_extras(release)


def _uses_of_extras(release: Release) -> Iterator[_Use]:
    """Accounts that an entry adds, and those that pods of added objects run as."""
    for extra in extra_objects_of(release):
        if extra.group_and_kind == ("", "ServiceAccount"):
            yield _Use((*extra.path, "metadata", "name"), extra.name, is_made=True)
        for pod in pods_of(extra):
            for key in _KEYS:
                name = text_at(pod.value, "spec", key)
                if name:
                    yield _Use((*extra.path, *pod.path, "spec", key), name)


def _taken(
    release: Release,
    use: _Use,
    engines: Mapping[_Account, Environment],
    makers: Mapping[_Account, Release],
) -> Iterator[Problem]:
    """The problem of an account that is somebody else's. Two that make the same one are TF102's."""
    account = _account(release.environment, use.name)
    if account in engines:
        message = f"Flux acts as ServiceAccount {use.name} in {engines[account].name}"
        yield at(release, use.path, f"{message}, with its rights", "name another one")
        return
    maker = makers.get(account)
    if maker and maker is not release and not use.is_made:
        message = f"ServiceAccount {use.name} is that of {maker.words}, with its rights"
        hint = "leave `serviceAccount.name` out, or name one that an admin made"
        yield at(release, use.path, message, hint)
