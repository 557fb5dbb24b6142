"""The files below a fleet's root: which there are, and what is in them. No symbolic link is followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tritonfleet.problem import WARNING, Invalid, Position, Problem
from tritonfleet.visible import INVISIBLE
from tritonfleet.yaml import MAXIMUM_BYTES, too_many_bytes

MOST_DEPTH = 20  # directories in each other
MOST_FILES = 50_000  # in a directory and below it
# People who write such a file may think that it is read; whatever the case of its letters.
_NEARLY_YAML = (".yaml", ".yml", ".json")
# A pipe without a writer would be waited for.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def yaml_files(
    root: Path, directory: str, problems: list[Problem], *, deep: bool = True
) -> Iterator[str]:
    """The .yaml files of a directory, sorted and relative to `root`; with `deep` those of its directories too.

    A file that would be left unread in silence is added to `problems`.
    """
    top = PurePosixPath(directory)
    for file in files_below(root, directory, problems):
        path = PurePosixPath(file)
        if INVISIBLE.search(file):
            problems.append(_unreadable_name(file))
        elif not path.name.endswith(".yaml") or path.name == ".yaml":
            problems += _not_read(path)
        elif deep or path.parent == top:
            yield file
        else:
            expected = f"{directory}/{path.name}"
            problems.append(_in_subdirectory(file, expected))


def _not_read(path: PurePosixPath) -> Iterator[Problem]:
    """A problem of a file with another name than .yaml files have, where people may think that it is one."""
    name = path.name.lower()
    if name.endswith(_NEARLY_YAML):
        yield _other_ending(str(path), path.suffix or path.name)
    elif ".yaml" in name:
        yield _copy(str(path))


def files_below(root: Path, directory: str, problems: list[Problem]) -> list[str]:
    """The regular files of a directory and of those in it, sorted and relative to `root`; none where there is none.

    Whatever else is there, or cannot be looked at, is added to `problems`.
    """
    is_there = os.path.lexists(root / directory)
    if not is_there:
        return []
    if behind_link(root, directory):
        problems.append(_symbolic_link(directory))
        return []
    found: list[str] = []
    ahead = [directory]
    while ahead and len(found) <= MOST_FILES:
        next_one = ahead.pop()
        ahead += _look(root, next_one, found, problems)
    if len(found) > MOST_FILES:
        message = f"there are more than {MOST_FILES} files here and below"
        problems.append(_problem(directory, message))
    return sorted(found, key=_in_order)


def _in_order(file: str) -> list[str]:
    return file.split("/")


def _look(
    root: Path, directory: str, found: list[str], problems: list[Problem]
) -> Iterator[str]:
    """Adds the files of one directory to `found`; yields the directories in it."""
    if directory.count("/") > MOST_DEPTH:
        message = f"directories are nested more than {MOST_DEPTH} deep"
        problems.append(_problem(directory, message))
        return
    try:
        with os.scandir(root / directory) as entries:
            for entry in entries:
                path = f"{directory}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    yield path
                elif entry.is_file(follow_symlinks=False):
                    found.append(path)
                elif entry.is_symlink():
                    problems.append(_symbolic_link(path))
                else:
                    problems.append(_no_file(path))
    except OSError as error:
        problems.append(_unreadable(directory, error))


def _unreadable_name(file: str) -> Problem:
    """Generated files name their list in a comment, which no reader of YAML would take."""
    message = "the name has a character that cannot be seen, or is not UTF-8"
    return _problem(file, message, "a name of visible characters")


def _in_subdirectory(file: str, expected: str) -> Problem:
    return _problem(file, "a file in a subdirectory is not read", expected)


def _other_ending(file: str, ending: str) -> Problem:
    message = f"a {ending} file is not read"
    return _problem(file, message, "a file that ends in .yaml")


def _copy(file: str) -> Problem:
    """Editors and merge tools leave them; they hurt nobody, but somebody may miss what is in them."""
    message = "a file that does not end in .yaml is not read"
    return Problem(Position(file), "TF026", message, hint="remove it", severity=WARNING)


def _symbolic_link(file: str) -> Problem:
    expected = "a file; links are not followed"
    return _problem(file, "a symbolic link", expected)


def _no_file(file: str) -> Problem:
    return _problem(file, "no file but a pipe, a socket or a device", "a file")


def _unreadable(file: str, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    return _problem(file, f"cannot be read: {reason.lower()}")


def content(root: Path, file: str) -> bytes:
    """The bytes of a file. Raises Invalid when it cannot be read, only by a symbolic link, or is very large."""
    if behind_link(root, file):
        raise Invalid([_symbolic_link(file)])
    try:
        descriptor = os.open(root / file, _READ)
        with open(descriptor, "rb") as stream:  # noqa: PTH123 -- a descriptor
            about = os.fstat(descriptor)
            _refuse_unlike_a_file(file, about)
            # Not more, should it grow meanwhile.
            return stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise Invalid([_unreadable(file, error)]) from None


def _refuse_unlike_a_file(file: str, about: os.stat_result) -> None:
    """Raises Invalid for what is no file, or too large a one, before any of it is read."""
    if not stat.S_ISREG(about.st_mode):
        raise Invalid([_no_file(file)])
    if about.st_size > MAXIMUM_BYTES:
        problem = too_many_bytes(about.st_size)
        raise Invalid([problem.at(Position(file))])


def behind_link(root: Path, file: str) -> bool:
    """Whether a file or a directory on the way to it, below `root`, is a symbolic link."""
    path = root
    for part in PurePosixPath(file).parts:
        path /= part
        if path.is_symlink():
            return True
    return False


def _problem(file: str, message: str, expected: str = "") -> Problem:
    return Problem(Position(file), "TF014", message, expected)
