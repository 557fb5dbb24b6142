"""Problems in every form: for people, and for the programs that show them to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tritonfleet.problem import Problem
from tritonfleet.report.codeclimate import codeclimate
from tritonfleet.report.junit import junit
from tritonfleet.report.problems import github, json_text, text
from tritonfleet.report.problems_markdown import markdown
from tritonfleet.report.sarif import sarif
from tritonfleet.validate.secrets import has_secret, without_secrets

FORMS: Mapping[str, Callable[[list[Problem], Path], str]] = {
    "text": text,
    "json": json_text,
    "github": github,
    "sarif": sarif,
    "junit": junit,
    "codeclimate": codeclimate,
    "markdown": markdown,
}


def in_form(problems: Iterable[Problem], form: str, root: Path) -> str:
    """Problems in one of FORMS; files are named as seen from the current directory. "" when there are none.

    What people read ends after MOST_LINES with counts, what programs read after MOST_ITEMS or MOST_CHARACTERS, and
    says so.
    """
    discreet = [_discreet(problem) for problem in problems]
    return FORMS[form](discreet, root)


def _discreet(problem: Problem) -> Problem:
    """The problem without what looks like a secret: what a name or a value holds, a log must not."""
    if not has_secret(problem.text):
        return problem
    return replace(
        problem,
        message=without_secrets(problem.message),
        expected=without_secrets(problem.expected),
        hint=without_secrets(problem.hint),
        subject=without_secrets(problem.subject),
    )
