"""Which directories the paths of files lead through: pure text, `/` between names."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Directory: TypeAlias = tuple[str, Mapping[str, str]]
"""A directory's path and its files, name → text."""


def directories_of(paths: Iterable[str]) -> set[str]:
    """The directories that files are in, and those around them."""
    directories: set[str] = set()
    for path in paths:
        above = posixpath.dirname(path)
        while above:
            directories.add(above)
            above = posixpath.dirname(above)
    return directories


def by_directory(files: Mapping[str, str]) -> list[Directory]:
    """Files, path → text, by their directory; sorted, so that neighbours share most of the way to them."""
    directories: dict[str, dict[str, str]] = defaultdict(dict)
    for path, text in files.items():
        directory, name = posixpath.split(path)
        texts = directories[directory]
        texts[name] = text
    return sorted(directories.items())
