"""Files to Sources: what people wrote, with the place of every value and the charts that it names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tritonfleet.charts import charts_named, read_charts
from tritonfleet.files import content, yaml_files
from tritonfleet.limits import MOST_BYTES, MOST_READ, Room, too_much
from tritonfleet.nouns import Sources
from tritonfleet.parallel import in_parts, processes
from tritonfleet.problem import ERROR, WARNING, Invalid, Position, Problem
from tritonfleet.source import Source
from tritonfleet.yaml import MAXIMUM_BYTES, read

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

    A file that cannot be read becomes problems in the result. Raises Invalid only when there is no fleet at all, or
    one that is too large.
    """
    # 1. What people wrote.
    fleet = _source(root, FLEET)
    problems: list[Problem] = []
    room = _room_for_files()
    room.take(fleet.size, FLEET)
    files = yaml_files(root, MODELS, problems)
    lists = _some_sources(root, files, NO_LISTS, room, problems)
    files = yaml_files(root, ENVIRONMENTS, problems, deep=False)
    environments = _some_sources(root, files, NO_ENVIRONMENTS, room, problems)

    # 2. The charts that environments name, and what `generate` remembers of those before.
    charts = read_charts(root, fleet, environments, problems)
    committed = _committed_charts(root, problems)
    return Sources(root, fleet, lists, environments, charts, committed, tuple(problems))


def charts_named_in(root: Path) -> list[str]:
    """The directories of the charts that environments name, as far as their files can be read."""
    problems: list[Problem] = []
    room = _room_for_files()
    fleet = _sources(root, [FLEET], room, problems)
    files = yaml_files(root, ENVIRONMENTS, problems, deep=False)
    environments = _sources(root, tuple(files), room, problems)
    if not fleet:
        return []
    named = charts_named(fleet[0], environments)
    return sorted(named)


def _room_for_files() -> Room:
    return Room("TF018", "all files", MOST_READ)


def _some_sources(
    root: Path,
    files: Iterable[str],
    none: Problem,
    room: Room,
    problems: list[Problem],
) -> tuple[Source, ...]:
    """The files that can be read; their problems, or `none` when there are no files, are added to `problems`."""
    sources = _sources(root, tuple(files), room, problems)
    # An error may be why there are none: it is enough to tell that.
    if not sources and all(problem.severity != ERROR for problem in problems):
        problems.append(none)
    return sources


def _sources(
    root: Path, files: Sequence[str], room: Room, problems: list[Problem]
) -> tuple[Source, ...]:
    """The files that can be read; the problems of the others are added to `problems`. Raises Invalid for too many."""
    _refuse_too_many_bytes(root, files)
    # Each process reads its share of what there is room for, so that together they hold no more than that.
    share = room.left // processes()
    reading_of_some = partial(_readings, root, share)
    readings = in_parts(reading_of_some, files, many=40)
    sources: list[Source] = []
    for file, known in zip(files, readings, strict=True):
        reading = known or _reading(root, file)
        problems += reading.problems
        if reading.source:
            room.take(reading.source.size, file)
            sources.append(reading.source)
    return tuple(sources)


def _refuse_too_many_bytes(root: Path, files: Iterable[str]) -> None:
    """Raises Invalid when there is no room for all of them, before any is read."""
    left = MOST_BYTES
    for file in files:
        with suppress(OSError):  # `_reading` tells it
            size = (root / file).lstat().st_size
            # A file that is itself too large is told, too, and not read.
            left -= min(size, MAXIMUM_BYTES)
        if left < 0:
            message = f"all files have more than {MOST_BYTES} bytes together"
            raise too_much("TF018", file, message)


def _readings(root: Path, share: int, files: Iterable[str]) -> list[_Reading | None]:
    """What becomes of files; None for those behind a share of the room."""
    readings: list[_Reading | None] = []
    for file in files:
        reading = None if share < 0 else _reading(root, file)
        if reading and reading.source:
            share -= reading.source.size
        readings.append(reading)
    return readings


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
