"""The files below a fleet's root: which there are, and what is in them. No symbolic link is followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tritonfleet.problem import Invalid, Position, Problem

# People who write such a file may think that it is read.
NEARLY_YAML = frozenset({".yml", ".json"})


def yaml_files(
    root: Path, directory: str, problems: list[Problem], *, deep: bool = True
) -> Iterator[str]:
    """The .yaml files of a directory, sorted and relative to `root`; with `deep` those of its directories too.

    A file that would be left unread in silence is added to `problems`.
    """
    top = root / directory
    for path in sorted(top.rglob("*")):
        file = path.relative_to(root).as_posix()
        if not deep and path.parent != top and path.suffix == ".yaml":
            problems.append(_too_deep(file, f"{directory}/{path.name}"))
        elif path.is_symlink():
            problems.append(_symbolic_link(file))
        elif path.suffix in NEARLY_YAML:
            problems.append(_other_ending(file, path.suffix))
        elif path.suffix == ".yaml" and path.is_file():
            yield file


def _too_deep(file: str, expected: str) -> Problem:
    return _problem(file, "a file in a subdirectory is not read", expected)


def _other_ending(file: str, ending: str) -> Problem:
    message = f"a {ending} file is not read"
    return _problem(file, message, "a file that ends in .yaml")


def _symbolic_link(file: str) -> Problem:
    expected = "a file; links are not followed"
    return _problem(file, "a symbolic link", expected)


def content(root: Path, file: str) -> bytes:
    """The bytes of a file. Raises Invalid when it cannot be read, or only by a symbolic link."""
    if behind_link(root, file):
        raise Invalid([_symbolic_link(file)])
    try:
        return (root / file).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Invalid([_problem(file, f"cannot be read: {reason.lower()}")]) from None


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
