"""Lines of a text, found from a place in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE_END = re.compile(r"\r?\n|\Z")
_COMMENT = re.compile(r"\s*#")


class Line(NamedTuple):
    """A line without its line break, and where it begins."""

    begin: int
    text: str

    @property
    def end(self) -> int:
        """Where its line break is."""
        return self.begin + len(self.text)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be seen in it."""
        return not self.text.strip()

    @property
    def column_of_comment(self) -> int:
        """Where its comment begins; -1 where it has none, or something before it."""
        if _COMMENT.match(self.text):
            return self.text.index("#")
        return -1


def lines_above(text: str, offset: int) -> Iterator[Line]:
    """The lines before the one that has this place in it, the nearest one first."""
    begin = begin_of_line(text, offset)
    while begin > 0:
        begin = begin_of_line(text, begin - 1)
        yield Line(begin, line_at(text, begin))


def lines_below(text: str, offset: int) -> Iterator[Line]:
    """The lines behind the one that has this place in it, the nearest one first."""
    begin = next_line(text, offset)
    while begin < len(text):
        yield Line(begin, line_at(text, begin))
        begin = next_line(text, begin)


def begin_of_line(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def end_of_line(text: str, offset: int) -> int:
    """Where the line ends that has this place in it: before its line break."""
    found = _LINE_END.search(text, offset)
    return found.start() if found else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the next line begins; the end of the text behind its last line."""
    found = _LINE_END.search(text, offset)
    return found.end() if found else len(text)


def line_at(text: str, offset: int) -> str:
    """The line that has this place in it, without its line break."""
    return text[begin_of_line(text, offset) : end_of_line(text, offset)]


def before_in_line(text: str, offset: int) -> str:
    """What its line has before a place."""
    return text[begin_of_line(text, offset) : offset]


def column_of(text: str, offset: int) -> int:
    """How many characters of its line are before a place."""
    return offset - begin_of_line(text, offset)


def line_end(text: str, offset: int) -> str:
    """The line break of the line; that of the first line, where this is the last one and has none."""
    for place in (offset, 0):
        found = _LINE_END.search(text, place)
        if found and found[0]:
            return found[0]
    return "\n"
