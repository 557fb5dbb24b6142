"""Lines of a text, found from a place in it."""

from __future__ import annotations

import re

_LINE_END = re.compile(r"\r?\n|\Z")


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
