"""What a fleet would say after an edit: the problems that it does not have today, at places that are there today."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tritonfleet.nouns import Rule, Sources
from tritonfleet.problem import ERROR, Invalid, Position, Problem
from tritonfleet.resolve import resolve
from tritonfleet.source import Source
from tritonfleet.validate import validate

_PLACE = re.compile(r":[0-9]+:[0-9]+\b")  # lines move with an edit


def new_warnings(
    before: Sources, after: Sources, rules: Iterable[Rule]
) -> tuple[Problem, ...]:
    """The warnings that an edit brings. Raises Invalid with its problems when one of them is an error."""
    listed = tuple(rules)
    known = {_key(problem) for problem in _problems(before, listed)}
    fresh = [each for each in _problems(after, listed) if _key(each) not in known]
    told = tuple(_as_it_is(problem, before, after) for problem in fresh)
    if any(problem.severity == ERROR for problem in told):
        raise Invalid(told)
    return told


def _problems(sources: Sources, rules: tuple[Rule, ...]) -> tuple[Problem, ...]:
    try:
        return validate(resolve(sources), rules).warnings
    except Invalid as invalid:
        return invalid.problems


def _key(problem: Problem) -> tuple[str, ...]:
    """A problem apart from its place."""
    words = _PLACE.sub("", problem.text)
    return problem.position.file, problem.code, words, problem.subject


def _as_it_is(problem: Problem, before: Sources, after: Sources) -> Problem:
    """The problem at the line of today's file, at the nearest where the line is new."""
    old = files_of(before).get(problem.position.file)
    new = files_of(after).get(problem.position.file)
    if old is None or new is None or old.text == new.text:
        return problem
    return replace(problem, position=_nearest(problem.position, old.text, new.text))


def _nearest(position: Position, old: str, new: str) -> Position:
    """The place in the old text; for a line that is new, the one above it."""
    old_lines, new_lines = old.split("\n"), new.split("\n")
    same = _common(old_lines, new_lines)
    if position.line <= same:
        return position
    same_below = _common(old_lines[same:][::-1], new_lines[same:][::-1])
    from_below = len(new_lines) - position.line
    if from_below < same_below:
        return replace(position, line=len(old_lines) - from_below)
    if same + same_below < len(old_lines):  # other lines stand there today
        return replace(position, line=same + 1)
    return Position(position.file, max(1, same))


def _common(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the first on."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def files_of(sources: Sources) -> dict[str, Source]:
    """The files that edits may change, by their path."""
    return {each.file: each for each in (*sources.lists, *sources.environments)}
