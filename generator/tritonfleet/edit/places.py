"""Where a value of a model is written: in its own entry, or in an environment's patch of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tritonfleet.edit.document import drop, is_same, put
from tritonfleet.edit.images import with_part
from tritonfleet.edit.splice import nested
from tritonfleet.edit.wishes import Wish
from tritonfleet.entries import entries_named
from tritonfleet.environments import environment_name
from tritonfleet.layers import GENERATOR_KEYS, layer
from tritonfleet.nouns import Entry, Sources
from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Source
from tritonfleet.values import (
    KeyPath,
    Values,
    dotted,
    list_at,
    lookup,
    mapping_at,
)


def entry_of(sources: Sources, name: str) -> Entry:
    """The entry of a name that some list has. Raises Invalid (TF101) when two have it."""
    first, *others = entries_named(sources.lists, name)
    if others:
        raise Invalid([_listed_twice(first, others[0])])
    return first


def _listed_twice(first: Entry, second: Entry) -> Problem:
    name = first.name
    place = first.layer.position(("name",))
    message = f"`{name}` is listed twice, first at {place}"
    hint = "rename or remove one of the two"
    position = second.layer.position(("name",))
    return Problem(position, "TF101", message, hint=hint, subject=name)


def environment_of(sources: Sources, name: str) -> Source:
    """The file of an environment that is there."""
    by_name = {environment_name(each): each for each in sources.environments}
    return by_name[name]


def with_source(sources: Sources, edited: Source) -> Sources:
    """The same with one file as it would be."""
    lists = _swapped(sources.lists, edited)
    environments = _swapped(sources.environments, edited)
    return replace(sources, lists=lists, environments=environments)


def _swapped(files: Iterable[Source], edited: Source) -> tuple[Source, ...]:
    """The files with the edited one in its place."""
    swapped = []
    for source in files:
        is_edited = source.file == edited.file
        swapped.append(edited if is_edited else source)
    return tuple(swapped)


def in_entry(sources: Sources, name: str, wishes: Iterable[Wish]) -> Sources:
    """The wishes in the model's own entry. Raises Invalid (TF070, TF071)."""
    for each in wishes:
        entry = entry_of(sources, name)
        hiding = list(_hiding_patches(sources, entry, each))
        if hiding:
            raise Invalid(hiding)
        edited = granted(entry.layer.source, entry.layer.path, each, keep=2)
        sources = with_source(sources, edited)
    return sources


def in_patch(
    sources: Sources, name: str, environment: str, wishes: Iterable[Wish]
) -> Sources:
    """The wishes in an environment's patch of the model. Raises Invalid (TF070, TF072)."""
    require_goes_to(sources, name, environment)
    for each in wishes:
        source = environment_of(sources, environment)
        edited = granted(source, ("patches", name), each, keep=0)
        sources = with_source(sources, edited)
    return sources


def granted(source: Source, around: KeyPath, wish: Wish, *, keep: int) -> Source:
    """A file with a wish in the entry or the patch at `around`. Raises Invalid (TF070)."""
    path = (*around, *wish.path)
    if wish.is_gone:
        return drop(source, path, keep=keep)
    holder = path[:-1]
    image = with_part(lookup(source.data, holder), path, wish.value)
    if image:
        return put(source, holder, image)
    return put(source, path, wish.value)


def _hiding_patches(sources: Sources, entry: Entry, wish: Wish) -> Iterator[Problem]:
    """TF071: patches that say something else where the wish is; one that removes what is there hides nothing."""
    if wish.is_gone:
        return
    wanted = nested(wish.path, wish.value)
    wished = _counted(entry.layer.source, wanted)
    for source in sources.environments:
        patch = mapping_at(source.data, "patches", entry.name)
        patched = _counted(source, patch)
        for path in _other_values(patched, wished):
            yield _hiding(source, entry.name, path)


def _counted(source: Source, values: Values) -> Values:
    """Values as a layer has them, an image in one text as a mapping, and the generator's own beside them."""
    own = {key: value for key, value in values.items() if key in GENERATOR_KEYS}
    of_chart = layer("", source, (), values).values
    return {**of_chart, **own}


def _other_values(patch: Any, wished: Any) -> Iterator[KeyPath]:
    """Paths at which a patch has another value than is wished."""
    if isinstance(patch, dict) and isinstance(wished, dict):
        for key in patch.keys() & wished.keys():
            for path in _other_values(patch[key], wished[key]):
                yield (key, *path)
        return
    if patch is not None and not is_same(patch, wished):
        yield ()


def _hiding(source: Source, name: str, path: KeyPath) -> Problem:
    """TF071, with the two commands that people may have meant."""
    here = environment_name(source)
    key = dotted(path)
    message = f"the patch of {here} would hide `{key}` of `{name}`"
    removing = f"tritonfleet set {name} --unset {key} --env {here}"
    hint = f"`--env {here}` sets it there; `{removing}` removes it there"
    patched = ("patches", name, *path)
    position = source.position(patched, key=True)
    return Problem(position, "TF071", message, hint=hint, subject=name)


def require_goes_to(sources: Sources, name: str, environment: str) -> None:
    """Raises Invalid (TF072) when a model does not go to an environment."""
    entry = entry_of(sources, name)
    place = _kept_away(sources, entry, environment)
    if place is None:
        return
    position, hint = place
    message = f"`{name}` does not go to {environment}"
    raise Invalid([Problem(position, "TF072", message, hint=hint, subject=name)])


def goes_to(sources: Sources, entry: Entry, environment: str) -> bool:
    """Whether a model goes to an environment."""
    return _kept_away(sources, entry, environment) is None


def _kept_away(
    sources: Sources, entry: Entry, environment: str
) -> tuple[Position, str] | None:
    """What keeps an entry out of an environment, and what to do about it; None where it goes there."""
    source = environment_of(sources, environment)
    excluded = list_at(source.data, "exclude")
    if entry.name in excluded:
        index = excluded.index(entry.name)
        position = source.position(("exclude", index))
        return position, "remove its name from `exclude`"
    if entry.goes_to(environment):
        return None
    position = entry.layer.position(("environments",))
    return position, f"add {environment} to its `environments`"
