"""What a fleet would say after an edit: the problems that it does not have today, at places that are there today."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from tritonfleet.nouns import Release, Rule, Sources
from tritonfleet.problem import ERROR, WARNING, Invalid, Position, Problem
from tritonfleet.resolve import resolve
from tritonfleet.source import Source
from tritonfleet.validate import validate
from tritonfleet.versions import HINT, stays

_PLACE = re.compile(r":[0-9]+:[0-9]+\b")  # lines move with an edit


def new_warnings(
    before: Sources, after: Sources, rules: Iterable[Rule]
) -> tuple[Problem, ...]:
    """The warnings that an edit brings. Raises Invalid with its problems when one of them is an error."""
    listed = tuple(rules)
    old = _looked(before, listed)
    new = _looked(after, listed)
    known = set(map(_key, old.problems))
    overwritten = _overwritten(old.releases, new.releases)
    told = []
    for problem in (*new.problems, *overwritten):
        if _key(problem) not in known:
            told.append(_as_it_is(problem, before, after))
    if any(problem.severity == ERROR for problem in told):
        raise Invalid(told)
    return tuple(told)


class _Looked(NamedTuple):
    """What is said about a fleet, and its releases as far as it has any."""

    problems: tuple[Problem, ...]
    releases: tuple[Release, ...]


def _looked(sources: Sources, rules: tuple[Rule, ...]) -> _Looked:
    """Errors and warnings of a fleet."""
    releases: tuple[Release, ...] = ()
    try:
        resolved = resolve(sources)
        releases = resolved.releases
        return _Looked(validate(resolved, rules).warnings, releases)
    except Invalid as invalid:
        return _Looked(invalid.problems, releases)


def _overwritten(
    before: Iterable[Release], after: Iterable[Release]
) -> Iterator[Problem]:
    """Releases that the edit gives another version of the models at the same address."""
    known = {(each.environment.name, each.name): each for each in before}
    for release in after:
        old = known.get((release.environment.name, release.name))
        if old is None:
            continue
        words = stays(old.values, release.values)
        if words:
            yield _stays_there(release, words)


def _stays_there(release: Release, words: str) -> Problem:
    """TF196, in the words that `generate` has for it."""
    return Problem(
        release.position(("modelVersion",)),
        "TF196",
        f"{release.words}: {words}",
        hint=HINT,
        severity=WARNING,
        subject=release.name,
    )


def _key(problem: Problem) -> tuple[str, ...]:
    """A problem apart from its place."""
    words = _PLACE.sub("", problem.text)
    return problem.position.file, problem.code, words, problem.subject


def _as_it_is(problem: Problem, before: Sources, after: Sources) -> Problem:
    """The problem at the line of today's file, at the nearest where the line is new."""
    file = problem.position.file
    old = files_of(before).get(file)
    new = files_of(after).get(file)
    if old is None or new is None or old.text == new.text:
        return problem
    nearest = _nearest(problem.position, old.text, new.text)
    return replace(problem, position=nearest)


def _nearest(position: Position, old: str, new: str) -> Position:
    """The place in the old text; for a line that is new, the one above it."""
    old_lines = old.split("\n")
    new_lines = new.split("\n")
    # 1. A line above the edit, and one below it, which is counted from the end.
    same_above = _common(old_lines, new_lines)
    if position.line <= same_above:
        return position
    same_below = _common_at_end(old_lines[same_above:], new_lines[same_above:])
    from_below = len(new_lines) - position.line
    if from_below < same_below:
        return replace(position, line=len(old_lines) - from_below)
    # 2. A line of the edit, in place of others that stand there today or of none.
    if same_above + same_below < len(old_lines):
        return replace(position, line=same_above + 1)
    return Position(position.file, max(1, same_above))


def _common(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the first on."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _common_at_end(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the last one back."""
    return _common(one[::-1], other[::-1])


def files_of(sources: Sources) -> dict[str, Source]:
    """The files that edits may change, by their path."""
    files = (*sources.lists, *sources.environments)
    return {each.file: each for each in files}
