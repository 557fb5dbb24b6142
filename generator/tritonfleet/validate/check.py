"""The stage itself: documents against their schemas, releases against the chart's, then the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from tritonfleet.nouns import Chart, Environment, Fleet, Release, Resolved
from tritonfleet.parallel import in_halves
from tritonfleet.problem import ERROR, WARNING, Invalid, Problem
from tritonfleet.source import Source
from tritonfleet.validate.engine import errors, verdict
from tritonfleet.validate.schemas import Schema, complete, editor_schemas, inlined
from tritonfleet.validate.words import Place, problems
from tritonfleet.values import KeyPath, lookup


class Rule(Protocol):
    """What a schema cannot say. A rule looks at each release with its complete values, or at all of them together."""

    @property
    def always(self) -> bool:
        """Whether it can look at a fleet whose values do not all have their types."""

    @property
    def keys(self) -> frozenset[str]:
        """Root keys of which one must be said for a release to break it."""

    @property
    def of_release(self) -> Callable[[Release, Any], Iterable[Problem]] | None:
        """Looks at one release."""

    @property
    def of_fleet(self) -> Callable[[Resolved], Iterable[Problem]] | None:
        """Looks at all releases."""

    def coded(self, problem: Problem, /) -> Problem:
        """The problem with the rule's code and severity."""


EXPLAINED = 50  # releases of one environment; the rest would say the same


@dataclass(slots=True)
class Schemas:
    """The schemas of one chart with their compiled verdicts."""

    chart: Chart
    documents: dict[str, Schema] = field(init=False)
    fitting: dict[str, Callable[[Any], bool]] = field(init=False)
    complete: Schema = field(init=False)
    fits: Callable[[Any], bool] = field(init=False)

    def __post_init__(self) -> None:
        editor = editor_schemas(self.chart.schema)
        self.documents = {
            name: inlined(schema, schema["definitions"]) for name, schema in editor.items()
        }
        self.fitting = {name: verdict(schema) for name, schema in self.documents.items()}
        self.complete = complete(self.chart.schema)
        self.fits = verdict(self.complete)


def validate(resolved: Resolved, rules: Iterable[Rule], *, strict: bool = False) -> Fleet:
    """A Fleet, whose warnings are left to tell; raises Invalid with all errors and warnings.

    Rules see only releases that fit the schema, so that none of them has to doubt its input.
    `strict` makes warnings fail.
    """
    sources = resolved.sources
    schemas = _schemas(sources.charts.values())
    shapes = list(_documents(resolved, schemas))
    bad = {part for _, part in shapes} | {
        (problem.position.file, None) for problem in sources.problems
    }
    found = [*sources.problems, *resolved.problems, *(problem for problem, _ in shapes)]
    typed = [release for release in resolved.releases if not bad or not bad & _parts(release)]
    rules = tuple(rules)
    said = in_halves(lambda releases: _looked_at(releases, schemas, rules), typed, many=2000)
    found += _misfits(
        [release for release, words in zip(typed, said, strict=True) if words is None], schemas
    )
    fit = tuple(release for release, words in zip(typed, said, strict=True) if words is not None)
    told = [problem for words in said if words for problem in words]
    told += _told(replace(resolved, releases=fit), rules, typed=not bad)
    found += told if bad else _ignored(resolved, told)
    if any(problem.severity == ERROR or strict for problem in found):
        raise Invalid(found)
    name = str(sources.fleet.data["name"])
    warnings = tuple(sorted(set(found)))
    return Fleet(
        name, sources, resolved.environments, resolved.entries, resolved.releases, warnings
    )


def _schemas(charts: Iterable[Chart]) -> Mapping[str, Schemas]:
    """Schemas by a chart's content: two environments may reach the same chart by two ways."""
    different = {chart.content: chart for chart in charts}
    return {content: Schemas(chart) for content, chart in different.items()}


Part: TypeAlias = tuple[str, int | None]
"""A file, and the entry in it where it is a model list: what a problem of shape makes unusable."""


def _parts(release: Release) -> set[Part]:
    """The parts of files that a release is made of."""
    sources = {(layer.source.file, None) for layer in release.layers}
    own = release.entry.layer
    return {*sources, (release.environment.source.file, None), (own.source.file, own.path[1])}  # type: ignore[arg-type]


def _documents(
    resolved: Resolved, schemas: Mapping[str, Schemas]
) -> Iterator[tuple[Problem, Part]]:
    """Problems of the files as they are written. Every chart in use has its say about what all environments share."""
    sources = resolved.sources
    for each in schemas.values():
        yield from _document(sources.fleet, each, "fleet")
        for source in sources.lists:
            yield from _document(source, each, "models")
    for environment in resolved.environments:
        yield from _document(environment.source, schemas[environment.chart.content], "environment")


def _document(source: Source, schemas: Schemas, kind: str) -> Iterator[tuple[Problem, Part]]:
    if schemas.fitting[kind](source.data):
        return
    for error in errors(schemas.documents[kind], source.data):
        path = tuple(error.absolute_path)
        index = path[1] if kind == "models" and len(path) > 1 else None
        name = lookup(source.data, (*path[:2], "name")) if index is not None else None
        place = Place(
            lambda path, key: source.position(path, key=key),
            source.written,
            subject=name if isinstance(name, str) else "",
            depth=0 if index is None else 2,
        )
        for problem in problems(error, place):
            yield problem, (source.file, index)


def _looked_at(
    releases: Iterable[Release], schemas: Mapping[str, Schemas], rules: Iterable[Rule]
) -> list[tuple[Problem, ...] | None]:
    """What rules say about each release; None where its values do not fit the chart's schema."""
    looks = [(rule, rule.of_release, rule.keys) for rule in rules if rule.of_release]

    def told(release: Release) -> tuple[Problem, ...] | None:
        data, said = release.complete(), release.values.keys()
        if not schemas[release.environment.chart.content].fits(data):
            return None
        asked = [
            (rule, look(release, data)) for rule, look, keys in looks if not keys.isdisjoint(said)
        ]
        return tuple(rule.coded(problem) for rule, problems in asked for problem in problems)

    return list(map(told, releases))


def _misfits(releases: Iterable[Release], schemas: Mapping[str, Schemas]) -> Iterator[Problem]:
    """Every problem of releases with the chart's schema, up to a number of releases."""
    misfits: Counter[Environment] = Counter()
    for release in releases:
        misfits[release.environment] += 1
        if misfits[release.environment] <= EXPLAINED:
            schema = schemas[release.environment.chart.content].complete
            yield from _release(release, schema, release.complete())
    for environment, count in misfits.items():
        if (more := count - EXPLAINED) > 0:
            message = f"{more} more releases of {environment.name} have problems"
            yield Problem(
                environment.source.position(), "TF059", message, hint="solve those above first"
            )


def _told(resolved: Resolved, rules: Iterable[Rule], *, typed: bool) -> Iterator[Problem]:
    """What rules say about all releases that fit together; most only when everything has its type."""
    for rule in rules:
        if rule.of_fleet and (rule.always or typed):
            yield from map(rule.coded, rule.of_fleet(resolved))


def _release(release: Release, schema: Schema, data: Any) -> Iterator[Problem]:
    place = Place(
        lambda path, key: release.position(path, key=key),
        lambda path: _written(release, path),
        release.name,
    )
    for error in errors(schema, data):
        yield from problems(error, place)


def _written(release: Release, path: KeyPath) -> str:
    layer = release.setter(path)
    return layer.source.written(layer.path + path) if layer else ""


def _ignored(resolved: Resolved, found: list[Problem]) -> Iterator[Problem]:
    """What is left of the rules' problems after `ignore`; an ignore that silences nothing is a warning itself."""
    silenced: set[Problem] = set()
    for source, environment in _ignoring(resolved):
        for index, ignore in enumerate(source.data.get("ignore") or ()):
            hit = [p for p in found if _fits(p, ignore, environment)]
            silenced.update(hit)
            if not hit:
                message = f"nothing to ignore: {ignore['rule']} says nothing about {', '.join(ignore['models'])}"
                position = source.position(("ignore", index))
                yield Problem(position, "TF058", message, hint="remove it", severity=WARNING)
    yield from (problem for problem in found if problem not in silenced)


def _ignoring(resolved: Resolved) -> Iterator[tuple[Source, Environment | None]]:
    yield resolved.sources.fleet, None
    for environment in resolved.environments:
        yield environment.source, environment


def _fits(problem: Problem, ignore: Mapping[str, Any], environment: Environment | None) -> bool:
    here = environment is None or problem.environment in {"", environment.name}
    return here and problem.code == ignore["rule"] and problem.subject in ignore["models"]
