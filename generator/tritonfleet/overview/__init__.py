"""A fleet as its page shows it: numbers first, then every model with the releases that it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tritonfleet.nouns import Entry, Fleet, Release
from tritonfleet.overview.places import place
from tritonfleet.overview.releases import running
from tritonfleet.overview.shapes import Model, Overview, Running, Share
from tritonfleet.problem import Problem
from tritonfleet.reach import lines_url

NOBODY = "nobody"
"""Who owns a model that names no team."""


def overview(fleet: Fleet) -> Overview:
    """All of it, from values alone: nothing here asks a cluster."""
    models = tuple(_models(fleet))
    releases = [each for model in models for each in model.releases]
    names = fleet.environment_names
    return Overview(
        fleet=fleet.name,
        places=tuple(place(each, releases) for each in fleet.environments),
        models=models,
        images=_shares(((each.image, each) for each in releases), names),
        owners=_shares(_owned(models), names),
        problems=tuple(map(_sentence, fleet.warnings)),
    )


def _models(fleet: Fleet) -> Iterator[Model]:
    """In the order of lists, each with its releases in the order of environments."""
    problems = _by_release(fleet.warnings)
    of_entry: dict[str, list[Release]] = {}
    for release in fleet.releases:
        of_entry.setdefault(release.name, []).append(release)
    for entry in fleet.entries:
        # With --env, an entry may go nowhere that is shown.
        if entry.name in of_entry:
            yield _model(entry, of_entry[entry.name], problems)


def _owned(models: Iterable[Model]) -> Iterator[tuple[str, Running]]:
    """Every release with its model's owner."""
    for model in models:
        for release in model.releases:
            yield model.team or NOBODY, release


def _by_release(
    problems: Iterable[Problem],
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Sentences by environment and name; a problem of an entry in all environments belongs to none of them."""
    found: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        key = problem.environment, problem.subject
        found.setdefault(key, []).append(_sentence(problem))
    return {key: tuple(sentences) for key, sentences in found.items()}


def _sentence(problem: Problem) -> str:
    position = problem.position
    return f"{position.file}:{position.line}: {problem.code} {problem.text}"


def _model(
    entry: Entry,
    releases: Sequence[Release],
    problems: Mapping[tuple[str, str], tuple[str, ...]],
) -> Model:
    owner = releases[0].value("owner")
    position = entry.layer.position(("name",))
    keys = [(each.environment.name, each.name) for each in releases]
    told = [problems.get(key, ()) for key in keys]
    return Model(
        name=entry.name,
        team=owner["team"],
        email=owner["email"],
        profile=entry.profile or "",
        place=f"{position.file}:{position.line}",
        url=lines_url(releases[0].environment.gitops, position),
        releases=tuple(map(running, releases, told)),
    )


def _shares(
    named: Iterable[tuple[str, Running]], environments: Sequence[str]
) -> tuple[Share, ...]:
    """The most frequent first."""
    counts: dict[str, Counter[str]] = {}
    for name, view in named:
        counts.setdefault(name, Counter())[view.environment] += 1
    shares = [
        Share(name, tuple(count[each] for each in environments))
        for name, count in counts.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.total, share.name)))
