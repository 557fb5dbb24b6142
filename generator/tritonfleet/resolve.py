"""Layers to values: chart defaults < fleet `defaults` < environment `defaults` < profile (the fleet's, refined by the
environment's) < model entry < environment `patches.<name>`. The profile itself is resolved first.

Mappings merge, everything else replaces, null removes. A null stays in a release's values only where the chart has a
default to delete. Input that does not fit its schema is skipped here, and `validate` tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tritonfleet.environments import environments_of, impossible_names
from tritonfleet.nouns import Entry, Environment, Release, Resolved, Sources
from tritonfleet.problem import Problem
from tritonfleet.source import Layer, Source
from tritonfleet.unknown import (
    misplaced_exclusions,
    misplaced_patches,
    unknown_environments,
    unknown_profile,
)
from tritonfleet.values import KeyPath, Values, list_at, lookup, mapping_at

GENERATOR_KEYS = frozenset({"name", "profile", "environments", "suspend"})
_NOTHING: Values = {}


def resolve(sources: Sources) -> Resolved:
    """Every entry in every environment that it goes to, with its layers and what they add up to."""
    # 1. Environments and entries. Of entries with one name the first counts; TF101 tells the others.
    environments = environments_of(sources)
    entries = tuple(_entries(sources.lists))
    by_name: dict[str, Entry] = {}
    for entry in entries:
        by_name.setdefault(entry.name, entry)

    # 2. Names that cannot be, or that nothing has.
    problems = [*impossible_names(sources)]
    problems += unknown_environments(entries, sources.environments)
    for environment in environments:
        problems += misplaced_patches(environment.source, by_name)
        problems += misplaced_exclusions(environment.source, by_name)

    # 3. Releases, in the order of environments and lists.
    releases: list[Release] = []
    for environment in environments:
        releases += _releases(sources.fleet, environment, by_name.values(), problems)
    return Resolved(sources, environments, entries, tuple(releases), tuple(problems))


def _entries(lists: Iterable[Source]) -> Iterator[Entry]:
    for source in lists:
        for index, item in enumerate(list_at(source.data, "models")):
            has_name = isinstance(item, dict) and isinstance(item.get("name"), str)
            if has_name:
                yield _entry(source, index, item)


def _entry(source: Source, index: int, item: Values) -> Entry:
    profile = item.get("profile")
    environments = item.get("environments")
    return Entry(
        name=item["name"],
        layer=_layer("entry", source, ("models", index), item),
        profile=profile if isinstance(profile, str) else None,
        environments=tuple(map(str, environments))
        if isinstance(environments, list)
        else None,
        suspend=item.get("suspend") is True,
    )


def _layer(name: str, source: Source, path: KeyPath, values: Values) -> Layer:
    """A layer of the chart's values alone, without the generator's own keys."""
    chart_values = {
        key: value for key, value in values.items() if key not in GENERATOR_KEYS
    }
    return Layer(name, source, path, chart_values)


def _releases(
    fleet: Source,
    environment: Environment,
    entries: Iterable[Entry],
    problems: list[Problem],
) -> Iterator[Release]:
    """The releases of one environment; profiles that nothing has are added to `problems`."""
    own = environment.source
    patches = mapping_at(own.data, "patches")
    excluded = {name for name in list_at(own.data, "exclude") if isinstance(name, str)}
    without_profile = _base_without_profile(fleet, environment)
    bases = _bases_of_profiles(fleet, environment, without_profile)
    default = _default_profile(fleet, environment)
    for entry in entries:
        if not entry.goes_to(environment.name) or entry.name in excluded:
            continue
        patch = mapping_at(patches, entry.name)
        profile = _profile(entry, patch, own) or default
        base = without_profile
        if profile and profile.name in bases:
            base = bases[profile.name]
        elif profile:
            position = profile.source.position(profile.path)
            problems.append(
                unknown_profile(profile.name, position, environment.name, bases)
            )
        yield _release(entry, environment, base, patch)


@dataclass(frozen=True, slots=True)
class _Base:
    """What the releases of one profile in one environment share: their lowest layers, and what these add up to."""

    layers: tuple[Layer, ...]
    values: Values


def _base_without_profile(fleet: Source, environment: Environment) -> _Base:
    fleet_defaults = _section("fleet defaults", fleet, "defaults")
    own_defaults = _section(
        f"{environment.name} defaults", environment.source, "defaults"
    )
    return _raised(_Base((), {}), [fleet_defaults, own_defaults], environment)


def _bases_of_profiles(
    fleet: Source, environment: Environment, base: _Base
) -> Mapping[str, _Base]:
    """The base of each profile that the fleet or the environment has, over the one without a profile."""
    own = environment.source
    of_fleet = mapping_at(fleet.data, "profiles")
    refined = mapping_at(own.data, "profiles")
    bases: dict[str, _Base] = {}
    for profile in {**of_fleet, **refined}:
        layers: list[Layer] = []
        if profile in of_fleet:
            name = f"profile {profile}"
            layers.append(_section(name, fleet, "profiles", profile))
        if profile in refined:
            name = f"{environment.name} profile {profile}"
            layers.append(_section(name, own, "profiles", profile))
        bases[profile] = _raised(base, layers, environment)
    return bases


def _raised(base: _Base, layers: list[Layer], environment: Environment) -> _Base:
    """The base with more layers over its own."""
    values = base.values
    for layer in layers:
        values = merge(values, layer.values, environment.chart.defaults)
    return _Base((*base.layers, *layers), values)


def _section(name: str, source: Source, *path: str) -> Layer:
    """The mapping at `path` of a file as a layer."""
    return _layer(name, source, path, mapping_at(source.data, *path))


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


def _default_profile(fleet: Source, environment: Environment) -> _Profile | None:
    """The profile that the environment's `defaults` choose, else the fleet's; None when nobody chooses one."""
    path = ("defaults", "profile")
    for source in (environment.source, fleet):
        profile = lookup(source.data, path)
        if isinstance(profile, str):
            return _Profile(profile, source, path)
    return None


def _release(
    entry: Entry, environment: Environment, base: _Base, patch: Values
) -> Release:
    above = [entry.layer]
    if patch:
        name = f"{environment.name} patch"
        path = ("patches", entry.name)
        above.append(_layer(name, environment.source, path, patch))
    whole = _raised(base, above, environment)
    return Release(
        name=entry.name,
        environment=environment,
        entry=entry,
        layers=whole.layers,
        values=whole.values,
        suspended=patch.get("suspend", entry.suspend) is True,
    )


def merge(base: Values, over: Values, defaults: Values) -> Values:
    """`over` merged over `base`; a null stays only where `defaults`, the chart's, have something to delete.

    Returns `over` itself where it decides everything, else a new mapping that shares each unchanged part of both:
    releases that agree share their values, in memory and when they are written. Runs for each mapping of each layer.
    """
    merged = dict(base)
    for key, value in over.items():
        default = defaults.get(key)
        if type(value) is dict:
            merged[key] = merge(_mapping(merged.get(key)), value, _mapping(default))
        elif value is None and default is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    if merged.keys() == over.keys() and all(merged[key] is over[key] for key in over):
        return over
    return merged


def _mapping(value: Any) -> Values:
    return value if type(value) is dict else _NOTHING
