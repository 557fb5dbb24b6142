"""What is in a directory that the program writes: its files, and traces of a run that was killed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

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
    present = Present(
        directory,
        files=frozenset(
            path for path in paths if not path.endswith(STAGED) and path != MARKER
        ),
        leftovers=tuple(path for path in paths if path.endswith(STAGED)),
        interrupted=MARKER in paths,
    )
    if links:
        message = "a symbolic link in the output"
        raise Invalid(
            Problem(present.position(link), "TF061", message) for link in links
        )
    return present


def _walk(directory: str, prefix: str, paths: list[str], links: list[str]) -> None:
    with os.scandir(directory) as entries:
        for entry in entries:
            path = prefix + entry.name
            if entry.is_symlink():
                links.append(path)
            elif entry.is_dir():
                _walk(entry.path, path + "/", paths, links)
            else:
                paths.append(path)
