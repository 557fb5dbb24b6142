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
_LINK, _FILES = "120000", ("100644", "100755")


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
    prefix = words(ask(root, "rev-parse", "--show-prefix").stdout)
    with TemporaryDirectory(prefix="tritonfleet-") as name:
        directory = Path(name)
        _unpack(root, commit, prefix, [VALUES, COMMITTED_CHARTS], directory)
        _unpack(root, commit, prefix, charts_named_in(directory), directory)
        yield directory


def _unpack(
    root: Path, commit: str, prefix: str, paths: Iterable[str], directory: Path
) -> None:
    """Writes what is at `paths` of the commit, which are relative to the root, as `prefix` is to the repository."""
    files = [*_files(root, commit, prefix, paths)]
    regular = [file for file in files if file.mode in _FILES]
    for file, content in zip(regular, _contents(root, regular), strict=True):
        place = directory / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    for file in files:
        if file.mode == _LINK:
            place = directory / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to("nowhere")


def _files(
    root: Path, commit: str, prefix: str, paths: Iterable[str]
) -> Iterator[_File]:
    wanted = [prefix + path for path in paths]
    if not wanted:
        return
    done = ask(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *wanted)
    if done.returncode:
        raise Missing(words(done.stderr))
    for line in done.stdout.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, object_id = about.decode().split()
        path = os.fsdecode(name).removeprefix(prefix)
        # Git itself makes no such names, but a tree that somebody made by hand may hold them.
        if {"", ".", "..", ".git"}.isdisjoint(path.split("/")):
            yield _File(mode, object_id, path)


def _contents(root: Path, files: Sequence[_File]) -> Iterator[bytes]:
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
    words = answers.readline().decode().split()
    if len(words) != 3 or words[1] != "blob":
        hint = "a partial clone fetches it with `git fetch --refetch`"
        raise Missing(f"git does not have the content of {file.path} here; {hint}")
    left = int(words[2])
    content = answers.read(min(left, MAXIMUM_BYTES + 1))
    left -= len(content)
    while left:
        left -= len(answers.read(min(left, MAXIMUM_BYTES)))
    answers.read(1)
    return content
