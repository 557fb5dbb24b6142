"""The least rights that `status --rbac` prints."""

from __future__ import annotations

from typing import Any

import yaml

from tests.status.cases import site
from tritonfleet.status.resources import roles

LISTED = ["apps deployments,replicasets", " pods,events,persistentvolumeclaims"]
PODS = [f"{each} list" for each in LISTED] + [" pods/portforward get,create"]
FLUX = [
    "helm.toolkit.fluxcd.io helmreleases list",
    "kustomize.toolkit.fluxcd.io kustomizations list",
    "source.toolkit.fluxcd.io gitrepositories,helmcharts,ocirepositories list",
]
KUBECTL = "kubectl -n models"


def rights(role: Any) -> list[str]:
    """Each rule in a line: group, resources, verbs."""
    return [
        " ".join(",".join(rule[part]) for part in ("apiGroups", "resources", "verbs"))
        for rule in role["rules"]
    ]


def test_flux_and_the_pods_in_one_namespace_have_a_role_each() -> None:
    flux = site("flux", kubectl=KUBECTL, engine_kubectl=KUBECTL)
    argocd = site("argocd", kubectl=KUBECTL)
    found = {
        (role["metadata"]["name"], role["metadata"].get("namespace")): rights(role)
        for role in yaml.safe_load_all(roles([argocd, flux]))
    }
    assert found == {
        ("tritonfleet-status", "models"): PODS,
        ("tritonfleet-status-argocd", "argocd"): ["argoproj.io applications list"],
        ("tritonfleet-status-flux", "models"): FLUX,
        ("tritonfleet-status-nodes", None): [" nodes list"],
    }
