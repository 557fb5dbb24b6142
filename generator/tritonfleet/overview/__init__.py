"""A fleet as its page shows it: numbers first, then every model with the releases that it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from tritonfleet.nouns import Entry, Fleet, Release
from tritonfleet.overview.ensembles import ensembles
from tritonfleet.overview.live import lives, seen
from tritonfleet.overview.places import in_order, place
from tritonfleet.overview.releases import running
from tritonfleet.overview.shapes import Live, Model, Overview, Running, Share
from tritonfleet.problem import Problem
from tritonfleet.reach import lines_url
from tritonfleet.status import Glance

NOBODY = "nobody"
"""Who owns a model that names no team."""


_Sentences: TypeAlias = Mapping[tuple[str, str], Sequence[str]]
"""What is wrong with releases, by environment and name."""


def overview(
    fleet: Fleet, glance: Glance | None = None, *, logs: bool = False
) -> Overview:
    """All of it, from values and from what was seen in clusters before: nothing here asks one."""
    live = lives(glance, logs=logs)
    models = tuple(_models(fleet, live))
    owned = list(_owned(models))
    releases = [release for _, release in owned]
    images = [(release.image, release) for release in releases]
    environments = in_order(fleet.environments)
    names = [each.name for each in environments]
    return Overview(
        fleet=fleet.name,
        places=tuple(place(each, releases) for each in environments),
        models=models,
        images=_shares(images, names),
        owners=_shares(owned, names),
        ensembles=ensembles(_ordered(fleet)),
        problems=tuple(map(_sentence, fleet.warnings)),
        seen=seen(glance, logs=logs),
    )


def _models(fleet: Fleet, live: Mapping[tuple[str, str], Live]) -> Iterator[Model]:
    """In the order of lists, each with its releases in the order of promotion."""
    sentences = _by_release(fleet.warnings)
    by_entry = _by_entry(_ordered(fleet))
    for entry in fleet.entries:
        releases = by_entry.get(entry.name)
        if releases is None:
            continue  # with --env, an entry may go nowhere that is shown
        views = []
        for view in _running(releases, sentences):
            its_live = live.get((view.environment, entry.name))
            views.append(replace(view, live=its_live))
        yield _model(entry, releases, views)


def _ordered(fleet: Fleet) -> list[Release]:
    """All releases in the order of promotion."""
    order = [each.name for each in in_order(fleet.environments)]
    return sorted(fleet.releases, key=lambda each: order.index(each.environment.name))


def _by_entry(releases: Iterable[Release]) -> Mapping[str, Sequence[Release]]:
    """The releases of each entry, by its name."""
    found: dict[str, list[Release]] = {}
    for release in releases:
        own = found.setdefault(release.name, [])
        own.append(release)
    return found


def _owned(models: Iterable[Model]) -> Iterator[tuple[str, Running]]:
    """Every release with its model's owner."""
    for model in models:
        for release in model.releases:
            yield model.team or NOBODY, release


def _by_release(problems: Iterable[Problem]) -> _Sentences:
    """A problem of an entry in all environments belongs to none of its releases."""
    found: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        key = problem.environment, problem.subject
        sentences = found.setdefault(key, [])
        sentences.append(_sentence(problem))
    return found


def _sentence(problem: Problem) -> str:
    """Where it is and what it is, in one line."""
    position = problem.position
    place = f"{position.file}:{position.line}"
    return f"{place}: {problem.code} {problem.text}"


def _model(
    entry: Entry, releases: Sequence[Release], views: Sequence[Running]
) -> Model:
    """The page names one owner for a model: the first release's."""
    first = releases[0]
    owner = first.value("owner")
    position = entry.layer.position(("name",))
    return Model(
        name=entry.name,
        team=owner["team"],
        email=owner["email"],
        profile=entry.profile or "",
        place=f"{position.file}:{position.line}",
        url=lines_url(first.environment.gitops, position),
        releases=tuple(views),
    )


def _running(releases: Sequence[Release], sentences: _Sentences) -> Iterator[Running]:
    environments = [release.environment.name for release in releases]
    for release in releases:
        key = release.environment.name, release.name
        yield running(release, sentences.get(key, ()), environments)


def _shares(
    named: Iterable[tuple[str, Running]], environments: Sequence[str]
) -> tuple[Share, ...]:
    """How often each name is in each environment; the most frequent first."""
    counts: dict[str, Counter[str]] = {}
    for name, release in named:
        count = counts.setdefault(name, Counter())
        count[release.environment] += 1
    shares = []
    for name, count in counts.items():
        in_each = [count[each] for each in environments]
        shares.append(Share(name, tuple(in_each)))
    shares.sort(key=_rank)
    return tuple(shares)


def _rank(share: Share) -> tuple[int, str]:
    return -share.total, share.name
