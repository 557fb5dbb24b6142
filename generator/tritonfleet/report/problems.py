"""Problems for people (text), for programs (json) and as annotations of the lines that are wrong (github)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tritonfleet.problem import ERROR, WARNING, Problem
from tritonfleet.report.shared import number, place, shown, to_json
from tritonfleet.visible import visible

MOST_LINES = 200  # problems for people; then they are counted by code
MOST_ITEMS = 10_000  # problems for programs
MOST_CHARACTERS = 10_000_000  # of all items for programs together
# Characters that would end an annotation, or one of its properties.
ENDS_TEXT = frozenset("%\r\n")
ENDS_PROPERTY = ENDS_TEXT | frozenset(":,")


def counted(problems: Iterable[Problem]) -> str:
    """How many errors and how many warnings."""
    counts = Counter(problem.severity for problem in problems)
    words = []
    for severity in (ERROR, WARNING):
        if counts[severity]:
            words.append(number(counts[severity], severity))
    return ", ".join(words)


def text(problems: list[Problem], root: Path) -> str:
    """For people, a line each."""
    listed, others = _parted(problems)
    lines = [line(each, root) for each in listed]
    if others:
        lines.append(f"… {_more(others)}\n")
    return "".join(lines)


def _parted(problems: list[Problem]) -> tuple[list[Problem], list[Problem]]:
    """The problems that people read, and the others, behind which no error hides."""
    if len(problems) > MOST_LINES:
        problems = errors_first(problems)
    listed = problems[:MOST_LINES]
    others = problems[MOST_LINES:]
    return listed, others


def errors_first(problems: list[Problem]) -> list[Problem]:
    """Errors, then warnings, each in their order."""
    return sorted(problems, key=lambda problem: problem.severity != ERROR)


def _more(problems: Iterable[Problem]) -> str:
    """How many problems of each code there are."""
    counts = Counter(problem.code for problem in problems)
    words = []
    for code, count in sorted(counts.items()):
        words.append(f"{count} more {code}")
    return ", ".join(words)


def line(problem: Problem, root: Path) -> str:
    """A problem as compilers write theirs; only a warning says what it is."""
    where = place(problem.position, root)
    severity = ""
    if problem.severity == WARNING:
        severity = "warning: "
    words = visible(f"{problem.code} {severity}{problem.text}")
    return f"{where}: {words}\n"


def json_text(problems: list[Problem], root: Path) -> str:
    """For programs."""
    told = for_programs(problems, lambda problem: _item(problem, root))
    return to_json({"problems": told.items, "truncated": told.is_truncated})


class Told(NamedTuple):
    """Problems as a program gets them, and whether there are more."""

    items: list[dict[str, Any]]
    is_truncated: bool


def for_programs(
    problems: list[Problem], as_item: Callable[[Problem], dict[str, Any]]
) -> Told:
    """As many problems as a program is given, each as `as_item` makes it; where that is not all, errors first."""
    items = list(_items(problems, as_item))
    is_truncated = len(items) < len(problems)
    if is_truncated:
        items = list(_items(errors_first(problems), as_item))
    return Told(items, is_truncated)


def _items(
    problems: Iterable[Problem], as_item: Callable[[Problem], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Up to the first one that there is no room for."""
    characters = 0
    for index, problem in enumerate(problems):
        item = as_item(problem)
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


def github(problems: list[Problem], root: Path) -> str:
    """As annotations of the lines that are wrong, which GitHub shows beside them."""
    listed, others = _parted(problems)
    lines = [_annotation(problem, root) for problem in listed]
    if others:
        lines.append(f"::notice::{_more(others)}\n")
    return "".join(lines)


def _annotation(problem: Problem, root: Path) -> str:
    """A workflow command: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions."""
    position = problem.position
    file = visible(shown(position.file, root))
    properties = {
        "file": _escaped(file, ENDS_PROPERTY),
        "line": position.line,
        "col": position.column,
        "title": problem.code,
    }
    pairs = [f"{key}={value}" for key, value in properties.items()]
    given = ",".join(pairs)
    text = _escaped(visible(problem.text), ENDS_TEXT)
    return f"::{problem.severity} {given}::{text}\n"


def _escaped(text: str, characters: frozenset[str]) -> str:
    """Text in which each of the characters is a percent sign and its two hexadecimal digits."""
    escapes = {}
    for character in characters:
        code = ord(character)
        escapes[code] = f"%{code:02X}"
    return text.translate(escapes)
