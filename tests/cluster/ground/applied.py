"""Whether an engine has done all that a commit says: asked of its own objects, for all releases at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.cluster.ground.fleet import Fleet
from tests.cluster.ground.kubectl import Object, Refused, get, listed

Releases = Mapping[str, bool]
"""Every release that a commit has: whether the engine is to roll it out, and is not kept from it."""


def missing(fleet: Fleet, commit: str, chart: str, releases: Releases) -> str:
    """What an engine has not done yet; "" when it has done all."""
    look = {"flux": _of_flux, "argo": _of_argo_cd}[fleet.name]
    try:
        return look(fleet, commit, chart, releases) or _of_pods(fleet)
    except (Refused, KeyError) as error:
        return f"{type(error).__name__} {error}"


def message(fleet: Fleet, release: str) -> str:
    """What the engine says of a release that it could not roll out."""
    if fleet.name == "flux":
        status = get(fleet.namespace, "helmrelease", release).get("status", {})
        return "; ".join(
            each["message"]
            for each in status.get("conditions", [])
            if each["type"] == "Released" and each["status"] == "False"
        )
    state = get("argocd", "application", f"argo-{release}")["status"]
    operation = state.get("operationState", {})
    # What it sees when it compares, it does not even try.
    conditions = [each["message"] for each in state.get("conditions", [])]
    told = [each.get("message", "") for each in _synced(operation)]
    failed = "retryCount" in operation or operation.get("phase") == "Failed"
    tried = [operation.get("message", ""), *told] if failed else []
    return "; ".join([*conditions, *tried])


def _synced(operation: Object) -> list[Object]:
    found: list[Object] = (operation.get("syncResult") or {}).get("resources") or []
    return found


def _of_flux(fleet: Fleet, commit: str, chart: str, releases: Releases) -> str:
    kustomization = get(fleet.namespace, "kustomization", f"acme-{fleet.name}")
    if not kustomization["status"]["lastAppliedRevision"].endswith(commit):
        return "Kustomization"
    found = _by_name(listed(fleet.namespace, "helmreleases"))
    if found.keys() != releases.keys():
        return f"HelmReleases {found.keys() ^ releases.keys()}"
    behind = (
        name
        for name, goes in releases.items()
        if goes and not _is_released(found[name], chart)
    )
    return next(behind, "")


def _is_released(release: Object, chart: str) -> bool:
    status = release["status"]
    ready = {each["type"]: each["status"] for each in status["conditions"]}["Ready"]
    wish = release["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"]
    return bool(
        ready == "True"
        and status["observedGeneration"] == release["metadata"]["generation"]
        and status["lastHandledReconcileAt"] == wish
        and status["history"][0]["chartVersion"].startswith(chart)
    )


def _of_argo_cd(fleet: Fleet, commit: str, _: str, releases: Releases) -> str:
    found = _by_name(listed("argocd", "applications"))
    root = found.pop(f"acme-{fleet.name}")
    if not _is_synced(root, commit):
        return "root Application"
    names = {f"{fleet.name}-{name}" for name in releases}
    if found.keys() != names:
        return f"Applications {found.keys() ^ names}"
    behind = (
        name
        for name, goes in releases.items()
        if goes and not _is_synced(found[f"{fleet.name}-{name}"], commit)
    )
    return next(behind, "")


def _is_synced(application: Object, commit: str) -> bool:
    sync = application["status"]["sync"]
    source = application["spec"]["source"]
    operation = application["status"].get("operationState", {})
    return bool(
        sync["status"] == "Synced"
        and sync["revision"] == commit
        and sync["comparedTo"]["source"] == source
        and operation.get("phase") in (None, "Succeeded")
    )


def _of_pods(fleet: Fleet) -> str:
    """A Deployment that is there too much, is not there, or has not rolled out what it says."""
    found = _by_name(listed(fleet.namespace, "deployments"))
    unsettled = (name for name, each in found.items() if not _is_settled(each))
    return next(unsettled, "")


def _is_settled(deployment: Object) -> bool:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    counts = (status.get(f"{kind}eplicas", 0) for kind in ("r", "updatedR", "readyR"))
    is_seen = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return bool(is_seen and set(counts) == {wanted})


def _by_name(objects: Iterable[Any]) -> dict[str, Any]:
    return {each["metadata"]["name"]: each for each in objects}
