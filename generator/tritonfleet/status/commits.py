"""Whether an engine has seen what is merged."""

from __future__ import annotations

from tritonfleet.status.nouns import FAILING, WAITING, Cause, Site, Wanted

PATIENCE = 600  # seconds after which an engine that looks every few minutes has missed a commit
SHORT = 8  # characters of a commit, as people read it


def has_seen(site: Site, wanted: Wanted, revisions: list[str]) -> bool:
    """Whether one of the revisions holds every commit that changed the release; a newer one counts."""
    return any(_holds_all(site, revision, wanted.commits) for revision in revisions)


def _holds_all(site: Site, revision: str, commits: tuple[str, ...]) -> bool:
    return all(site.holds(revision, commit) for commit in commits)


def has_installed(site: Site, wanted: Wanted, revisions: list[str]) -> bool:
    """The same for what the release's objects are made of: that it is suspended changes none of them."""
    return any(_holds_all(site, revision, wanted.rendered) for revision in revisions)


def not_seen(
    site: Site, wanted: Wanted, revisions: list[str], now: float, step: str
) -> Cause:
    """What to say of an engine that is at other commits."""
    newest = wanted.commits[0] if wanted.commits else site.commit
    commit = f"commit {newest[:SHORT]} of {site.reference}"
    at = ", ".join(each[:SHORT] for each in revisions) or "none"
    words = f"the engine has not seen {commit}: it is at {at}"
    if revisions and site.holds(revisions[0], revisions[0]) is None:
        words += ", which is not here (git fetch)"
    waited = now - wanted.committed
    state = FAILING if waited > PATIENCE else WAITING
    return Cause(state, words, step)
