"""Problems as Markdown, for the summary of a step on GitHub, which holds a mebibyte."""

from __future__ import annotations

from pathlib import Path

from tritonfleet.problem import Problem
from tritonfleet.report.markdown import Section, page
from tritonfleet.report.problems import counted, errors_first, line

MARK = "<!-- tritonfleet-validate -->"
MOST = 1024 * 1024  # bytes


def markdown(problems: list[Problem], root: Path) -> str:
    """All problems that fit, errors first, and how many do not."""
    title = counted(problems) or "No problems"
    in_order = errors_first(problems)
    lines = [line(problem, root).rstrip("\n") for problem in in_order]
    section = Section("Problems", lines, is_folded=False)
    return page(MARK, title, [section], MOST, "`tritonfleet validate` shows them")
