"""The stage itself: files against their schemas, releases against their chart's, then the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tritonfleet.nouns import Fleet, Release, Resolved, Rule
from tritonfleet.parallel import in_parts
from tritonfleet.problem import ERROR, Invalid, Problem, some
from tritonfleet.validate.foreign import unusable_schemas
from tritonfleet.validate.ignored import without_ignored
from tritonfleet.validate.shapes import (
    Misshapen,
    Part,
    Shapes,
    misfits,
    misshapen_files,
    parts_of,
    shapes_of,
)
from tritonfleet.values import Values

MANY = 2000  # releases that are worth a second process
MOST_OF_RELEASE = 100  # problems that rules have against one release


def validate(
    resolved: Resolved, rules: Iterable[Rule], *, strict: bool = False
) -> Fleet:
    """A Fleet, whose warnings are left to tell; raises Invalid with all errors and warnings.

    Rules see only releases that fit the schema, so that none of them has to doubt its input.
    `strict` makes warnings fail.
    """
    sources = resolved.sources
    # Environments share a chart, which is the same object then: its schema is looked at once.
    charts = {id(chart): chart for chart in sources.charts.values()}
    unusable = list(unusable_schemas(charts.values()))
    if unusable:
        raise Invalid([*sources.problems, *unusable])
    problems = _problems(resolved, tuple(rules))
    if any(strict or problem.severity == ERROR for problem in problems):
        raise Invalid(problems)
    return Fleet(
        name=str(sources.fleet.data["name"]),
        sources=sources,
        environments=resolved.environments,
        entries=resolved.entries,
        releases=resolved.releases,
        warnings=tuple(sorted(set(problems))),
    )


def usable(releases: Iterable[Release]) -> list[Release]:
    """Those that fit their chart's schema: what else they break, nobody asked the rules."""
    fitting: list[Release] = []
    shapes: dict[str, Shapes] = {}
    for release in releases:
        chart = release.environment.chart
        if chart.content not in shapes:
            shapes |= shapes_of([chart])
        values = shapes[chart.content].values
        if values.fits(release.complete()):
            fitting.append(release)
    return fitting


def _problems(resolved: Resolved, rules: Sequence[Rule]) -> list[Problem]:
    """Those of the stages before, and all that schemas and rules find."""
    unread = resolved.sources.problems
    problems = [*unread, *resolved.problems]

    # 1. Files against their schemas. A release is looked at no further when a part of it was not read or does not fit.
    shapes = shapes_of(resolved.sources.charts.values())
    misshapen = list(misshapen_files(resolved, shapes))
    problems += [each.problem for each in misshapen]
    unusable = _unusable(unread, misshapen)
    sound = _without(unusable, resolved.releases)

    # 2. Each release against its chart's schema and the rules about one release: its complete values are made once.
    looks = _look_at_all(sound, shapes, rules)
    problems += misfits(looks.misfits, shapes)

    # 3. The rules about all releases together.
    fitting = replace(resolved, releases=looks.fitting)
    of_fleet = _of_fleet(fitting, rules, all_typed=not unusable)
    against_rules = [*looks.problems, *of_fleet]

    # 4. What people ignore does not count. Which that is can be read only where every file has its shape.
    if unusable:
        return problems + against_rules
    left = without_ignored(against_rules, resolved)
    return [*problems, *_each_line_once(left)]


def _each_line_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """One of those that read the same: what a file says for all its releases is wrong once."""
    said = set()
    for problem in sorted(problems):
        words = (problem.position, problem.code, problem.text)
        if words not in said:
            said.add(words)
            yield problem


def _unusable(unread: Iterable[Problem], misshapen: Iterable[Misshapen]) -> set[Part]:
    """What no release can be made of: files that could not be read, and what does not fit its schema."""
    unusable = {Part(problem.position.file) for problem in unread}
    unusable.update(each.part for each in misshapen)
    return unusable


def _without(unusable: set[Part], releases: Sequence[Release]) -> Sequence[Release]:
    """The releases that no unusable part belongs to."""
    if not unusable:
        return releases
    sound = []
    for release in releases:
        parts = parts_of(release)
        if unusable.isdisjoint(parts):
            sound.append(release)
    return sound


class _Looks(NamedTuple):
    """What looking at each release gave: those that fit their chart's schema, the others, and the rules' problems."""

    fitting: tuple[Release, ...]
    misfits: tuple[Release, ...]
    problems: list[Problem]


class _Look(NamedTuple):
    """The same of one release. Small, because half of them come from another process."""

    fits: bool
    problems: tuple[Problem, ...]


def _look_at_all(
    releases: Sequence[Release], shapes: Mapping[str, Shapes], rules: Sequence[Rule]
) -> _Looks:
    """Looks at each release once; many of them are shared between processes."""
    about = _RulesAbout(rules)

    def look_at_each(part: Sequence[Release]) -> list[_Look]:
        return [_look_at(release, shapes, about) for release in part]

    fitting: list[Release] = []
    others: list[Release] = []
    problems: list[Problem] = []
    looks = in_parts(look_at_each, releases, many=MANY)
    for release, look in zip(releases, looks, strict=True):
        which = fitting if look.fits else others
        which.append(release)
        problems += look.problems
    return _Looks(tuple(fitting), tuple(others), problems)


class _RulesAbout(dict[frozenset[str], tuple[Rule, ...]]):
    """The rules that are about a release, by the root keys that its layers set.

    Kept, because most releases of a fleet set the same keys: asking each rule for each release takes 5 % more CPU time
    (`validate` of 1,000 models in 3 environments).
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        super().__init__()
        self._rules = [rule for rule in rules if rule.of_release]

    def __missing__(self, keys: frozenset[str]) -> tuple[Rule, ...]:
        about = tuple(rule for rule in self._rules if not rule.keys.isdisjoint(keys))
        self[keys] = about
        return about


def _look_at(
    release: Release, shapes: Mapping[str, Shapes], about: _RulesAbout
) -> _Look:
    """One release against its chart's schema; only where it fits, against the rules."""
    shape = shapes[release.environment.chart.content].values
    values = release.complete()
    if not shape.fits(values):
        return _Look(fits=False, problems=())
    rules = about[frozenset(release.values)]
    problems = some(_of_release(release, values, rules), MOST_OF_RELEASE)
    return _Look(fits=True, problems=tuple(problems))


def _of_release(
    release: Release, values: Values, rules: Sequence[Rule]
) -> Iterator[Problem]:
    """What rules have against one release; `values` are its complete ones."""
    for rule in rules:
        if rule.of_release:
            yield from map(rule.coded, rule.of_release(release, values))


def _of_fleet(
    resolved: Resolved, rules: Iterable[Rule], *, all_typed: bool
) -> Iterator[Problem]:
    """What rules have against all releases that fit together; most of them only when every value has its type."""
    for rule in rules:
        if rule.of_fleet and (rule.always or all_typed):
            yield from some(map(rule.coded, rule.of_fleet(resolved)))
