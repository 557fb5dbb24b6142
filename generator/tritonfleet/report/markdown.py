"""Markdown for GitHub and GitLab, in which text that somebody else wrote stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tritonfleet.visible import visible

LONGEST_LINE = 1000  # characters
_BACKTICKS = re.compile("`+")


class Section(NamedTuple):
    """Lines below a title, which is ours; folded ones open with a click."""

    title: str
    lines: Sequence[str]
    language: str = "text"
    is_folded: bool = True


def page(
    mark: str, title: str, sections: Iterable[Section], most: int, elsewhere: str
) -> str:
    """A page of at most `most` bytes. A section that is longer than its share is cut, and says how many lines it lost.

    `elsewhere` says who has these. What one section leaves of its share, the ones after it have.
    """
    text = f"{mark}\n### {title}\n"
    left = [section for section in sections if section.lines]
    while left:
        share = (most - _size(text)) // len(left)
        text += _section(left.pop(0), share, elsewhere)
    return text


def _section(section: Section, most: int, elsewhere: str) -> str:
    """A section in at most `most` bytes: a fenced block, in which nothing is Markdown, HTML or a mention."""
    lines = [visible(line)[:LONGEST_LINE] for line in section.lines]
    fence = _fence(lines)
    begin, end = _around(section, fence)
    # The line that says what was cut has room, too.
    around = _size(begin) + _size(end) + 100
    kept = _fitting(lines, most - around)
    cut = len(lines) - len(kept)
    if cut:
        kept.append(f"… {cut} more lines; {elsewhere}")
    text = "".join(f"{line}\n" for line in kept)
    return f"{begin}{text}{end}"


def _fence(lines: Iterable[str]) -> str:
    """Backticks, more of them than any line has: those would end it."""
    length = 3
    for line in lines:
        for run in _BACKTICKS.findall(line):
            length = max(length, len(run) + 1)
    return "`" * length


def _around(section: Section, fence: str) -> tuple[str, str]:
    """What a section begins and ends with."""
    begin = f"\n{fence}{section.language}\n"
    end = f"{fence}\n"
    if not section.is_folded:
        return begin, end
    summary = f"\n<details><summary>{section.title}</summary>\n"
    return summary + begin, end + "\n</details>\n"


def _fitting(lines: Iterable[str], most: int) -> list[str]:
    """As many of the first lines as fit."""
    kept: list[str] = []
    for line in lines:
        most -= _size(line) + 1
        if most < 0:
            break
        kept.append(line)
    return kept


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
