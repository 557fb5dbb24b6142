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
    old, new = _parts(before, model), _parts(after, model)
    for file in sorted(old.keys() | new.keys()):
        yield from _of_part(old.get(file), new.get(file), model)


def _parts(sources: Sources, model: str) -> dict[tuple[str, str], _Part]:
    """By file, and by what it is there."""
    parts: dict[tuple[str, str], _Part] = {}
    for entry in entries_named(sources.lists, model):
        source, path = entry.layer.source, entry.layer.path
        values = lookup(source.data, path)
        parts[source.file, ""] = _Part(source, path, values)
    for source in sources.environments:
        for kind, part in _of_environment(source, model):
            parts[source.file, kind] = part
    return parts


def _of_environment(source: Source, model: str) -> Iterator[tuple[str, _Part]]:
    """Its patch of a model, and whether it excludes it."""
    path: KeyPath = ("patches", model)
    patch = lookup(source.data, path)
    if patch is not None:
        yield "patch", _Part(source, path, patch)
    excluded = list_at(source.data, "exclude")
    if model in excluded:
        path = ("exclude", excluded.index(model))
        yield "exclude", _Part(source, path, value=True)


def _of_part(old: _Part | None, new: _Part | None, model: str) -> Iterator[Difference]:
    kind = _latest(old, new).path[0]
    if kind == "exclude":
        yield from _whole(old, new, model, "exclude")
    elif kind == "models" and (old is None or new is None):
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
    was, now = _value(old), _value(new)
    if was != now:
        latest = _latest(old, new)
        position = latest.source.position(latest.path)
        yield Difference(position, model, key, was, now)


def _inside(old: _Part | None, new: _Part | None, model: str) -> Iterator[Difference]:
    """The values of a part that differ."""
    was, now = _value(old), _value(new)
    for path in _paths(was, now):
        # What is gone has its place where it was.
        is_gone = old is not None and not is_there(now, path)
        part = _latest(old, None if is_gone else new)
        position = part.source.position((*part.path, *path), key=True)
        key = dotted(path)
        before, after = lookup(was, path), lookup(now, path)
        yield Difference(position, model, key, before, after)


def _paths(was: Any, now: Any) -> Iterator[KeyPath]:
    """Paths of the values that differ; of what comes or goes, those inside of it."""
    if _has_keys(was, now):
        old, new = was or {}, now or {}
        for key in {**old, **new}:
            for path in _paths(old.get(key), new.get(key)):
                yield (key, *path)
    elif not is_same(was, now):
        yield ()


def _has_keys(was: Any, now: Any) -> bool:
    """Whether one is a mapping that is not empty, and the other one such or nothing."""
    there = [each for each in (was, now) if each is not None]
    return bool(there) and all(each and isinstance(each, dict) for each in there)
