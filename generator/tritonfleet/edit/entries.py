"""Entries as a whole: one more in a list, and one less in the fleet or in one environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from tritonfleet.edit.document import append, drop, is_same, put, with_value
from tritonfleet.edit.places import (
    entry_of,
    environment_of,
    goes_to,
    with_source,
)
from tritonfleet.edit.wishes import Wish
from tritonfleet.entries import entries_of
from tritonfleet.environments import environment_name
from tritonfleet.nouns import Entry, Sources
from tritonfleet.problem import Invalid, Problem
from tritonfleet.source import Source
from tritonfleet.values import KeyPath, Values, list_at, lookup
from tritonfleet.yaml import read


def with_values(entry: Values, wishes: Iterable[Wish]) -> Values:
    """An entry that says what is wished."""
    for each in wishes:
        entry = with_value(entry, each.path, each.value)
    return entry


def added(sources: Sources, values: Values, file: str) -> Sources:
    """One more entry at the end of a list, or in a new one. Raises Invalid (TF073) when another one has its name."""
    name = values["name"]
    if any(each.name == name for each in entries_of(sources.lists)):
        return _as_it_is(sources, values)
    for source in sources.lists:
        if source.file == file:
            longer = append(source, ("models",), values)
            return with_source(sources, longer)
    return _with_new_list(sources, _new_list(file, values))


def _with_new_list(sources: Sources, new: Source) -> Sources:
    """The fleet with one more list, in the order in which lists are read."""
    lists = [*sources.lists, new]
    in_order = sorted(lists, key=lambda each: PurePosixPath(each.file))
    return replace(sources, lists=tuple(in_order))


def _as_it_is(sources: Sources, values: Values) -> Sources:
    """The entry was added before, or is another one."""
    name = values["name"]
    layer = entry_of(sources, name).layer
    there = lookup(layer.source.data, layer.path)
    if is_same(there, values):
        return sources
    message = f"there is an entry `{name}` already, and it says something else"
    hint = "change it with `tritonfleet set`, or take another name"
    position = layer.position(("name",))
    raise Invalid([Problem(position, "TF073", message, hint=hint)])


def _new_list(file: str, values: Values) -> Source:
    """A file with one entry, whose first value is its name."""
    first, *others = values.items()
    _, name = first
    source = read(file, f"models:\n  - name: {name}\n".encode())
    for key, value in others:
        # One by one, so that each is written as `set` would write it.
        source = put(source, ("models", 0, key), value)
    return source


def removed(sources: Sources, name: str) -> Sequence[Sources]:
    """The fleet without a model, step by step; each leaves every other release as it is."""
    steps: list[Sources] = []
    # 1. What an environment excludes does not come to it when its `exclude` goes.
    at = _environments_of(sources, name)
    if at and _is_excluded(sources, name):
        sources = _limited(sources, name, at)
        steps.append(sources)
    # 2. Patches and exclusions, which nothing may have without an entry.
    for environment in sources.environments:
        unpatched = _unpatched(environment, name)
        sources = with_source(sources, _without_exclusion(unpatched, name))
    steps.append(sources)
    # 3. The entry; a list that it leaves empty goes with it.
    entry = entry_of(sources, name)
    steps.append(_without_entry(sources, entry))
    return steps


def _environments_of(sources: Sources, name: str) -> list[str]:
    """Where a model goes to today."""
    entry = entry_of(sources, name)
    names = map(environment_name, sources.environments)
    return [each for each in names if goes_to(sources, entry, each)]


def _is_excluded(sources: Sources, name: str) -> bool:
    """Whether any environment excludes a model."""
    exclusions = [list_at(each.data, "exclude") for each in sources.environments]
    return any(name in excluded for excluded in exclusions)


def _limited(sources: Sources, name: str, environments: list[str]) -> Sources:
    """The fleet with these environments in the model's own entry."""
    layer = entry_of(sources, name).layer
    path = (*layer.path, "environments")
    edited = put(layer.source, path, environments)
    return with_source(sources, edited)


def _unpatched(environment: Source, name: str) -> Source:
    return drop(environment, ("patches", name), keep=0, comments=True)


def _without_exclusion(environment: Source, name: str) -> Source:
    excluded = list_at(environment.data, "exclude")
    if name not in excluded:
        return environment
    index = excluded.index(name)
    return drop(environment, ("exclude", index), keep=0)


def _without_entry(sources: Sources, entry: Entry) -> Sources:
    """The fleet without an entry, and without its list where that has no other one."""
    source = entry.layer.source
    entries = list_at(source.data, "models")
    if len(entries) > 1:
        shorter = drop(source, entry.layer.path, keep=1, comments=True)
        return with_source(sources, shorter)
    others = [each for each in sources.lists if each is not source]
    if not others:
        raise Invalid([_last_model(entry)])
    return replace(sources, lists=tuple(others))


def _last_model(entry: Entry) -> Problem:
    """A fleet without lists is an error to every other command."""
    message = f"`{entry.name}` is the last model, and a fleet has at least one"
    hint = "add another one first"
    position = entry.layer.position(("name",))
    return Problem(position, "TF020", message, hint=hint, subject=entry.name)


def removed_from(sources: Sources, name: str, environment: str) -> Sequence[Sources]:
    """The model goes to this environment no longer. Raises Invalid (TF074) when it goes to no other."""
    entry = entry_of(sources, name)
    if not goes_to(sources, entry, environment):
        return []
    unpatched = _unpatched(environment_of(sources, environment), name)
    if entry.environments is None:  # it goes to every one that does not exclude it
        excluding = append(unpatched, ("exclude",), name)
        return [with_source(sources, excluding)]
    shorter = _without_environment(entry, environment)
    without_patch = with_source(sources, unpatched)
    return [without_patch, with_source(without_patch, shorter)]


def _without_environment(entry: Entry, environment: str) -> Source:
    """The entry's list, in which it does not name the environment. Raises Invalid (TF074) when it names no other."""
    named = entry.environments or ()
    index = named.index(environment)
    path: KeyPath = ("environments", index)
    if len(named) == 1:
        raise Invalid([_last_one(entry, environment, path)])
    layer = entry.layer
    return drop(layer.source, (*layer.path, *path), keep=2)


def _last_one(entry: Entry, environment: str, path: KeyPath) -> Problem:
    """TF074: a model goes somewhere, or is removed as a whole."""
    name = entry.name
    message = f"`{name}` goes to {environment} only"
    hint = f"`tritonfleet remove {name}` removes it from the fleet"
    position = entry.layer.position(path)
    return Problem(position, "TF074", message, hint=hint, subject=name)
