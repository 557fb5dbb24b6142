"""Which commit a change is compared with. It is never one at which nothing can differ without a word about it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from tritonfleet.history.git import ask, words
from tritonfleet.problem import Missing

TOO_SHALLOW = (
    "the clone does not reach back to the commit to compare with; fetch the whole history"
    " (`fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` for GitLab), or name a commit that is here"
)


class Commit(NamedTuple):
    """A commit, and why it is the one."""

    id: str
    words: str
    """`1a2b3c4d5e6f, the merge base with origin/main`."""
    is_head: bool
    """Whether it is what is checked out: then only what was not committed yet can differ."""


def commit_to_compare(root: Path, reference: str | None) -> Commit:
    """The commit that `reference` names; by default the merge base with the remote's default branch.

    Where there is no remote, the default is HEAD. Raises Missing where git, the repository or the commit is not there,
    or the clone is too shallow to know.
    """
    head = commit_of(root, "HEAD")
    if reference is not None:
        named = commit_of(root, reference)
        return _commit(named, reference, head)
    branch = _default_branch(root)
    if branch is None:
        return _commit(head, "HEAD", head)
    base = _merge_base(root, branch)
    return _commit(base, f"the merge base with {branch}", head)


def _commit(found: str, reason: str, head: str) -> Commit:
    short = found[:12]
    return Commit(found, f"{short}, {reason}", is_head=found == head)


def commit_of(root: Path, reference: str) -> str:
    """The id of the commit that a name means. Raises Missing."""
    done = _verify(root, f"{reference}^{{commit}}")
    if done.returncode == 0:
        return words(done.stdout)
    if _is_shallow(root):
        raise Missing(f"there is no commit `{reference}` here: {TOO_SHALLOW}")
    message = f"there is no commit `{reference}`"
    if Path(reference).is_dir():
        message += f"; ./{reference} would be a directory"
    raise Missing(message)


def _is_shallow(root: Path) -> bool:
    """Whether the clone lacks older commits. Raises Missing where there is no repository."""
    done = ask(root, "rev-parse", "--is-shallow-repository")
    if done.returncode:
        why = words(done.stderr).removeprefix("fatal: ")
        hint = "`tritonfleet diff` compares with a commit; a directory is named like ./before"
        raise Missing(f"{why}; {hint}")
    return words(done.stdout) == "true"


def _default_branch(root: Path) -> str | None:
    """The remote's default branch, like origin/main; None where there is no remote. Raises Missing if nobody knows."""
    remote = remote_name(root)
    if remote is None:
        return None
    head = f"refs/remotes/{remote}/HEAD"
    done = ask(root, "symbolic-ref", "--quiet", "--short", head)
    if done.returncode == 0:
        return words(done.stdout)
    # `git init` and `git fetch`, as in CI, do not say which branch is the default one.
    usual = [f"{remote}/main", f"{remote}/master"]
    there = [branch for branch in usual if _has_branch(root, branch)]
    if len(there) == 1:
        return there[0]
    hint = f"name a commit, or let `git remote set-head {remote} --auto` ask"
    unknown = f"nobody knows here which branch of {remote} is the default one; {hint}"
    if _is_shallow(root):
        unknown += f"; {TOO_SHALLOW}"
    raise Missing(unknown)


def remote_name(root: Path) -> str | None:
    """The name of the remote: origin, or the first one where none is called so."""
    answer = ask(root, "remote")
    remotes = words(answer.stdout).split()
    if not remotes:
        return None
    if "origin" in remotes:
        return "origin"
    return remotes[0]


def _has_branch(root: Path, branch: str) -> bool:
    """Whether the remote's branch, like origin/main, was fetched."""
    return _verify(root, f"refs/remotes/{branch}").returncode == 0


def _verify(root: Path, name: str) -> subprocess.CompletedProcess[bytes]:
    """Asks for the id of what a name means. A name that begins with `-` is no option."""
    return ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name)


def _merge_base(root: Path, branch: str) -> str:
    """The commit at which HEAD left the branch. Raises Missing."""
    done = ask(root, "merge-base", "HEAD", f"refs/remotes/{branch}")
    if done.returncode == 0:
        return words(done.stdout)
    if _is_shallow(root):
        raise Missing(TOO_SHALLOW)
    raise Missing(
        f"HEAD and {branch} have no commit in common; name the commit to compare with"
    )
