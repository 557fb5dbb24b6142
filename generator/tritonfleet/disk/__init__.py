"""Files on disk: the only writer of the program, which knows no fleet.

A file is staged beside its place and renamed, so that its place never has half of a text, wherever a run is killed.
No symbolic link is followed below the directory that a caller names, and modes do not depend on the umask. Git is
the transaction around all of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tritonfleet.directories import Directory, by_directory, directories_of
from tritonfleet.disk.way import ENTER, Way
from tritonfleet.lock import in_silence, lock
from tritonfleet.output import Changes
from tritonfleet.parallel import in_parts
from tritonfleet.present import MARKER, MARKER_TEXT, STAGED, Present, in_the_way, look
from tritonfleet.problem import Invalid, Position, Problem

# Directories: below that a second process takes longer to start than it saves.
MANY = 500
_NOWHERE = -1  # the descriptor of a directory that does not exist
_STAGE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLLOW = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Place:
    """A locked directory: what is in it, and the descriptor through which it is changed."""

    present: Present
    root: int

    def apply(self, changes: Changes, texts: Mapping[str, str]) -> None:
        """Writes what is created or changed, path → text of `texts`, and removes what is removed.

        The marker stands in the directory from before the first change until after the last one. OSError passes, and
        then the marker stays: the next run does the whole again.
        """
        leftovers = self.present.leftovers
        if not (changes.any or leftovers):
            return
        written = [*changes.created, *changes.changed]
        directories = by_directory({path: texts[path] for path in written})
        with _our_modes(), _marked(self.root):
            _remove(self.root, leftovers)
            in_parts(partial(_fill, self.root), directories, MANY)
            _remove(self.root, changes.removed)


@contextmanager
def _marked(root: int) -> Iterator[None]:
    """The marker is there while the block runs, and stays when an exception ends it."""
    _put(root, MARKER, MARKER_TEXT)
    yield
    os.unlink(MARKER, dir_fd=root)


@contextmanager
def opened(
    directory: Path, *, exclusive: bool, when_waiting: Callable[[], None] = in_silence
) -> Iterator[Place]:
    """A directory, locked so that two runs follow each other; the lock leaves no file behind.

    `exclusive` is for one who writes: the directory is made when it is missing. For one who only looks a missing
    directory is an empty one. `when_waiting` is called when another run still has the lock after a moment.
    Raises Invalid (TF061) when it is no directory, or a symbolic link, or has one in it.
    """
    if exclusive:
        with suppress(FileExistsError):  # no directory: `locked` refuses it
            _make(directory)
    elif not os.path.lexists(directory):
        yield Place(Present(directory), _NOWHERE)
        return
    with locked(directory, when_waiting, exclusive=exclusive) as root:
        yield Place(look(directory), root)


@contextmanager
def locked(
    directory: Path, when_waiting: Callable[[], None], *, exclusive: bool = True
) -> Iterator[int]:
    """The descriptor of a directory that is locked as `opened` locks one. Raises Invalid (TF061) like it."""
    try:
        root = os.open(directory, ENTER)
    except OSError:
        message = "the output is no directory, or a symbolic link"
        raise Invalid([Problem(Position(str(directory)), "TF061", message)]) from None
    try:
        # Processes that are forked to write hold the lock too: it is free when the last one has ended.
        lock(root, exclusive=exclusive, when_waiting=when_waiting)
        yield root
    finally:
        os.close(root)


def create(directory: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Writes new files, path → text. Returns the paths that are in the way; if there is any, nothing is written.

    OSError passes, and then the files that were written are gone again: they would be in the way of the next try.
    """
    taken = in_the_way(directory, files)
    if taken:
        return taken
    try:
        write(directory, files)
    except OSError:
        with suppress(OSError):
            write(directory, {}, removed=files)
        raise
    return ()


def write(
    directory: Path, files: Mapping[str, str], removed: Collection[str] = ()
) -> None:
    """Writes files, path → text, over those that are there, then removes others. OSError passes.

    Makes the directory when it is missing.
    """
    _make(directory)
    root = os.open(directory, _FOLLOW)
    try:
        with _our_modes():
            _fill(root, by_directory(files))
            _remove(root, removed)
    finally:
        os.close(root)


def _make(directory: Path) -> None:
    with _our_modes():
        directory.mkdir(parents=True, exist_ok=True)


@contextmanager
def _our_modes() -> Iterator[None]:
    """New files are for all to read and for their owner to write, whatever the umask of the user."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _fill(root: int, directories: Iterable[Directory]) -> list[None]:
    """Writes files. To do it again changes nothing, so that a process may take over from one that was killed."""
    with closing(Way(root)) as way:
        for path, files in directories:
            _fill_one(way, path, files)
    return []


def _fill_one(way: Way, path: str, files: Mapping[str, str]) -> None:
    """Writes the files of one directory, name → text. An OSError says which directory it is."""
    try:
        directory = way.enter(path)
        for name, text in files.items():
            _put(directory, name, text)
    except OSError as error:
        error.filename = path or error.filename  # it knows a name at most, not where
        raise


def _put(directory: int, name: str, text: str) -> None:
    """A file with its whole text, or as it was before."""
    staged = f".{name}{STAGED}"
    _write_new(directory, staged, text.encode())
    os.rename(staged, name, src_dir_fd=directory, dst_dir_fd=directory)


def _write_new(directory: int, name: str, content: bytes) -> None:
    """Writes a file under a name that is not its own yet. What a full disk leaves of it goes."""
    descriptor = _stage(directory, name)
    try:
        _write_all(descriptor, content)
    except OSError as error:  # a full disk: half of a text is of no use
        os.unlink(name, dir_fd=directory)
        error.filename = name.removeprefix(".").removesuffix(STAGED)
        raise
    finally:
        os.close(descriptor)


def _stage(directory: int, name: str) -> int:
    """The descriptor of a new file."""
    try:
        return _new_file(directory, name)
    except FileExistsError:  # a process that was killed left it
        os.unlink(name, dir_fd=directory)
        return _new_file(directory, name)


def _new_file(directory: int, name: str) -> int:
    return os.open(name, _STAGE, 0o644, dir_fd=directory)


def _write_all(descriptor: int, content: bytes) -> None:
    """Writes all bytes, however many calls it takes."""
    # `os.write` may take less than it is given.
    left = memoryview(content)
    while left:
        count = os.write(descriptor, left)
        left = left[count:]


def _remove(root: int, paths: Collection[str]) -> None:
    """Removes files, and the directories that this leaves empty."""
    with closing(Way(root)) as way:
        for path in sorted(paths):
            # Of leftovers the marker's own was just renamed.
            with suppress(FileNotFoundError):
                way.remove_file(path)
        # What is inside comes before what is around it.
        for path in sorted(directories_of(paths), reverse=True):
            with suppress(OSError):  # something is left in it
                way.remove_directory(path)
