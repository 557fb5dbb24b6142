"""`ignore`: rules that people know not to apply, by model and environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tritonfleet.codes import OF_CHART
from tritonfleet.nouns import Resolved
from tritonfleet.problem import ERROR, WARNING, Position, Problem
from tritonfleet.source import Source
from tritonfleet.values import list_at


def without_ignored(
    problems: Sequence[Problem], resolved: Resolved
) -> Iterator[Problem]:
    """What is left of the rules' problems; an `ignore` that silences nothing is a warning itself."""
    there_are: set[_Key] = set()
    errors: set[_Key] = set()
    for problem in problems:
        there_are.update(_keys(problem))
        if problem.severity == ERROR:
            errors.update(_keys(problem))
    silenced: set[_Key] = set()
    for ignore in _ignores(resolved):
        keys = there_are.intersection(ignore.keys())
        silenced |= keys
        if not keys:
            yield _useless(ignore)
        elif ignore.rule in OF_CHART and not errors.isdisjoint(keys):
            yield _half(ignore)
    for problem in problems:
        if silenced.isdisjoint(_keys(problem)):
            yield problem


class _Key(NamedTuple):
    """What a problem and an `ignore` of it have in common: comparing each with each would take too long."""

    rule: str
    model: str
    environment: str
    """One's name, ANY for what ignores it wherever it is, EACH of a problem that has no environment."""


ANY, EACH = "", "*"


def _keys(problem: Problem) -> tuple[_Key, _Key]:
    """Those of an `ignore` that could be about a problem: one of all environments, and one of its own."""
    code = problem.code
    subject = problem.subject
    here = problem.environment or EACH
    return _Key(code, subject, ANY), _Key(code, subject, here)


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One item of an `ignore`: a rule that is known not to hold for these models."""

    rule: str
    models: Sequence[str]
    environment: str
    """The name of the one that it is for; empty means all."""
    position: Position

    def keys(self) -> Iterator[_Key]:
        """Those of the problems that it is about; one without an environment is in each."""
        environments = (self.environment, EACH) if self.environment else (ANY,)
        for model in self.models:
            for environment in environments:
                yield _Key(self.rule, model, environment)


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
    """The warning of an `ignore` that silences nothing."""
    models = ", ".join(ignore.models)
    message = f"nothing to ignore: {ignore.rule} says nothing about {models}"
    hint = "remove it"
    return Problem(ignore.position, "TF058", message, hint=hint, severity=WARNING)


def _half(ignore: _Ignore) -> Problem:
    message = (
        f"the chart has {ignore.rule}, too: what is ignored here, Helm may still refuse"
    )
    hint = "correct the values; `tritonfleet render` shows what Helm says"
    return Problem(ignore.position, "TF245", message, hint=hint, severity=WARNING)
