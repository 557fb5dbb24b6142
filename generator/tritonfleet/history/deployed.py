"""What is committed for engines to install: a branch of the remote, the files of a release in it, and their age."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tritonfleet.history.base import remote_name
from tritonfleet.history.git import ask, started, words
from tritonfleet.history.unpack import contents, files
from tritonfleet.problem import Missing

_COMMIT = b"\0"  # begins the line of a commit in git's answer; no path has it


class Change(NamedTuple):
    """A commit that changed something, and when it was made."""

    id: str
    time: int
    """Seconds since 1970."""


def branch_of(root: Path, revision: str) -> str:
    """What an engine's branch is called here: origin/main, or main itself where there is no remote.

    Raises Missing outside of a repository.
    """
    remote = remote_name(root)
    return f"{remote}/{revision}" if remote else revision


def committed_texts(root: Path, commit: str, directory: str) -> dict[str, str]:
    """The text of every file below a directory of the fleet, as the commit has them, by the path from the root.

    What is not UTF-8 is replaced. Raises Missing where git does not have the files here.
    """
    prefix = _prefix(root)
    found = list(files(root, commit, prefix, [directory]))
    texts = {}
    for file, content in zip(found, contents(root, found), strict=True):
        texts[file.path] = content.decode("utf-8", "replace")
    return texts


def newest_changes(
    root: Path, commit: str, depths: Mapping[str, int]
) -> dict[str, Change]:
    """The newest commit up to `commit` that changed each path: directories, cut after so many names, by their paths.

    `depths` says how many names for each directory of the fleet that is looked at. A shallow clone knows only its part.
    """
    prefix = _prefix(root)
    found: dict[str, Change] = {}
    log = [
        "log",
        "--format=%x00%H %ct",
        "--name-only",
        "--no-renames",
        "-m",
        "--first-parent",
    ]
    with started(
        root, *log, commit, "--", *(prefix + each for each in depths)
    ) as process:
        assert process.stdout
        change = Change("", 0)
        for line in process.stdout:
            if line.startswith(_COMMIT):
                identity, _, time = line[1:].decode().partition(" ")
                change = Change(identity, int(time))
                continue
            path = words(line).removeprefix(prefix)
            if path:
                found.setdefault(_cut(path, depths), change)
    return found


def _cut(path: str, depths: Mapping[str, int]) -> str:
    """As many names of a path as its directory asks for."""
    for directory, depth in depths.items():
        if path.startswith(f"{directory}/"):
            names = path.split("/")
            return "/".join(names[:depth])
    return path


def reaches(root: Path, newer: str, older: str) -> bool | None:
    """Whether a commit holds another in its history; None where git does not have one of them here."""
    if newer == older:
        return True
    done = ask(root, "merge-base", "--is-ancestor", older, newer)
    return {0: True, 1: False}.get(done.returncode)


def uncommitted(root: Path) -> int:
    """How many files of lists and of what is generated differ from what is committed."""
    done = ask(root, "status", "--porcelain", "-z", "--", "values", "deploy")
    if done.returncode:
        raise Missing(words(done.stderr))
    return done.stdout.count(b"\0")


def _prefix(root: Path) -> str:
    """The fleet's directory inside of the repository: empty, or with a / at its end."""
    return words(ask(root, "rev-parse", "--show-prefix").stdout)
