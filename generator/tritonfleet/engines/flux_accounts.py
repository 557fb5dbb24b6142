"""Whom Flux acts as in an environment: an account for its Kustomizations and one for the releases, each with a Role.

They are two, as Argo CD's projects are: a HelmRelease without an account has the controller's rights, so no chart may
make one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tritonfleet.engines.dynamo import GRANTED
from tritonfleet.engines.shared import Document, metadata, object_name
from tritonfleet.kinds import ADDABLE, FOLLOWING, GRANTING, RUNNING, Kind, resource_of
from tritonfleet.nouns import Environment

Resource: TypeAlias = tuple[str, str]
"""API group and resource, as RBAC names what a kind is: ("apps", "deployments")."""
Rights: TypeAlias = Mapping[Resource, frozenset[str]]
"""What may be done with each resource."""

RBAC = "rbac.authorization.k8s.io"
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
    role = object_name(environment)
    root_role = f"{role}-root"
    return [
        _service_account(environment, flux.service_account_name),
        _role(environment, role, _rights(environment)),
        _role_binding(environment, role, flux.service_account_name),
        _service_account(environment, flux.root_account_name),
        _role(environment, root_role, _OF_KUSTOMIZATIONS),
        _role_binding(environment, root_role, flux.root_account_name),
    ]


def _rights(environment: Environment) -> Rights:
    """What a release's account may do: all that the chart makes, what entries may add, and what Helm remembers."""
    rights = dict.fromkeys(map(_resource, FOLLOWING), LOOK)
    rights["", "secrets"] = REMEMBER
    applied = [_resource(kind) for kind in ADDABLE | RUNNING]
    if environment.dynamo:
        rights |= GRANTED  # nobody may grant what they don't have
        applied += map(_resource, GRANTING)
    applied += [_further_resource(kind) for kind in environment.extra_kinds]
    for resource in applied:
        already = rights.get(resource, frozenset())
        rights[resource] = already | APPLY
    return rights


def _resource(kind: Kind) -> Resource:
    group, name = kind
    return group, resource_of(name)


def _further_resource(kind: Mapping[str, str]) -> Resource:
    """One of `extraKinds`, whose author may have said its plural."""
    plural = kind.get("resource") or resource_of(kind["kind"])
    return kind["group"], plural


def _service_account(environment: Environment, name: str) -> Document:
    """An account. No pod is meant to run as it, so none is given its token."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(environment, name, environment.namespace),
        "automountServiceAccountToken": False,
    }


def _role(environment: Environment, name: str, rights: Rights) -> Document:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": metadata(environment, name, environment.namespace),
        "rules": list(_rules(rights)),
    }


def _role_binding(environment: Environment, role: str, account: str) -> Document:
    subject = {
        "kind": "ServiceAccount",
        "name": account,
        "namespace": environment.namespace,
    }
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": metadata(environment, role, environment.namespace),
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": role},
        "subjects": [subject],
    }


def _rules(rights: Rights) -> Iterator[Document]:
    """Rights as a Role says them: one rule for what of a group has the same verbs."""
    together: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for (group, resource), allowed in sorted(rights.items()):
        together[group, allowed].append(resource)
    for (group, allowed), resources in together.items():
        verbs = [verb for verb in VERBS if verb in allowed]
        yield {"apiGroups": [group], "resources": resources, "verbs": verbs}
