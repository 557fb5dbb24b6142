"""`ignore`: rules that people know not to apply, by model and environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tritonfleet.nouns import Environment, Resolved
from tritonfleet.problem import WARNING, Problem
from tritonfleet.source import Source


def without_ignored(
    problems: Sequence[Problem], resolved: Resolved
) -> Iterator[Problem]:
    """What is left of the rules' problems; an `ignore` that silences nothing is a warning itself."""
    silenced: set[Problem] = set()
    for source, environment in _files(resolved):
        for index, ignore in enumerate(source.data.get("ignore") or ()):
            matching = [
                each for each in problems if _is_ignored(each, ignore, environment)
            ]
            silenced.update(matching)
            if not matching:
                yield _useless(source, index, ignore)
    for problem in problems:
        if problem not in silenced:
            yield problem


def _files(resolved: Resolved) -> Iterator[tuple[Source, Environment | None]]:
    """The files that may have an `ignore`, and the environment that it is for: None is all."""
    yield resolved.sources.fleet, None
    for environment in resolved.environments:
        yield environment.source, environment


def _is_ignored(
    problem: Problem, ignore: Mapping[str, Any], environment: Environment | None
) -> bool:
    if environment is not None and problem.environment not in {"", environment.name}:
        return False
    return problem.code == ignore["rule"] and problem.subject in ignore["models"]


def _useless(source: Source, index: int, ignore: Mapping[str, Any]) -> Problem:
    models = ", ".join(ignore["models"])
    message = f"nothing to ignore: {ignore['rule']} says nothing about {models}"
    position = source.position(("ignore", index))
    return Problem(position, "TF058", message, hint="remove it", severity=WARNING)
