"""Files to Sources: what people wrote, with the place of every value and the charts that it names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tritonfleet.charts import charts_named, read_charts
from tritonfleet.files import content, yaml_files
from tritonfleet.nouns import Sources
from tritonfleet.parallel import in_parts
from tritonfleet.problem import ERROR, WARNING, Invalid, Position, Problem
from tritonfleet.source import Source
from tritonfleet.yaml import read

FLEET = "values/fleet.yaml"
MODELS = "values/models"
ENVIRONMENTS = "values/environments"
COMMITTED_CHARTS = "deploy/charts.yaml"
NO_LISTS = Problem(
    Position(MODELS),
    "TF020",
    "no model lists",
    expected=f"a file {MODELS}/<team>.yaml with `models:` in it",
)
NO_ENVIRONMENTS = Problem(
    Position(ENVIRONMENTS),
    "TF020",
    "no environments",
    expected=f"a file {ENVIRONMENTS}/<name>.yaml",
)


def load(root: Path) -> Sources:
    """Reads every file below `root/values` and the charts they name.

    A file that cannot be read becomes problems in the result. Raises Invalid only when there is no fleet at all.
    """
    # 1. What people wrote.
    fleet = _source(root, FLEET)
    problems: list[Problem] = []
    files = yaml_files(root, MODELS, problems)
    lists = _some_sources(root, files, NO_LISTS, problems)
    files = yaml_files(root, ENVIRONMENTS, problems, deep=False)
    environments = _some_sources(root, files, NO_ENVIRONMENTS, problems)

    # 2. The charts that environments name, and what `generate` remembers of those before.
    charts = read_charts(root, fleet, environments, problems)
    committed = _committed_charts(root, problems)
    return Sources(root, fleet, lists, environments, charts, committed, tuple(problems))


def charts_named_in(root: Path) -> list[str]:
    """The directories of the charts that environments name, as far as their files can be read."""
    problems: list[Problem] = []
    fleet = _sources(root, [FLEET], problems)
    files = yaml_files(root, ENVIRONMENTS, problems, deep=False)
    environments = _sources(root, files, problems)
    return sorted(charts_named(fleet[0], environments)) if fleet else []


def _some_sources(
    root: Path, files: Iterable[str], none: Problem, problems: list[Problem]
) -> tuple[Source, ...]:
    """The files that can be read; their problems, or `none` when there are no files, are added to `problems`."""
    sources = _sources(root, files, problems)
    # An error may be why there are none: it is enough to tell that.
    if not sources and all(problem.severity != ERROR for problem in problems):
        problems.append(none)
    return sources


def _sources(
    root: Path, files: Iterable[str], problems: list[Problem]
) -> tuple[Source, ...]:
    """The files that can be read; the problems of the others are added to `problems`."""
    sources: list[Source] = []
    for reading in in_parts(partial(_readings, root), tuple(files), many=40):
        problems += reading.problems
        if reading.source:
            sources.append(reading.source)
    return tuple(sources)


def _readings(root: Path, files: Iterable[str]) -> list[_Reading]:
    return [_reading(root, file) for file in files]


class _Reading(NamedTuple):
    """What became of a file: a source, or the problems of one that cannot be read."""

    source: Source | None
    problems: tuple[Problem, ...] = ()


def _reading(root: Path, file: str) -> _Reading:
    try:
        return _Reading(_source(root, file))
    except Invalid as invalid:
        return _Reading(None, invalid.problems)


def _source(root: Path, file: str) -> Source:
    """A file whose data is a mapping. Raises Invalid for any other."""
    source = read(file, content(root, file))
    if not isinstance(source.data, dict):
        raise Invalid([_no_mapping(source)])
    return source


def _no_mapping(source: Source) -> Problem:
    message = "the file is empty or no mapping"
    return Problem(source.position(), "TF015", message, "keys and values")


def _committed_charts(root: Path, problems: list[Problem]) -> Mapping[str, Any]:
    """What the last `generate` wrote about the charts of then, by path; empty before the first.

    A file that is damaged, by a merge for example, is written anew by the next one: it is no error, but told.
    """
    if not os.path.lexists(root / COMMITTED_CHARTS):
        return {}
    reading = _reading(root, COMMITTED_CHARTS)
    problems += map(_not_remembered, reading.problems)
    return reading.source.data if reading.source else {}


def _not_remembered(problem: Problem) -> Problem:
    hint = "`tritonfleet generate` writes the file anew"
    return replace(problem, code="TF027", hint=hint, severity=WARNING)
