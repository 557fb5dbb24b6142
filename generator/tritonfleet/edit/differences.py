"""What edits did to a model: each value that its entry, a patch or an exclusion says and did not say before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tritonfleet.edit.document import is_same, is_there
from tritonfleet.entries import entries_named
from tritonfleet.nouns import Sources
from tritonfleet.problem import Position
from tritonfleet.source import Source
from tritonfleet.values import KeyPath, dotted, list_at, lookup


class Difference(NamedTuple):
    """A value of a model before and after; None stands for nothing."""

    position: Position
    """Where it is afterwards, or was, when it is gone."""
    model: str
    key: str
    before: Any
    after: Any


class _Part(NamedTuple):
    """What a file says of a model: its entry or a patch, and whether an environment excludes it."""

    source: Source
    path: KeyPath
    value: Any


def differences(before: Sources, after: Sources, model: str) -> Iterator[Difference]:
    """All of a model, file by file; an entry or a patch that comes or goes is one."""
    old = _parts(before, model)
    new = _parts(after, model)
    places = old.keys() | new.keys()
    for place in sorted(places):
        yield from _of_part(old.get(place), new.get(place), model)


def _parts(sources: Sources, model: str) -> dict[tuple[str, str], _Part]:
    """By file, and by what it is there."""
    parts: dict[tuple[str, str], _Part] = {}
    for entry in entries_named(sources.lists, model):
        layer = entry.layer
        parts[layer.source.file, ""] = _part_at(layer.source, layer.path)
    for source in sources.environments:
        for kind, part in _of_environment(source, model):
            parts[source.file, kind] = part
    return parts


def _part_at(source: Source, path: KeyPath) -> _Part:
    """What a file says at a path."""
    value = lookup(source.data, path)
    return _Part(source, path, value)


def _of_environment(source: Source, model: str) -> Iterator[tuple[str, _Part]]:
    """Its patch of a model, and whether it excludes it."""
    patch = _part_at(source, ("patches", model))
    if patch.value is not None:
        yield "patch", patch
    excluded = list_at(source.data, "exclude")
    if model in excluded:
        index = excluded.index(model)
        yield "exclude", _Part(source, ("exclude", index), value=True)


def _of_part(old: _Part | None, new: _Part | None, model: str) -> Iterator[Difference]:
    """What differs between the two."""
    kind = _latest(old, new).path[0]
    comes_or_goes = old is None or new is None
    if kind == "exclude":
        yield from _whole(old, new, model, "exclude")
    elif kind == "models" and comes_or_goes:
        yield from _whole(old, new, model, "")
    else:
        yield from _inside(old, new, model)


def _latest(old: _Part | None, new: _Part | None) -> _Part:
    """What a file says; what it said, when that is gone."""
    part = new or old
    assert part is not None  # one of them has the file
    return part


def _value(part: _Part | None) -> Any:
    return part.value if part else None


def _whole(
    old: _Part | None, new: _Part | None, model: str, key: str
) -> Iterator[Difference]:
    """A part that comes or goes as one."""
    was = _value(old)
    now = _value(new)
    if was == now:
        return
    latest = _latest(old, new)
    position = latest.source.position(latest.path)
    yield Difference(position, model, key, was, now)


def _inside(old: _Part | None, new: _Part | None, model: str) -> Iterator[Difference]:
    """The values of a part that differ."""
    was = _value(old)
    now = _value(new)
    for path in _paths(was, now):
        part = _latest(old, new)
        if old is not None and not is_there(now, path):
            part = old  # what is gone has its place where it was
        whole_path = (*part.path, *path)
        position = part.source.position(whole_path, key=True)
        before = lookup(was, path)
        after = lookup(now, path)
        yield Difference(position, model, dotted(path), before, after)


def _paths(was: Any, now: Any) -> Iterator[KeyPath]:
    """Paths of the values that differ; of what comes or goes, those inside of it."""
    if not _has_keys(was, now):
        if not is_same(was, now):
            yield ()
        return
    old = was or {}
    new = now or {}
    for key in {**old, **new}:
        for path in _paths(old.get(key), new.get(key)):
            yield (key, *path)


def _has_keys(was: Any, now: Any) -> bool:
    """Whether one is a mapping that is not empty, and the other one such or nothing."""
    there = [each for each in (was, now) if each is not None]
    if not there:
        return False
    return all(each and isinstance(each, dict) for each in there)
