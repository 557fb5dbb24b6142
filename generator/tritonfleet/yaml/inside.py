"""Where a character of a text stands in the YAML file that holds the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tritonfleet.problem import Position
from tritonfleet.source import Source
from tritonfleet.values import KeyPath

_ESCAPES = {"x": 2, "u": 4, "U": 8}  # digits behind the letter
_NOT_SPACE = re.compile(r"[^ ]")


def inside(
    source: Source, path: KeyPath, text: str, line: int, column: int
) -> Position:
    """The place of a line and column of the text at `path`; of a folded text only where it begins."""
    begin = source.position(path)
    lines = source.text.split("\n")
    written = lines[begin.line - 1][begin.column - 1 :]
    style = written[:1]
    if style == "|":
        indentation = _indentation(text, lines[begin.line :])
        return Position(source.file, begin.line + line, indentation + column)
    if style == ">":
        return begin
    offset = _offset(text, line, column)
    width = _width(written, offset)
    if width is None:  # it goes on in another line of the file
        return begin
    return Position(source.file, begin.line, begin.column + width)


def _indentation(text: str, lines: list[str]) -> int:
    """Spaces before each line of a block, which are not its text's."""
    for own, written in zip(text.split("\n"), lines, strict=False):
        if own.strip(" "):
            return _spaces(written) - _spaces(own)
    return 0


def _spaces(line: str) -> int:
    match = _NOT_SPACE.search(line)
    return match.start() if match else len(line)


def _offset(text: str, line: int, column: int) -> int:
    """How many characters of the text stand before this one."""
    before = text.split("\n")[: line - 1]
    characters = sum(map(len, before))
    ends = len(before)
    return characters + ends + column - 1


def _width(written: str, offset: int) -> int | None:
    """Columns that so many characters take as they are written, with the quote before them; None if they do not end."""
    width = 1 if written[:1] in ("'", '"') else 0
    sizes = _sizes(written[width:], written[:1])
    for _ in range(offset):
        size = next(sizes, None)
        if size is None:
            return None
        width += size
    return width


def _sizes(written: str, quote: str) -> Iterator[int]:
    """Columns of each character."""
    index = 0
    while index < len(written):
        size = 1
        if quote == "'" and written[index] == "'":
            size = 2
        elif quote == '"' and written[index] == "\\":
            size = 2 + _ESCAPES.get(written[index + 1 : index + 2], 0)
        yield size
        index += size
