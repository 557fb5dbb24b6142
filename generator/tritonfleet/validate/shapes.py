"""Files and releases against their schemas: which do not fit, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.nouns import Chart, Environment, Release, Resolved
from tritonfleet.problem import Position, Problem
from tritonfleet.source import Source
from tritonfleet.validate.engine import errors, verdict
from tritonfleet.validate.misfit import Place
from tritonfleet.validate.schemas import Schema, complete, editor_schemas, inlined
from tritonfleet.validate.words import problems
from tritonfleet.values import KeyPath, lookup

EXPLAINED = 50  # releases of one environment; the rest would say the same


class Shape(NamedTuple):
    """A schema, and its fast verdict."""

    schema: Schema
    fits: Callable[[Any], bool]


class Shapes(NamedTuple):
    """What one chart wants of the files that people write, and of a release's complete values."""

    fleet: Shape
    environment: Shape
    models: Shape
    values: Shape


def shapes_of(charts: Iterable[Chart]) -> dict[str, Shapes]:
    """By a chart's content, because two environments may reach the same chart by two ways."""
    different = {chart.content: chart for chart in charts}
    return {content: _shapes(chart) for content, chart in different.items()}


def _shapes(chart: Chart) -> Shapes:
    files = {
        name: _shape(inlined(schema, schema["definitions"]))
        for name, schema in editor_schemas(chart.schema).items()
    }
    return Shapes(**files, values=_shape(complete(chart.schema)))


def _shape(schema: Schema) -> Shape:
    return Shape(schema, verdict(schema))


class Part(NamedTuple):
    """What a problem of shape makes unusable: a file, or the entry at `path` in a model list."""

    file: str
    path: KeyPath = ()


def parts_of(release: Release) -> set[Part]:
    """Everything that a release is made of."""
    parts = {Part(layer.source.file) for layer in release.layers}
    entry = release.entry.layer
    parts.add(Part(entry.source.file))
    parts.add(Part(entry.source.file, entry.path))
    parts.add(Part(release.environment.source.file))
    return parts


class Misshapen(NamedTuple):
    """A problem of shape, and what it makes unusable."""

    problem: Problem
    part: Part


def misshapen_files(
    resolved: Resolved, shapes: Mapping[str, Shapes]
) -> Iterator[Misshapen]:
    """Problems of the files as they are written. All charts in use must agree to what all environments share."""
    sources = resolved.sources
    for each in shapes.values():
        yield from _misshapen(sources.fleet, each.fleet)
        for source in sources.lists:
            yield from _misshapen_list(source, each.models)
    for environment in resolved.environments:
        yield from _misshapen(
            environment.source, shapes[environment.chart.content].environment
        )


def _misshapen(source: Source, shape: Shape) -> Iterator[Misshapen]:
    if shape.fits(source.data):
        return
    place = Place(_position_in(source), source.written)
    for error in errors(shape.schema, source.data):
        for problem in problems(error, place):
            yield Misshapen(problem, Part(source.file))


def _misshapen_list(source: Source, shape: Shape) -> Iterator[Misshapen]:
    """A bad entry leaves the others of its list usable."""
    if shape.fits(source.data):
        return
    for error in errors(shape.schema, source.data):
        entry = tuple(error.absolute_path)[:2]  # models, 3
        if len(entry) < 2:
            part = Part(source.file)
            place = Place(_position_in(source), source.written)
        else:
            part = Part(source.file, entry)
            name = lookup(source.data, (*entry, "name"))
            subject = name if isinstance(name, str) else ""
            place = Place(
                _position_in(source), source.written, subject, depth=len(entry)
            )
        for problem in problems(error, place):
            yield Misshapen(problem, part)


def _position_in(source: Source) -> Callable[[KeyPath, bool], Position]:
    return lambda path, key: source.position(path, key=key)


def misfits(
    releases: Iterable[Release], shapes: Mapping[str, Shapes]
) -> Iterator[Problem]:
    """Why releases do not fit their chart's schema, those of each environment up to a number."""
    counts: Counter[Environment] = Counter()
    for release in releases:
        environment = release.environment
        counts[environment] += 1
        if counts[environment] <= EXPLAINED:
            yield from _misfit(release, shapes[environment.chart.content].values.schema)
    for environment, count in counts.items():
        if count > EXPLAINED:
            message = (
                f"{count - EXPLAINED} more releases of {environment.name} have problems"
            )
            position = environment.source.position()
            yield Problem(position, "TF059", message, hint="solve those above first")


def _misfit(release: Release, schema: Schema) -> Iterator[Problem]:
    def written(path: KeyPath) -> str:
        layer = release.setter(path)
        if layer is None:
            return ""
        return layer.source.written(layer.path + path)

    place = Place(
        lambda path, key: release.position(path, key=key), written, release.name
    )
    for error in errors(schema, release.complete()):
        yield from problems(error, place)
