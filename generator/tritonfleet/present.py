"""What is in a directory that the program writes: its files, and traces of a run that was killed."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from tritonfleet.directories import directories_of
from tritonfleet.output import MARK
from tritonfleet.problem import Invalid, Position, Problem

MARKER = "INCOMPLETE"
"""Name of a file that stands in the directory while it changes."""
MARKER_TEXT = (
    f"{MARK}: the last run of `tritonfleet generate` was interrupted; run it again.\n"
)
STAGED = ".tritonfleet-new"
"""How names of files end that are not yet in their places."""
MOST_DEPTH = 20
LARGEST = 10 * 1024 * 1024  # bytes
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Present:
    """What is in a directory: the paths of the files below it, and what a run that was killed left there."""

    directory: Path
    files: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()
    leftovers: tuple[str, ...] = ()
    """Paths of files that were staged and not renamed."""
    interrupted: bool = False
    """The marker is there: the run before this one did not come to its end."""

    def read(self, path: str, most: int) -> bytes:
        """The first `most` bytes of a file below the directory; fewer when it is shorter."""
        # Called for every file of an output directory: this takes half as long as `open`.
        descriptor = os.open(f"{self.directory}/{path}", _READ)
        try:
            return os.read(descriptor, most)
        finally:
            os.close(descriptor)

    def begins_with_mark(self, path: str) -> bool:
        """Whether a file is ours."""
        return self.read(path, len(MARK)) == MARK.encode()

    def read_all(self, path: str) -> bytes:
        """A whole file, or as much of it as anything of ours may have, with the line ends that Git stores."""
        return self.read(path, LARGEST).replace(b"\r\n", b"\n")

    def position(self, path: str = "") -> Position:
        """A place in the directory, which need not be inside a fleet."""
        return Position(str((self.directory / path).absolute()))


def look(directory: Path) -> Present:
    """Finds all files below a directory. Raises Invalid (TF061) for symbolic links, pipes and devices."""
    found = _Found([], [], {})
    _walk(str(directory), found)
    files = frozenset(found.files)
    directories = frozenset(found.directories)
    present = Present(directory, files, directories)
    if found.refused:
        raise Invalid(_not_allowed(present, found))
    return _told_apart(present)


def _told_apart(present: Present) -> Present:
    """Which of the files are somebody's, and which ones a run has left."""
    staged = [path for path in present.files if path.endswith(STAGED)]
    leftovers = tuple(path for path in staged if _is_leftover(path, present))
    files = present.files.difference(leftovers)
    interrupted = MARKER in files and present.begins_with_mark(MARKER)
    if interrupted:
        files -= {MARKER}
    return replace(present, files=files, leftovers=leftovers, interrupted=interrupted)


def _is_leftover(path: str, present: Present) -> bool:
    """Whether a run staged it: it is hidden, and holds as much of our text as the run came to write."""
    _, _, name = path.rpartition("/")
    if not name.startswith("."):
        return False
    begin = present.read(path, len(MARK))
    return MARK.encode().startswith(begin)


def staged_for(path: str) -> str:
    """Where a file is staged before it is renamed to its place."""
    directory, slash, name = path.rpartition("/")
    return f"{directory}{slash}.{name}{STAGED}"


def _not_allowed(present: Present, found: _Found) -> Iterator[Problem]:
    """TF061: what is neither a file nor a directory of its own."""
    for path, what in found.refused.items():
        position = present.position(path)
        yield Problem(position, "TF061", f"{what} in the output")


class _Found(NamedTuple):
    """What is below a directory: paths of files and directories, and why others are refused."""

    files: list[str]
    directories: list[str]
    refused: dict[str, str]


def _walk(top: str, found: _Found) -> None:
    """Adds what is below a directory. A list of what is left to do, as the depth is for others to choose."""
    left = [""]
    while left:
        prefix = left.pop()
        if prefix.count("/") > MOST_DEPTH:
            found.refused[prefix] = f"more than {MOST_DEPTH} directories in each other"
            continue
        with os.scandir(f"{top}/{prefix}") as entries:
            for entry in entries:
                path = prefix + entry.name
                if entry.is_symlink():
                    found.refused[path] = "a symbolic link"
                elif entry.is_dir():
                    found.directories.append(path)
                    left.append(path + "/")
                elif entry.is_file():
                    found.files.append(path)
                else:
                    found.refused[path] = "what is neither a file nor a directory"


def in_the_way(directory: Path, paths: Collection[str]) -> tuple[str, ...]:
    """Paths of files where something is, and of directories on the way to them where something else is; sorted."""
    taken = [path for path in paths if os.path.lexists(directory / path)]
    for path in directories_of(paths):
        if _is_no_directory(directory / path):
            taken.append(path)
    return tuple(sorted(taken))


def _is_no_directory(place: Path) -> bool:
    """Whether something else is there: a file, or a link, wherever it leads."""
    if place.is_symlink():
        return True
    return place.exists() and not place.is_dir()
