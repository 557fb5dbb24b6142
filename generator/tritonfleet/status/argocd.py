"""What Argo CD says of a release: its Application, and the root Application that brings it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tritonfleet.status.commits import SHORT, has_installed, has_seen, not_seen
from tritonfleet.status.nouns import (
    FAILING,
    SUSPENDED,
    WAITING,
    Cause,
    Object,
    Read,
    Site,
)
from tritonfleet.status.objects import message, name_of
from tritonfleet.status.release import Release
from tritonfleet.values import list_at, mapping_at, text_at

# Phases of a sync.
GOES_ON = {"Running", "Terminating"}
FAILED = {"Failed", "Error"}
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


def words(release: Release) -> str:
    """`Synced, Healthy`; "" where there is no Application."""
    status = mapping_at(_application(release), "status")
    sync = text_at(status, "sync", "status")
    health = text_at(status, "health", "status")
    return ", ".join(filter(None, (sync, health)))


def cause(release: Release) -> Cause | None:
    """What stands in the way in Argo CD; None where it has done what is merged."""
    application = _application(release)
    if not application:
        return _missing(release)
    for find in (_error, _switched_off, _unseen, _out_of_sync, _operation, _health):
        found = find(release, application)
        if found:
            return found
    return None


def blocked(release: Release) -> Cause | None:
    """The sync of an older commit goes on or has failed, and the one of what is merged has not begun.

    Argo CD begins no other before one ends, also not the one that repairs it.
    """
    site, wanted = release.site, release.wanted
    application = _application(release)
    state = mapping_at(application, "status", "operationState")

    # 1. What was synced last is older than what is merged, and Argo CD knows of the newer.
    synced = _revisions(state, "syncResult")
    if not synced or has_installed(site, wanted, synced):
        return None
    seen = _revisions(application, "sync")
    if not has_seen(site, wanted, seen):
        return None

    # 2. How that sync ends decides what a person can do.
    phase = text_at(state, "phase")
    name = name_of(application)
    commit = synced[0][:SHORT]
    words = message(state)
    if phase in GOES_ON:
        told = (
            f"Argo CD still syncs {commit}, and nothing newer before that ends: {words}"
        )
        return Cause(WAITING, told, f"argocd app terminate-op {name}")
    if phase in FAILED:
        told = f"Argo CD has not begun to sync what is merged; the sync of {commit} failed: {words}"
        return Cause(WAITING, told, _refresh(site, name))
    return None


def environment_causes(site: Site, read: Read) -> Iterator[Cause]:
    """What is wrong with the root Application, by which all others come."""
    name = site.object_name
    kubectl = site.engine_kubectl
    root = read.named("applications", name)
    if not root:
        told = f"Argo CD has no Application {name} in {site.engine_namespace}"
        step = f"kubectl apply --server-side -f deploy/bootstrap/{site.name}.yaml"
        yield Cause(FAILING, told, step)
        return
    if not mapping_at(root, "status"):
        told = f"nobody has looked at the Application {name}: does Argo CD run?"
        yield Cause(FAILING, told, f"{kubectl} get pods")
    for words in _errors(root):
        step = f"{kubectl} describe application {name}"
        yield Cause(FAILING, f"the Application {name}: {words}", step)


def _application(release: Release) -> Object:
    name = f"{release.site.name}-{release.wanted.name}"
    return release.read.named("applications", name)


def _missing(release: Release) -> Cause:
    """Why there is no Application: the root has not seen the commit, or it did not make one."""
    site = release.site
    root = release.read.named("applications", site.object_name)
    step = _refresh(site, site.object_name)
    revisions = _revisions(root, "sync")
    if not has_seen(site, release.wanted, revisions):
        return not_seen(site, release.wanted, revisions, release.now, step)
    return Cause(FAILING, "there is no Application of it", step)


def _error(release: Release, application: Object) -> Cause | None:
    for words in _errors(application):
        return Cause(FAILING, f"Argo CD: {words}", _describe(release, application))
    return None


def _errors(application: Object) -> Iterator[str]:
    for each in list_at(application, "status", "conditions"):
        kind = text_at(each, "type")
        if kind.endswith("Error"):
            yield f"{kind}: {message(each)}"


def _switched_off(release: Release, application: Object) -> Cause | None:
    """Nobody syncs it, and Git does not say so."""
    automated = mapping_at(application, "spec", "syncPolicy").get("automated")
    is_off = automated is None or automated.get("enabled") is False
    if release.wanted.suspended or not is_off:
        return None
    site = release.site
    told = "its automated sync was switched off by hand"
    return Cause(FAILING, told, _refresh(site, site.object_name))


def _unseen(release: Release, application: Object) -> Cause | None:
    """The Application is at an older commit than the one that changed the release."""
    site, wanted = release.site, release.wanted
    revisions = _revisions(application, "sync")
    if has_seen(site, wanted, revisions):
        return None
    step = _refresh(site, name_of(application))
    return not_seen(site, wanted, revisions, release.now, step)


def _out_of_sync(release: Release, application: Object) -> Cause | None:
    """Something differs from Git: a commit that is not synced yet, or what somebody changed by hand."""
    if text_at(application, "status", "sync", "status") != "OutOfSync":
        return _suspended(release)
    differing = ", ".join(_differing(application)) or "something"
    if release.wanted.suspended:
        return _not_as_left(release, application, differing)
    operation = _operation(release, application)
    if operation:
        return operation
    told = f"out of sync: {differing} differs from Git"
    return Cause(WAITING, told, f"argocd app diff {name_of(application)}")


def _not_as_left(release: Release, application: Object, differing: str) -> Cause:
    """A suspended release that differs from Git: by somebody's hand, or by a commit that waits for one."""
    state = mapping_at(application, "status", "operationState")
    synced = _revisions(state, "syncResult")
    step = f"argocd app sync {name_of(application)}"
    if has_installed(release.site, release.wanted, synced):
        told = f"{differing} was changed by hand, and nothing sets it back while the release is suspended"
        return Cause(FAILING, told, f"{step}, or set suspend: false in values/")
    told = "suspended in values/: what is merged waits for a sync by hand"
    return Cause(SUSPENDED, told, step)


def _suspended(release: Release) -> Cause | None:
    if not release.wanted.suspended:
        return None
    return Cause(SUSPENDED, "suspended in values/: Argo CD leaves it as it is")


def _operation(release: Release, application: Object) -> Cause | None:
    """A sync that goes on, or that failed."""
    state = mapping_at(application, "status", "operationState")
    phase = text_at(state, "phase")
    if phase in GOES_ON:
        return Cause(WAITING, f"Argo CD syncs: {message(state)}")
    if phase in FAILED:
        told = f"the sync failed: {message(state)}"
        return Cause(FAILING, told, _describe(release, application))
    return None


def _health(_: Release, application: Object) -> Cause | None:
    """What Argo CD makes of the objects' states; pods say more, and are asked before."""
    health = text_at(application, "status", "health", "status")
    step = f"argocd app get {name_of(application)}"
    if health in {"Degraded", "Missing"}:
        return Cause(FAILING, f"Argo CD calls it {health}", step)
    if health == "Progressing" or not health:
        return Cause(WAITING, "Argo CD waits for its objects", step)
    return None


def _revisions(thing: Object, part: str) -> list[str]:
    """The commits that a part of an Application's status names: of two sources, one is the chart's digest."""
    of_status = mapping_at(thing, "status", part)
    found = of_status or mapping_at(thing, part)
    names = [text_at(found, "revision")]
    names += list_at(found, "revisions")
    return list(filter(_COMMIT.match, names))


def _differing(application: Object) -> Iterator[str]:
    for each in list_at(application, "status", "resources"):
        if each.get("status") == "OutOfSync":
            yield f"{each.get('kind')}/{each.get('name')}"


def _refresh(site: Site, name: str) -> str:
    return f"{site.engine_kubectl} annotate --overwrite application {name} argocd.argoproj.io/refresh=normal"


def _describe(release: Release, application: Object) -> str:
    kubectl = release.site.engine_kubectl
    return f"{kubectl} describe application {name_of(application)}"
