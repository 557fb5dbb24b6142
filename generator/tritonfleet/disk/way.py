"""The way to a file: directories as descriptors, entered one by one, so that no symbolic link is followed."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress

ENTER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW


class Way:
    """The way from a root down to the directory that was entered last, as descriptors.

    Who enters directories in order opens each of them once. No symbolic link is followed on the way.
    """

    def __init__(self, root: int) -> None:
        self._names: list[str] = []
        self._descriptors = [root]  # one more than names

    def enter(self, path: str) -> int:
        """The descriptor of a directory, which is made when it is missing; it is open until another one is entered."""
        names = path.split("/") if path else []
        while self._names != names[: len(self._names)]:
            self._leave()
        for name in names[len(self._names) :]:
            self._go_on(name)
        return self._descriptors[-1]

    def remove_file(self, path: str) -> None:
        """Removes a file. Raises FileNotFoundError when it is not there."""
        directory, name = posixpath.split(path)
        os.unlink(name, dir_fd=self.enter(directory))

    def remove_directory(self, path: str) -> None:
        """Removes a directory. Raises OSError when something is left in it."""
        directory, name = posixpath.split(path)
        os.rmdir(name, dir_fd=self.enter(directory))

    def close(self) -> None:
        """Leaves all directories but the root, which is the caller's."""
        while self._names:
            self._leave()

    def _go_on(self, name: str) -> None:
        here = self._descriptors[-1]
        self._descriptors.append(_enter(here, name))
        self._names.append(name)

    def _leave(self) -> None:
        self._names.pop()
        os.close(self._descriptors.pop())


def _enter(directory: int, name: str) -> int:
    """The descriptor of a directory's own directory, which is made when it is missing."""
    try:
        return os.open(name, ENTER, dir_fd=directory)
    except FileNotFoundError:
        with suppress(FileExistsError):  # another process of this run needed it, too
            os.mkdir(name, 0o755, dir_fd=directory)
        return os.open(name, ENTER, dir_fd=directory)
