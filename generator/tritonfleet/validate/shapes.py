"""Files and releases against their schemas: which do not fit, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from tritonfleet.nouns import Chart, Environment, Release, Resolved
from tritonfleet.problem import MOST, Problem
from tritonfleet.source import Source
from tritonfleet.validate.engine import errors, verdict
from tritonfleet.validate.misfit import Place
from tritonfleet.validate.schemas import Schema, complete, editor_schemas, inlined
from tritonfleet.validate.words import problems
from tritonfleet.values import KeyPath, text_at

if TYPE_CHECKING:
    from jsonschema import ValidationError

EXPLAINED = 50  # releases of one environment; the rest would say the same
MOST_OF_FILE = (
    1000  # problems of one file's shape, each of which takes a millisecond to explain
)


class Shape(NamedTuple):
    """A schema, and its fast verdict."""

    schema: Schema
    fits: Callable[[Any], bool]

    def errors(self, data: Any) -> Iterator[ValidationError]:
        """Every way in which data does not fit. Most data does, and is told so fast."""
        if not self.fits(data):
            yield from errors(self.schema, data)


class Shapes(NamedTuple):
    """What one chart wants of the files that people write, and of a release's complete values."""

    fleet: Shape
    environment: Shape
    models: Shape
    values: Shape


def shapes_of(charts: Iterable[Chart]) -> dict[str, Shapes]:
    """By a chart's content, because two environments may reach the same chart by two ways."""
    shapes: dict[str, Shapes] = {}
    for chart in charts:
        if chart.content not in shapes:
            shapes[chart.content] = _shapes(chart)
    return shapes


def _shapes(chart: Chart) -> Shapes:
    of_files = {
        name: _shape(inlined(schema))
        for name, schema in editor_schemas(chart.schema).items()
    }
    of_values = _shape(complete(chart.schema))
    return Shapes(**of_files, values=of_values)


def _shape(schema: Schema) -> Shape:
    return Shape(schema, verdict(schema))


class Part(NamedTuple):
    """What a problem of shape makes unusable: a file, or the entry at `path` in a model list."""

    file: str
    path: KeyPath = ()


def parts_of(release: Release) -> set[Part]:
    """Everything that a release is made of."""
    entry = release.entry.layer
    own_list = entry.source.file
    files = {layer.source.file for layer in release.layers}
    files.add(own_list)
    files.add(release.environment.source.file)
    parts = set(map(Part, files))
    parts.add(Part(own_list, entry.path))
    return parts


class Misshapen(NamedTuple):
    """A problem of shape, and what it makes unusable."""

    problem: Problem
    part: Part


def misshapen_files(
    resolved: Resolved, shapes: Mapping[str, Shapes]
) -> Iterator[Misshapen]:
    """Problems of the files as they are written. All charts in use must agree to what all environments share."""
    left = MOST
    for found in _by_file(resolved, shapes):
        most = min(left, MOST_OF_FILE)
        # One more than that tells whether there are others, and stands for them.
        listed = list(islice(found, most + 1))
        if len(listed) > most:
            listed[-1] = _and_more(listed[-1])
        left -= min(left, len(listed))
        yield from listed


def _by_file(
    resolved: Resolved, shapes: Mapping[str, Shapes]
) -> Iterator[Iterator[Misshapen]]:
    """The problems of each file; none is looked for before its turn comes."""
    sources = resolved.sources
    for each in shapes.values():
        yield _misshapen(sources.fleet, each.fleet)
        for source in sources.lists:
            yield _misshapen_list(source, each.models)
    for environment in resolved.environments:
        shape = shapes[environment.chart.content].environment
        yield _misshapen(environment.source, shape)


def _and_more(next_one: Misshapen) -> Misshapen:
    """Stands for this problem and all that come after it in a file: nobody knows which of its parts are usable."""
    position = next_one.problem.position
    message = "from here on, the file has more problems"
    problem = Problem(position, "TF059", message, hint="solve those above first")
    return Misshapen(problem, Part(position.file))


def _misshapen(source: Source, shape: Shape) -> Iterator[Misshapen]:
    place = Place(source)
    for error in shape.errors(source.data):
        for problem in problems(error, place):
            yield Misshapen(problem, Part(source.file))


def _misshapen_list(source: Source, shape: Shape) -> Iterator[Misshapen]:
    """A bad entry leaves the others of its list usable."""
    for error in shape.errors(source.data):
        path = tuple(error.absolute_path)
        entry = _entry_around(path)
        place = _place_in(source, entry)
        for problem in problems(error, place):
            yield Misshapen(problem, Part(source.file, entry))


def _entry_around(path: KeyPath) -> KeyPath:
    """`models`, 3 of a path into that entry; () of one that leads into none."""
    if len(path) < 2:
        return ()
    return path[:2]


def _place_in(source: Source, entry: KeyPath) -> Place:
    """Of values in one entry of a model list; () for those that are in none."""
    if not entry:
        return Place(source)
    name = text_at(source.data, *entry, "name")
    return Place(source, subject=name, depth=len(entry))


def misfits(
    releases: Iterable[Release], shapes: Mapping[str, Shapes]
) -> Iterator[Problem]:
    """Why releases do not fit their chart's schema, those of each environment up to a number."""
    by_environment: dict[Environment, list[Release]] = {}
    for release in releases:
        by_environment.setdefault(release.environment, []).append(release)
    for environment, its_releases in by_environment.items():
        schema = shapes[environment.chart.content].values.schema
        for release in its_releases[:EXPLAINED]:
            yield from _misfit(release, schema)
        others = len(its_releases) - EXPLAINED
        if others > 0:
            yield _unexplained(environment, others)


def _misfit(release: Release, schema: Schema) -> Iterator[Problem]:
    place = Place(release, subject=release.name)
    for error in errors(schema, release.complete()):
        yield from problems(error, place)


def _unexplained(environment: Environment, count: int) -> Problem:
    position = environment.source.position()
    message = f"{count} more releases of {environment.name} have problems"
    return Problem(position, "TF059", message, hint="solve those above first")
