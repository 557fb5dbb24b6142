"""Directories of models as they lie on a disk: which files there are, and the texts of those that can be checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tritonfleet.problem import WARNING, Invalid, Position, Problem

CONFIG = "config.pbtxt"
MOST_MODELS = 10_000
MOST_ENTRIES = 10_000  # of one directory
MOST_BYTES = 2_000_000  # of one text
MOST_DEPTH = 3  # below a model: what a file of weights has beside it, nobody asks
TEXTS = (CONFIG, ".py", ".json")
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Repository:
    """The models of a directory: by name, their files with the texts that were read, and what was not read."""

    models: dict[str, dict[str, str | None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_model: bool = False
    """The directory is one model's, and not a repository."""

    def file(self, model: str, path: str) -> str:
        """A model's file, from the directory on."""
        if self.is_model:
            return path or "."
        return f"{model}/{path}" if path else model


def read_repository(directory: Path) -> Repository:
    """Reads a directory of models, or of one. Raises Invalid when it is none, or too large. No link out is followed."""
    if not directory.is_dir():
        raise Invalid([_problem("", "it is not a directory")])
    root = directory.resolve()
    if (directory / CONFIG).exists():
        repository = Repository(is_model=True)
        repository.models[root.name] = _files(root, root, repository)
        return repository
    repository = Repository()
    for name in _names(root, repository, ""):
        if (root / name).is_dir():
            _add_model(root, name, repository)
    require_some_models(repository)
    return repository


def _add_model(root: Path, name: str, repository: Repository) -> None:
    """Adds a directory of a repository as a model, or to the problems."""
    path = root / name
    if name.startswith("."):
        add_hidden(repository, [name])
    elif _is_inside(root, path, name, repository):
        repository.models[name] = _files(root, path, repository)


def require_some_models(repository: Repository) -> None:
    """Raises Invalid for a repository with none, or with more than is checked."""
    count = len(repository.models)
    if count > MOST_MODELS:
        raise Invalid([_problem("", f"there are more than {MOST_MODELS} models")])
    if not count:
        message = "there is no model: no directory with files in it"
        raise Invalid([_problem("", message)])


def _files(root: Path, model: Path, repository: Repository) -> dict[str, str | None]:
    """All paths in a model's directory; one of a directory ends with a slash."""
    files: dict[str, str | None] = {}
    ahead = [""]  # directories, each with a slash behind its name
    while ahead:
        directory = ahead.pop()
        if directory.count("/") >= MOST_DEPTH:
            continue
        shown = (model / directory).relative_to(root).as_posix()
        for name in _names(model / directory, repository, shown):
            path = f"{directory}{name}"
            place = model / path
            if place.is_dir() and not place.is_symlink():
                files[f"{path}/"] = None
                ahead.append(f"{path}/")
            else:
                files[path] = _text(root, place, repository)
    return files


def _names(directory: Path, repository: Repository, shown: str) -> Iterator[str]:
    """What is in a directory, up to a number; where that is not all, or nothing can be read, a problem says so."""
    problems = repository.problems
    try:
        with os.scandir(directory) as entries:
            for number, entry in enumerate(entries):
                if number == MOST_ENTRIES:
                    message = f"there are more than {MOST_ENTRIES} files"
                    problems.append(_problem(shown, message))
                    return
                yield entry.name
    except OSError as error:
        problems.append(_unread(shown, error))


def _text(root: Path, path: Path, repository: Repository) -> str | None:
    """The text of a file that can be checked."""
    if not path.name.endswith(TEXTS):
        return None
    shown = path.relative_to(root).as_posix()
    if not _is_inside(root, path, shown, repository):
        return None
    try:
        data = _data(path)
    except OSError as error:
        repository.problems.append(_unread(shown, error))
        return None
    if data is None:
        message = f"it is no file of at most {MOST_BYTES} bytes, so it was not read"
        repository.problems.append(_problem(shown, message))
        return None
    return data.decode("utf-8", errors="replace")


def _data(path: Path) -> bytes | None:
    """The bytes of a file; None for what is none, or a very large one. Raises OSError."""
    with open(os.open(path, _READ), "rb") as stream:  # noqa: PTH123 -- a descriptor
        size = os.fstat(stream.fileno()).st_size
        if path.is_file() and size <= MOST_BYTES:
            return stream.read(MOST_BYTES)
    return None


def _is_inside(root: Path, path: Path, shown: str, repository: Repository) -> bool:
    """Whether a link stays in the directory; what is elsewhere may not be there for the server."""
    if not path.is_symlink():
        return True
    try:
        is_inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a link to itself
        is_inside = False
    if not is_inside:
        message = "a symbolic link that leads out of the directory was not followed"
        repository.problems.append(_problem(shown, message, WARNING))
    return is_inside


def add_hidden(repository: Repository, names: Iterable[str]) -> None:
    """Adds those of the names that begin with a dot to the problems."""
    for name in sorted(names):
        if name.startswith("."):
            message = "Triton takes a hidden directory for a model, and does not start"
            repository.problems.append(_problem(name, message, WARNING))


def _unread(shown: str, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    return _problem(shown, f"cannot be read: {reason}")


def _problem(shown: str, message: str, severity: str = "error") -> Problem:
    return Problem(Position(shown or "."), "TF014", message, severity=severity)
