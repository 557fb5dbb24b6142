"""What a change does to releases, as a comment of a pull request: sums first, all else folded."""

from __future__ import annotations

from pathlib import Path

from tritonfleet.comparison import Difference
from tritonfleet.report.difference import (
    follows_lines,
    heading,
    objects_diff,
    sums_lines,
    values_lines,
)
from tritonfleet.report.markdown import Section, page
from tritonfleet.report.shared import number

MARK = "<!-- tritonfleet-diff -->"
"""By this line a bot finds the comment that it writes anew."""
ELSEWHERE = "`tritonfleet diff` shows them"
"""Who has the lines for which the page has no room."""
MOST = 65_536
"""GitHub takes so many characters; we count bytes, which are no fewer."""


def markdown(difference: Difference, root: Path) -> str:
    """For a pull request or a merge request."""
    sections = _sections(difference, root)
    return page(MARK, _title(difference), sections, MOST, ELSEWHERE)


def _sections(difference: Difference, root: Path) -> list[Section]:
    """The sums, which everybody sees, and what opens with a click."""
    first = heading(difference)
    values: list[str] = []
    follows: list[str] = []
    for sums in difference.sums:
        environment = f"{sums.environment}:"
        first += ["", *sums_lines(sums)]
        values += [environment, *values_lines(sums, difference, root)]
        follows += [environment, *follows_lines(sums, difference)]
    objects = list(objects_diff(difference))
    return [
        Section("", first, is_folded=False),
        Section("Values, and where they are said", values),
        Section("What follows, release by release", follows),
        Section("Objects", objects, "diff"),
    ]


def _title(difference: Difference) -> str:
    if not difference.releases:
        return "No release differs"
    count = len(difference.releases)
    verb = "differs" if count == 1 else "differ"
    restarts = sum(len(each.restarted) for each in difference.sums)
    pods = f"the pods of {restarts or 'none'} restart"
    return f"{number(count, 'release')} {verb}, {pods}"
