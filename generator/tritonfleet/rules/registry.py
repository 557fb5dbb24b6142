"""The table of rules, and how a function becomes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import ERROR, Position, Problem
from tritonfleet.values import KeyPath, Values

OfRelease: TypeAlias = Callable[[Release, Values], Iterable[Problem]]
OfFleet: TypeAlias = Callable[[Resolved], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, what it protects in one sentence, and the function that looks at a release or at all."""

    code: str
    severity: str
    sentence: str
    of_release: OfRelease | None = None
    of_fleet: OfFleet | None = None
    keys: frozenset[str] = frozenset()
    """Root keys of which one must be said by somebody for a release to break the rule: the chart's defaults do not."""
    always: bool = False
    """Whether it can look at a fleet whose values do not all have their types."""

    def coded(self, problem: Problem) -> Problem:
        """The problem with the rule's code and severity."""
        return replace(problem, code=self.code, severity=self.severity)


RULES: dict[str, Rule] = {}


def release_rule(
    code: str, keys: str, sentence: str, severity: str = ERROR
) -> Callable[[OfRelease], OfRelease]:
    """Enters a function that looks at one release and its complete values, where one of the `keys` is said."""

    def enter(look: OfRelease) -> OfRelease:
        RULES[code] = Rule(code, severity, sentence, of_release=look, keys=frozenset(keys.split()))
        return look

    return enter


def fleet_rule(
    code: str, sentence: str, severity: str = ERROR, *, always: bool = False
) -> Callable[[OfFleet], OfFleet]:
    """Enters a function that looks at all releases together."""

    def enter(look: OfFleet) -> OfFleet:
        RULES[code] = Rule(code, severity, sentence, of_fleet=look, always=always)
        return look

    return enter


def at(
    release: Release, path: KeyPath, message: str, hint: str = "", *, key: bool = False
) -> Problem:
    """A problem of a release, blamed on the line that set the value at `path`."""
    position = release.position(path, key=key)
    return Problem(
        position, "", message, "", hint, subject=release.name, environment=release.environment.name
    )


def on(
    position: Position, message: str, hint: str = "", *, subject: str = "", environment: str = ""
) -> Problem:
    """A problem of a place."""
    return Problem(position, "", message, "", hint, subject=subject, environment=environment)
