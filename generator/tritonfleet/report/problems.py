"""Problems for people (text), for programs (json) and as annotations of the lines that are wrong (github)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tritonfleet.problem import ERROR, WARNING, Problem
from tritonfleet.report.shared import number, place, shown, to_json
from tritonfleet.validate.secrets import has_secret, without_secrets
from tritonfleet.visible import visible

MOST_LINES = 200  # problems for people; then they are counted by code
MOST_ITEMS = 10_000  # problems for programs
MOST_CHARACTERS = 10_000_000  # of all items for programs together
# Characters that would end an annotation, or one of its properties.
ENDS_TEXT = frozenset("%\r\n")
ENDS_PROPERTY = ENDS_TEXT | frozenset(":,")


def in_form(problems: Iterable[Problem], form: str, root: Path) -> str:
    """Problems in one of FORMS; files are named as seen from the current directory. "" when there are none.

    What people read ends after MOST_LINES with counts, what programs read after MOST_ITEMS or MOST_CHARACTERS, and
    says so.
    """
    return FORMS[form]([_discreet(problem) for problem in problems], root)


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


def counted(problems: Iterable[Problem]) -> str:
    """How many errors and how many warnings."""
    counts = Counter(problem.severity for problem in problems)
    there_are = [severity for severity in (ERROR, WARNING) if counts[severity]]
    return ", ".join(number(counts[severity], severity) for severity in there_are)


def _text(problems: list[Problem], root: Path) -> str:
    listed, others = _parted(problems)
    lines = [_line(problem, root) for problem in listed]
    if others:
        lines.append(f"… {_more(others)}\n")
    return "".join(lines)


def _parted(problems: list[Problem]) -> tuple[list[Problem], list[Problem]]:
    """The problems that people read, and the others, behind which no error hides."""
    if len(problems) > MOST_LINES:
        problems = _errors_first(problems)
    return problems[:MOST_LINES], problems[MOST_LINES:]


def _errors_first(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.severity != ERROR)


def _more(problems: Iterable[Problem]) -> str:
    """How many problems of each code there are."""
    counts = Counter(problem.code for problem in problems)
    return ", ".join(f"{count} more {code}" for code, count in sorted(counts.items()))


def _line(problem: Problem, root: Path) -> str:
    """A problem as compilers write theirs; only a warning says what it is."""
    severity = "warning: " if problem.severity == WARNING else ""
    said = f"{problem.code} {severity}{problem.text}"
    return f"{place(problem.position, root)}: {visible(said)}\n"


def _json(problems: list[Problem], root: Path) -> str:
    items = list(_items(problems, root))
    is_truncated = len(items) < len(problems)
    if is_truncated:
        items = list(_items(_errors_first(problems), root))
    return to_json({"problems": items, "truncated": is_truncated})


def _items(problems: Iterable[Problem], root: Path) -> Iterator[dict[str, Any]]:
    """As many as a program is given."""
    characters = 0
    for index, problem in enumerate(problems):
        item = _item(problem, root)
        characters += len(json.dumps(item))
        if index == MOST_ITEMS or characters > MOST_CHARACTERS:
            return
        yield item


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
    listed, others = _parted(problems)
    lines = [_annotation(problem, root) for problem in listed]
    if others:
        lines.append(f"::notice::{_more(others)}\n")
    return "".join(lines)


def _annotation(problem: Problem, root: Path) -> str:
    """A workflow command: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions."""
    position = problem.position
    properties = {
        "file": _escaped(visible(shown(position.file, root)), ENDS_PROPERTY),
        "line": position.line,
        "col": position.column,
        "title": problem.code,
    }
    given = ",".join(f"{key}={value}" for key, value in properties.items())
    text = _escaped(visible(problem.text), ENDS_TEXT)
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
