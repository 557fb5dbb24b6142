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
MOST = 65_536
"""GitHub takes so many characters; we count bytes, which are no fewer."""


def markdown(difference: Difference, root: Path) -> str:
    """For a pull request or a merge request."""
    sums = difference.sums
    values: list[str] = []
    follows: list[str] = []
    for each in sums:
        values += [f"{each.environment}:", *values_lines(each, difference, root)]
        follows += [f"{each.environment}:", *follows_lines(each, difference)]
    first = heading(difference)
    for each in sums:
        first += ["", *sums_lines(each)]
    sections = [
        Section("", first, is_folded=False),
        Section("Values, and where they are said", values),
        Section("What follows, release by release", follows),
        Section("Objects", list(objects_diff(difference)), "diff"),
    ]
    return page(
        MARK, _title(difference), sections, MOST, "`tritonfleet diff` shows them"
    )


def _title(difference: Difference) -> str:
    if not difference.releases:
        return "No release differs"
    differ = number(len(difference.releases), "release")
    verb = "differs" if len(difference.releases) == 1 else "differ"
    restarts = sum(len(each.restarted) for each in difference.sums)
    return f"{differ} {verb}, the pods of {restarts or 'none'} restart"
