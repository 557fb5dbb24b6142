"""`ignore`: rules that people know not to apply, by model and environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tritonfleet.nouns import Resolved
from tritonfleet.problem import WARNING, Position, Problem
from tritonfleet.source import Source
from tritonfleet.values import list_at


def without_ignored(
    problems: Sequence[Problem], resolved: Resolved
) -> Iterator[Problem]:
    """What is left of the rules' problems; an `ignore` that silences nothing is a warning itself."""
    silenced: set[Problem] = set()
    for ignore in _ignores(resolved):
        matching = [problem for problem in problems if ignore.silences(problem)]
        silenced.update(matching)
        if not matching:
            yield _useless(ignore)
    for problem in problems:
        if problem not in silenced:
            yield problem


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One item of an `ignore`: a rule that is known not to hold for these models."""

    rule: str
    models: Sequence[str]
    environment: str
    """The name of the one that it is for; empty means all."""
    position: Position

    def silences(self, problem: Problem) -> bool:
        """Whether it is about this problem; one without an environment is in each."""
        if self.environment and problem.environment not in {"", self.environment}:
            return False
        return problem.code == self.rule and problem.subject in self.models


def _ignores(resolved: Resolved) -> Iterator[_Ignore]:
    """Of the fleet, then of each environment."""
    yield from _ignores_in(resolved.sources.fleet, "")
    for environment in resolved.environments:
        yield from _ignores_in(environment.source, environment.name)


def _ignores_in(source: Source, environment: str) -> Iterator[_Ignore]:
    items = list_at(source.data, "ignore")
    for index, item in enumerate(items):
        position = source.position(("ignore", index))
        yield _Ignore(item["rule"], item["models"], environment, position)


def _useless(ignore: _Ignore) -> Problem:
    models = ", ".join(ignore.models)
    message = f"nothing to ignore: {ignore.rule} says nothing about {models}"
    return Problem(
        ignore.position, "TF058", message, hint="remove it", severity=WARNING
    )
