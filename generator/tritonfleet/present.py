"""What is in a directory that the program writes: its files, and traces of a run that was killed."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tritonfleet.directories import directories_of
from tritonfleet.problem import Invalid, Position, Problem

MARKER = "INCOMPLETE"
"""Name of a file that stands in the directory while it changes."""
STAGED = ".tritonfleet-new"
"""How names of files end that are not yet in their places."""
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Present:
    """What is in a directory: the paths of the files below it, and what a run that was killed left there."""

    directory: Path
    files: frozenset[str] = frozenset()
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

    def read_all(self, path: str) -> bytes:
        """A whole file."""
        return (self.directory / path).read_bytes()

    def position(self, path: str = "") -> Position:
        """A place in the directory, which need not be inside a fleet."""
        return Position(str((self.directory / path).absolute()))


def look(directory: Path) -> Present:
    """Finds all files below a directory. Raises Invalid (TF061) for symbolic links."""
    paths: list[str] = []
    links: list[str] = []
    _walk(str(directory), "", paths, links)
    staged = tuple(path for path in paths if path.endswith(STAGED))
    files = frozenset(paths).difference(staged, [MARKER])
    present = Present(directory, files, staged, interrupted=MARKER in paths)
    if links:
        raise Invalid(_symbolic_link(present, link) for link in links)
    return present


def _symbolic_link(present: Present, path: str) -> Problem:
    return Problem(present.position(path), "TF061", "a symbolic link in the output")


def _walk(directory: str, prefix: str, paths: list[str], links: list[str]) -> None:
    """Adds what is below a directory; `prefix` is its path below the top, "" or with a slash at its end."""
    with os.scandir(directory) as entries:
        for entry in entries:
            path = prefix + entry.name
            if entry.is_symlink():
                links.append(path)
            elif entry.is_dir():
                _walk(entry.path, path + "/", paths, links)
            else:
                paths.append(path)


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
