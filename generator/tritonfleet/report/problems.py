"""Problems for people (text), for programs (json) and as annotations of the lines that are wrong (github)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tritonfleet.problem import ERROR, WARNING, Problem
from tritonfleet.report.shared import number, place, shown, to_json

# Characters that would end an annotation, or one of its properties.
ENDS_TEXT = frozenset("%\r\n")
ENDS_PROPERTY = ENDS_TEXT | frozenset(":,")


def in_form(problems: Iterable[Problem], form: str, root: Path) -> str:
    """All problems in one of FORMS; files are named as seen from the current directory. "" when there are none."""
    return FORMS[form](list(problems), root)


def counted(problems: Iterable[Problem]) -> str:
    """How many errors and how many warnings."""
    counts = Counter(problem.severity for problem in problems)
    there_are = [severity for severity in (ERROR, WARNING) if counts[severity]]
    return ", ".join(number(counts[severity], severity) for severity in there_are)


def _text(problems: list[Problem], root: Path) -> str:
    return "".join(_line(problem, root) for problem in problems)


def _line(problem: Problem, root: Path) -> str:
    """A problem as compilers write theirs; only a warning says what it is."""
    severity = "warning: " if problem.severity == WARNING else ""
    said = f"{problem.code} {severity}{problem.text}"
    return f"{place(problem.position, root)}: {said}\n"


def _json(problems: list[Problem], root: Path) -> str:
    return to_json({"problems": [_item(problem, root) for problem in problems]})


def _item(problem: Problem, root: Path) -> dict[str, Any]:
    position = problem.position
    return {
        "file": shown(position.file, root),
        "line": position.line,
        "column": position.column,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "expected": problem.expected,
        "hint": problem.hint,
        "model": problem.subject,
    }


def _github(problems: list[Problem], root: Path) -> str:
    return "".join(_annotation(problem, root) for problem in problems)


def _annotation(problem: Problem, root: Path) -> str:
    """A workflow command: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions."""
    position = problem.position
    properties = {
        "file": _escaped(shown(position.file, root), ENDS_PROPERTY),
        "line": position.line,
        "col": position.column,
        "title": problem.code,
    }
    given = ",".join(f"{key}={value}" for key, value in properties.items())
    text = _escaped(problem.text, ENDS_TEXT)
    return f"::{problem.severity} {given}::{text}\n"


def _escaped(text: str, characters: frozenset[str]) -> str:
    """Text in which each of the characters is a percent sign and its two hexadecimal digits."""
    escapes = {ord(character): f"%{ord(character):02X}" for character in characters}
    return text.translate(escapes)


FORMS: Mapping[str, Callable[[list[Problem], Path], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
}
