"""Layers to values: chart defaults < fleet `defaults` < environment `defaults` < profile (the fleet's, refined by the
environment's) < model entry < environment `patches.<name>`. The profile itself is resolved first.

Input that does not fit its schema is skipped here, and `validate` tells it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tritonfleet.entries import entries_of
from tritonfleet.environments import environments_of, impossible_names
from tritonfleet.layers import Stack, section, stacked
from tritonfleet.limits import MOST_MADE, MOST_RELEASES, Room, at_most, too_much
from tritonfleet.nouns import Entry, Environment, Release, Resolved, Sources
from tritonfleet.problem import Guesses, Problem, some
from tritonfleet.source import Layer, Source
from tritonfleet.unknown import (
    Known,
    known_names,
    misplaced_names,
    unknown_environments,
    unknown_profile,
    unknown_sources,
)
from tritonfleet.values import KeyPath, Values, list_at, lookup, mapping_at


def resolve(sources: Sources) -> Resolved:
    """Every entry in every environment that it goes to, with its layers and what they add up to."""
    # 1. Environments and entries. Of entries with one name the first counts; TF101 tells the others.
    environments = environments_of(sources)
    entries = tuple(entries_of(sources.lists))
    by_name = _first_of_each_name(entries)

    # 2. Names that cannot be, or that nothing has.
    guesses = Guesses()
    problems = [*impossible_names(sources)]
    problems += some(unknown_environments(entries, sources.environments, guesses))
    problems += unknown_sources(sources.environments, guesses)
    for environment in environments:
        problems += misplaced_names(environment.source, by_name, guesses)

    # 3. Releases, in the order of environments and lists.
    first_entries = by_name.values()
    releases: list[Release] = []
    unknown: dict[_Unknown, None] = {}
    room = _room(sources, environments, first_entries)
    for environment in environments:
        releases += _releases(sources.fleet, environment, first_entries, room, unknown)
    problems += some(each.problem(guesses) for each in unknown)
    return Resolved(sources, environments, entries, tuple(releases), tuple(problems))


def _room(
    sources: Sources, environments: Iterable[Environment], entries: Collection[Entry]
) -> Room | None:
    """Room for the values of all releases; None where there is enough, which is told without counting them.

    Raises Invalid (TF019) for too many releases.
    """
    releases = values = 0
    for environment in environments:
        here = sum(1 for _ in _entries_in(environment, entries))
        releases += here
        shared = (sources.fleet, environment.source)
        values += at_most(sources.lists, shared, here)
    if releases > MOST_RELEASES:
        message = f"these are {releases} releases, more than {MOST_RELEASES}"
        raise too_much("TF019", sources.fleet.file, message)
    if values <= MOST_MADE:
        return None
    return Room("TF019", "all releases", MOST_MADE)


def releases_of(sources: Sources, entry: Entry) -> Iterator[Release]:
    """The releases of one entry, without those of all others."""
    for environment in environments_of(sources):
        yield from _releases(sources.fleet, environment, [entry], None, {})


def _first_of_each_name(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    """Entries by their names."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.name, entry)
    return first


def _releases(
    fleet: Source,
    environment: Environment,
    entries: Iterable[Entry],
    room: Room | None,
    unknown: dict[_Unknown, None],
) -> Iterator[Release]:
    """The releases of one environment; profiles that nothing has are added to `unknown`, each once."""
    own = environment.source
    patches = mapping_at(own.data, "patches")
    bases = _bases(fleet, environment)
    default = _default_profile(fleet, environment)
    for entry in _entries_in(environment, entries):
        patch = mapping_at(patches, entry.name)
        profile = _profile(entry, patch, own) or default
        if profile and profile.name not in bases.of_profiles:
            unknown[_Unknown(profile, environment, bases.known)] = None
        yield _release(entry, environment, bases.base(profile), patch, room)


def _entries_in(environment: Environment, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries that go to the environment and that it does not exclude."""
    excluded = list_at(environment.source.data, "exclude")
    excluded_names = {name for name in excluded if isinstance(name, str)}
    for entry in entries:
        if entry.goes_to(environment.name) and entry.name not in excluded_names:
            yield entry


@dataclass(frozen=True, slots=True)
class _Bases:
    """The lowest layers of one environment's releases, added up once for all that have them in common."""

    without_profile: Stack
    of_profiles: Mapping[str, Stack]
    """Of each profile that the fleet or the environment has."""
    known: Known
    """Their names."""

    def base(self, profile: _Profile | None) -> Stack:
        """The base of a profile; for none, or one that nothing has, the one without a profile."""
        if profile is None:
            return self.without_profile
        return self.of_profiles.get(profile.name, self.without_profile)


def _bases(fleet: Source, environment: Environment) -> _Bases:
    """The bases of one environment: without a profile, and with each that there is."""
    without_profile = _base_without_profile(fleet, environment)
    of_profiles: dict[str, Stack] = {}
    for profile in _profiles(fleet, environment):
        layers = _layers_of_profile(profile, fleet, environment)
        of_profiles[profile] = stacked(without_profile, layers, environment)
    known = known_names(sorted(of_profiles))
    return _Bases(without_profile, of_profiles, known)


def _profiles(fleet: Source, environment: Environment) -> Iterable[str]:
    """Names of the profiles that the fleet or the environment has, each once."""
    of_fleet = mapping_at(fleet.data, "profiles")
    refined = mapping_at(environment.source.data, "profiles")
    return {**of_fleet, **refined}


def _base_without_profile(fleet: Source, environment: Environment) -> Stack:
    """The defaults of the fleet, and those of the environment over them."""
    of_fleet = section("fleet defaults", fleet, "defaults")
    name = f"{environment.name} defaults"
    own = section(name, environment.source, "defaults")
    nothing = Stack((), {})
    return stacked(nothing, [of_fleet, own], environment)


def _layers_of_profile(
    profile: str, fleet: Source, environment: Environment
) -> Iterator[Layer]:
    """What the fleet says of a profile, then how the environment refines it; each only where it is said."""
    own = environment.source
    if profile in mapping_at(fleet.data, "profiles"):
        yield section(f"profile {profile}", fleet, "profiles", profile)
    if profile in mapping_at(own.data, "profiles"):
        name = f"{environment.name} profile {profile}"
        yield section(name, own, "profiles", profile)


class _Profile(NamedTuple):
    """A profile's name, and the value of a file that chose it."""

    name: str
    source: Source
    path: KeyPath


def _profile(entry: Entry, patch: Values, environment: Source) -> _Profile | None:
    """The profile that the patch chooses, else the entry; None leaves it to the defaults."""
    patched = patch.get("profile")
    if isinstance(patched, str):
        return _Profile(patched, environment, ("patches", entry.name, "profile"))
    if entry.profile is not None:
        path = (*entry.layer.path, "profile")
        return _Profile(entry.profile, entry.layer.source, path)
    return None


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A profile that an environment's releases ask for and nothing has."""

    profile: _Profile
    environment: Environment
    known: Known = field(compare=False)

    def problem(self, guesses: Guesses) -> Problem:
        """The same in words."""
        name, source, path = self.profile
        here = self.environment.name
        return unknown_profile(name, source.position(path), here, self.known, guesses)


def _default_profile(fleet: Source, environment: Environment) -> _Profile | None:
    """The profile that the environment's `defaults` choose, else the fleet's; None when nobody chooses one."""
    path = ("defaults", "profile")
    for source in (environment.source, fleet):
        profile = lookup(source.data, path)
        if isinstance(profile, str):
            return _Profile(profile, source, path)
    return None


def _release(
    entry: Entry,
    environment: Environment,
    base: Stack,
    patch: Values,
    room: Room | None,
) -> Release:
    """An entry in one environment: its own layers over the base."""
    above = list(_own_layers(entry, environment, patch))
    if room:
        room.take_layers((*base.layers, *above))
    whole = stacked(base, above, environment)
    return Release(
        name=entry.name,
        environment=environment,
        entry=entry,
        layers=whole.layers,
        values=whole.values,
        suspended=patch.get("suspend", entry.suspend) is True,
    )


def _own_layers(
    entry: Entry, environment: Environment, patch: Values
) -> Iterator[Layer]:
    """The layers that no other release has."""
    yield entry.layer
    if patch:
        name = f"{environment.name} patch"
        yield section(name, environment.source, "patches", entry.name)
