"""Problems as a Code Climate report, which GitLab shows in merge requests: https://docs.gitlab.com/ci/testing/code_quality/."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from tritonfleet.problem import ERROR, Problem
from tritonfleet.report.problems import for_programs
from tritonfleet.report.shared import shown
from tritonfleet.visible import visible


def codeclimate(problems: list[Problem], root: Path) -> str:
    """A list of issues. It has no place for anything else: the last issue says that there are more."""
    told = for_programs(problems, lambda problem: _issue(problem, root))
    issues = told.items
    if told.is_truncated:
        more = len(problems) - len(issues)
        issues.append(_and_more(issues[-1], more))
    _number_equal_ones(issues)
    return json.dumps(issues, indent=2) + "\n"


def _issue(problem: Problem, root: Path) -> dict[str, Any]:
    """One problem as GitLab takes it."""
    code = problem.code
    position = problem.position
    file = visible(shown(position.file, root))
    words = visible(problem.text)
    return {
        "description": words,
        "check_name": code,
        "fingerprint": _fingerprint(file, code, words),
        "severity": "major" if problem.severity == ERROR else "minor",
        "location": {"path": file, "lines": {"begin": position.line}},
    }


def _fingerprint(*parts: str) -> str:
    """By this GitLab knows an issue again: a line that moved makes it no new one."""
    together = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(together).hexdigest()


def _and_more(last: dict[str, Any], count: int) -> dict[str, Any]:
    words = f"there are {count} more problems than a report holds"
    fingerprint = _fingerprint("", "TF059", "more")
    return {
        **last,
        "description": words,
        "check_name": "TF059",
        "fingerprint": fingerprint,
        "severity": "info",
    }


def _number_equal_ones(issues: list[dict[str, Any]]) -> None:
    """GitLab drops issues with a fingerprint that it has seen: the same words on several lines get one each."""
    seen: Counter[str] = Counter()
    for issue in issues:
        fingerprint = issue["fingerprint"]
        seen[fingerprint] += 1
        count = seen[fingerprint]
        if count > 1:
            issue["fingerprint"] = _fingerprint(fingerprint, str(count))
