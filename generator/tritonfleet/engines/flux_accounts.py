"""Whom Flux acts as in an environment: an account for its Kustomizations and one for the releases, each with a Role.

They are two, as Argo CD's projects are: a HelmRelease without an account has the controller's rights, so no chart may
make one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tritonfleet.engines.shared import Document, metadata, object_name
from tritonfleet.kinds import ADDABLE, FOLLOWING, RUNNING, resource_of
from tritonfleet.nouns import Environment

Resource: TypeAlias = tuple[str, str]
"""API group and resource, as RBAC names what a kind is: ("apps", "deployments")."""
Rights: TypeAlias = Mapping[Resource, frozenset[str]]
"""What may be done with each resource."""

RBAC_API = "rbac.authorization.k8s.io/v1"
LOOK = frozenset({"get", "list", "watch"})
# Helm and kustomize-controller apply: they never send the whole object, which would be `update`.
APPLY = LOOK | {"create", "patch", "delete"}
# Helm remembers each release in Secrets, which it sends whole.
REMEMBER = frozenset({"get", "list", "create", "update", "delete"})
# The order in which verbs are written.
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")

# What the Kustomizations apply: releases with their values, and the chart's source.
_OF_KUSTOMIZATIONS: Rights = {
    ("", "configmaps"): APPLY,
    ("helm.toolkit.fluxcd.io", "helmreleases"): APPLY,
    ("source.toolkit.fluxcd.io", "helmcharts"): APPLY,
    ("source.toolkit.fluxcd.io", "ocirepositories"): APPLY,
}


def accounts(environment: Environment) -> list[Document]:
    """Both accounts with their Roles; nothing for an environment that leaves Flux its own rights."""
    flux = environment.gitops.flux
    if not flux.service_account_name:
        return []
    name = object_name(environment)
    root = f"{name}-root"
    return [
        *_account(environment, flux.service_account_name, name, _rights(environment)),
        *_account(environment, flux.root_account_name, root, _OF_KUSTOMIZATIONS),
    ]


def _rights(environment: Environment) -> Rights:
    """What a release's account may do: all that the chart makes, what entries may add, and what Helm remembers."""
    rights: dict[Resource, frozenset[str]] = {("", "secrets"): REMEMBER}
    for group, kind in FOLLOWING:
        rights[group, resource_of(kind)] = LOOK
    for resource in _applied(environment):
        rights[resource] = rights.get(resource, frozenset()) | APPLY
    return rights


def _applied(environment: Environment) -> Iterator[Resource]:
    """What Helm applies, as resources."""
    for group, kind in ADDABLE | RUNNING:
        yield group, resource_of(kind)
    for extra in environment.extra_kinds:
        yield extra["group"], extra.get("resource") or resource_of(extra["kind"])


def _account(
    environment: Environment, account: str, role: str, rights: Rights
) -> Iterator[Document]:
    """A ServiceAccount and its rights in the namespace. No pod is meant to run as it, so none is given its token."""
    namespace = environment.namespace
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(environment, account, namespace),
        "automountServiceAccountToken": False,
    }
    yield {
        "apiVersion": RBAC_API,
        "kind": "Role",
        "metadata": metadata(environment, role, namespace),
        "rules": list(_rules(rights)),
    }
    api_group, _, _ = RBAC_API.partition("/")
    yield {
        "apiVersion": RBAC_API,
        "kind": "RoleBinding",
        "metadata": metadata(environment, role, namespace),
        "roleRef": {"apiGroup": api_group, "kind": "Role", "name": role},
        "subjects": [
            {"kind": "ServiceAccount", "name": account, "namespace": namespace}
        ],
    }


def _rules(rights: Rights) -> Iterator[Document]:
    """Rights as a Role says them: one rule for what of a group has the same verbs."""
    together: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), allowed in sorted(rights.items()):
        verbs = tuple(verb for verb in VERBS if verb in allowed)
        together[group, verbs].append(resource)
    for (group, verbs), resources in together.items():
        yield {"apiGroups": [group], "resources": resources, "verbs": list(verbs)}
