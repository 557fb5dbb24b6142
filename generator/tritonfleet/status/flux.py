"""What Flux says of a release: its HelmRelease, and the Kustomization and the sources that bring it."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.engines.flux import REQUEST
from tritonfleet.status.commits import SHORT, has_seen, not_seen
from tritonfleet.status.nouns import (
    FAILING,
    SUSPENDED,
    WAITING,
    Cause,
    Object,
    Read,
    Site,
)
from tritonfleet.status.objects import (
    condition,
    is_false,
    is_observed,
    is_true,
    message,
    name_of,
)
from tritonfleet.status.release import Release
from tritonfleet.values import lookup, text_at

# What brings the releases, in the order in which one needs the other.
BROUGHT_BY = ("gitrepositories", "helmcharts", "ocirepositories", "kustomizations")


def words(release: Release) -> str:
    """`Ready`, or why it is not; "" where there is no HelmRelease."""
    found = _helm_release(release)
    ready = condition(found, "Ready")
    if ready.get("status") == "True":
        return "Ready"
    return text_at(ready, "reason")


def cause(release: Release) -> Cause | None:
    """What stands in the way in Flux; None where it has done what is merged."""
    found = _helm_release(release)
    unseen = _unseen(release)
    if not found:
        step = _reconcile(release.site, f"kustomization {release.site.object_name}")
        return unseen or Cause(FAILING, "there is no HelmRelease of it", step)
    return _suspended(release, found) or unseen or _rollout(release, found)


def blocked(_: Release) -> Cause | None:
    """Nothing: while a rollout goes on, nobody can tell whether it is that of an older commit."""
    return None


def environment_causes(site: Site, read: Read) -> Iterator[Cause]:
    """What is wrong with the objects that bring all releases of the environment."""
    for resource in BROUGHT_BY:
        for each in read.of(resource):
            name = f"{each.get('kind')} {name_of(each)}"
            yield from _brought_by(site, each, name)
    if not read.named("kustomizations", site.object_name):
        told = f"Flux has no Kustomization {site.object_name} in {site.namespace}"
        step = f"kubectl apply --server-side -f deploy/bootstrap/{site.name}.yaml"
        yield Cause(FAILING, told, step)


def _brought_by(site: Site, thing: Object, name: str) -> Iterator[Cause]:
    """What is wrong with one of them."""
    is_suspended = lookup(thing, ("spec", "suspend"))
    conditions = lookup(thing, ("status", "conditions"))
    if is_suspended:
        told = f"the {name} is suspended"
        step = f"flux resume {name.lower()} -n {site.namespace}"
        yield Cause(FAILING, told, step)
    elif not conditions:
        told = f"nobody has looked at the {name}: do the controllers of Flux run?"
        yield Cause(FAILING, told, "kubectl get pods -n flux-system")
    elif is_false(thing, "Ready"):
        ready = condition(thing, "Ready")
        told = f"the {name} is not Ready: {message(ready)}"
        step = f"{site.engine_kubectl} describe {name.lower()}"
        yield Cause(FAILING, told, step)


def _helm_release(release: Release) -> Object:
    return release.read.named("helmreleases", release.wanted.name)


def _suspended(release: Release, found: Object) -> Cause | None:
    """Flux leaves it alone, as the lists say or against them."""
    is_suspended = lookup(found, ("spec", "suspend")) is True
    if release.wanted.suspended and is_suspended:
        return Cause(SUSPENDED, "suspended in values/: Flux leaves it as it is")
    if is_suspended:
        name = release.wanted.name
        step = f"flux resume helmrelease {name} -n {release.site.namespace}"
        return Cause(FAILING, "the HelmRelease was suspended by hand", step)
    return None


def _unseen(release: Release) -> Cause | None:
    """The Kustomization applies what the source has fetched: both may be behind."""
    site, wanted = release.site, release.wanted
    applied = _revision(_by_name(release, "kustomizations"), "lastAppliedRevision")
    if has_seen(site, wanted, applied):
        return None
    fetched = _revision(_by_name(release, "gitrepositories"), "artifact", "revision")
    is_fetched = has_seen(site, wanted, fetched)
    what = f"kustomization {site.object_name}"
    if not is_fetched:
        what = f"source git {site.object_name}"
    step = _reconcile(site, what)
    return not_seen(site, wanted, applied, release.now, step)


def _by_name(release: Release, resource: str) -> Object:
    return release.read.named(resource, release.site.object_name)


def _revision(thing: Object, *path: str) -> list[str]:
    """The commit of `main@sha1:1a2b…`; none where nothing is said."""
    revision = text_at(thing, "status", *path)
    _, _, commit = revision.rpartition(":")
    return [commit] if commit else []


def _rollout(release: Release, found: Object) -> Cause | None:
    """What helm-controller says, when it has taken up what is merged."""
    ready = condition(found, "Ready")
    said = message(ready)
    kubectl = release.site.engine_kubectl
    describe = f"{kubectl} describe helmrelease {release.wanted.name}"
    if ready.get("status") not in {"True", "False"}:
        return Cause(WAITING, f"Flux rolls it out: {said}", describe)
    if not _has_taken_up(release, found):
        return Cause(WAITING, "Flux has not taken up what it applied", describe)
    if is_true(found, "Ready"):
        return None
    if is_true(found, "Remediated"):
        failed = message(condition(found, "Released"))
        told = f"Flux rolled it back: {failed or said}"
        step = f"git revert {_short(release)}, or correct it; {describe}"
        return Cause(FAILING, told, step)
    return Cause(FAILING, f"Flux: {said}", describe)


def _has_taken_up(release: Release, found: Object) -> bool:
    """Whether what helm-controller says is about the newest object, values and chart."""
    return is_observed(found) and _is_handled(found) and _has_chart(release, found)


def _is_handled(found: Object) -> bool:
    """Whether the values that were applied with this request are those that the release has.

    Of a request by hand nobody knows more than that it was handled.
    """
    asked = lookup(found, ("metadata", "annotations", REQUEST))
    handled = lookup(found, ("status", "lastHandledReconcileAt"))
    return asked is None or asked == handled


def _has_chart(release: Release, found: Object) -> bool:
    """Whether the release was made of the chart that the source has; one from a registry is named by its digest."""
    chart = _by_name(release, "helmcharts")
    fetched = text_at(chart, "status", "artifact", "revision")
    attempted = text_at(found, "status", "lastAttemptedRevision")
    if not fetched or not attempted:
        return True
    return fetched == attempted


def _short(release: Release) -> str:
    commits = release.wanted.commits
    return commits[0][:SHORT] if commits else "the commit"


def _reconcile(site: Site, what: str) -> str:
    return f"flux reconcile {what} -n {site.namespace}"
