"""A fleet's files as a commit has them, in a directory of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from tritonfleet.history.git import ask, started, words
from tritonfleet.load import COMMITTED_CHARTS, charts_named_in
from tritonfleet.problem import Missing
from tritonfleet.yaml import MAXIMUM_BYTES

VALUES = "values"
# modes, as git writes them
_LINK = "120000"
_FILES = ("100644", "100755")
_NO_NAMES = {"", ".", "..", ".git"}


class _File(NamedTuple):
    """A file of a commit; `path` is relative to the fleet's root."""

    mode: str
    object_id: str
    path: str


@contextmanager
def unpacked(root: Path, commit: str) -> Iterator[Path]:
    """A directory with the fleet's lists and charts as the commit has them, for as long as the context lasts.

    A symbolic link stays one that leads nowhere, so that `load` judges it like any other. Raises Missing.
    """
    answer = ask(root, "rev-parse", "--show-prefix")
    prefix = words(answer.stdout)
    with TemporaryDirectory(prefix="tritonfleet-") as name:
        directory = Path(name)
        _unpack(root, commit, prefix, [VALUES, COMMITTED_CHARTS], directory)
        # Only the lists say which charts there are.
        charts = charts_named_in(directory)
        _unpack(root, commit, prefix, charts, directory)
        yield directory


def _unpack(
    root: Path, commit: str, prefix: str, paths: Iterable[str], directory: Path
) -> None:
    """Writes what is at `paths` of the commit, which are relative to the root, as `prefix` is to the repository."""
    found = list(files(root, commit, prefix, paths))
    regular = [file for file in found if file.mode in _FILES]
    texts = contents(root, regular)
    for file, content in zip(regular, texts, strict=True):
        place = _place(directory, file)
        place.write_bytes(content)
    for file in found:
        if file.mode == _LINK:
            place = _place(directory, file)
            place.symlink_to("nowhere")


def _place(directory: Path, file: _File) -> Path:
    """Where a file is to be, in a directory that is there."""
    place = directory / file.path
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def files(
    root: Path, commit: str, prefix: str, paths: Iterable[str]
) -> Iterator[_File]:
    """The files at `paths` of the commit. Raises Missing where git does not have them here."""
    wanted = [prefix + path for path in paths]
    if not wanted:  # without paths, git lists all files
        return
    done = ask(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *wanted)
    if done.returncode:
        raise Missing(words(done.stderr))
    for line in done.stdout.split(b"\0")[:-1]:
        file = _file(line, prefix)
        # Git itself makes no such names, but a tree that somebody made by hand may hold them.
        if _NO_NAMES.isdisjoint(file.path.split("/")):
            yield file


def _file(line: bytes, prefix: str) -> _File:
    """One line of `git ls-tree -z`: `<mode> <type> <id>`, a tab, and the path in the repository."""
    about, _, name = line.partition(b"\t")
    mode, _, object_id = about.decode().split()
    path = os.fsdecode(name).removeprefix(prefix)
    return _File(mode, object_id, path)


def contents(root: Path, files: Sequence[_File]) -> Iterator[bytes]:
    """The bytes of each file, of one too long for a list only as many as show that it is."""
    if not files:
        return
    with started(root, "cat-file", "--batch") as process:
        assert process.stdin
        assert process.stdout
        for file in files:
            process.stdin.write(f"{file.object_id}\n".encode())
            process.stdin.flush()
            yield _content(process.stdout, file)
        process.stdin.close()


def _content(answers: IO[bytes], file: _File) -> bytes:
    """One answer of `git cat-file --batch`: a line `<id> blob <bytes>`, the bytes, and a line's end."""
    header = answers.readline().decode().split()
    is_there = len(header) == 3 and header[1] == "blob"
    if not is_there:
        hint = "a partial clone fetches it with `git fetch --refetch`"
        raise Missing(f"git does not have the content of {file.path} here; {hint}")
    size = int(header[2])
    content = answers.read(min(size, MAXIMUM_BYTES + 1))
    _skip(answers, size - len(content))
    answers.read(1)
    return content


def _skip(answers: IO[bytes], count: int) -> None:
    """Reads bytes that nobody needs, a part at a time: a file may be larger than the memory."""
    while count:
        part = answers.read(min(count, MAXIMUM_BYTES))
        count -= len(part)
