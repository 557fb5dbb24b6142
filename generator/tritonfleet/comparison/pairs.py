"""Releases before and after: those that differ, and the values in which they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tritonfleet.labels import said
from tritonfleet.nouns import Environment, Release
from tritonfleet.problem import Position
from tritonfleet.values import KeyPath, lookup

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SUSPEND: KeyPath = ("suspend",)


class Key(NamedTuple):
    """What a release is called: a model in an environment."""

    environment: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A release that differs; it is added where there is none before, and removed where there is none after."""

    key: Key
    before: Release | None
    after: Release | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before is None:
            return ADDED
        return REMOVED if self.after is None else CHANGED

    @property
    def release(self) -> Release:
        """The release as it will be, or as it was."""
        release = self.after or self.before
        assert release
        return release


@dataclass(frozen=True, slots=True)
class Edit:
    """One value that differs; None stands for no value."""

    path: KeyPath
    before: Any
    after: Any
    layer: str
    """The layer that decides it: `profile gpu-a10`, `resnet50`, `chart default`."""
    position: Position | None
    """Where that is written, in the files before the change where the value is no longer said."""


def pairs(before: Iterable[Release], after: Iterable[Release]) -> list[Pair]:
    """The releases that differ, in the order of those after; then those that are gone."""
    old = _by_key(before)
    new = _by_key(after)
    differing = []
    for key in {**new, **old}:
        pair = Pair(key, old.get(key), new.get(key))
        if _differs(pair):
            differing.append(pair)
    return differing


def _by_key(releases: Iterable[Release]) -> Mapping[Key, Release]:
    return {_key(each): each for each in releases}


def _key(release: Release) -> Key:
    return Key(release.environment.name, release.name)


def _differs(pair: Pair) -> bool:
    """Whether the release itself differs, or what its environment says of all its releases."""
    before = pair.before
    after = pair.after
    if before is None or after is None:
        return True
    if before.values != after.values or before.suspended != after.suspended:
        return True
    if settings(before.environment) != settings(after.environment):
        return True
    return said(before) != said(after)


def settings(environment: Environment) -> Mapping[str, object]:
    """What an environment says of all its releases, as people name it."""
    chart = environment.chart
    return {
        "namespace": environment.namespace,
        "cluster.server": environment.server,
        "cluster.destinationName": environment.destination_name,
        "engine": environment.engine,
        "gitops": environment.gitops,
        "chart": chart.oci or chart.path,
        "chart.version": chart.version,
        "chart.digest": chart.digest,
        "chart's content": chart.content[:12],
    }


def edits(pair: Pair) -> Iterator[Edit]:
    """The values in which a release differs, as the chart sees them; none of one that is added or removed."""
    before = pair.before
    after = pair.after
    if before is None or after is None:
        return
    # 1. What the engines are told.
    if before.suspended != after.suspended:
        yield _suspension(before, after)
    for path, old, new in differing(said(before), said(after)):
        yield Edit(("gitops", *path), old, new, "gitops", None)
    # 2. What the chart is told.
    for path, old, new in differing(before.complete(), after.complete()):
        edit = _edit(before, after, path, old, new)
        if not _is_new_default(edit):
            yield edit


def _is_new_default(edit: Edit) -> bool:
    """A default that another chart brings is no change that anybody made; what it does is in the objects."""
    return edit.position is None and edit.before is None


def _suspension(before: Release, after: Release) -> Edit:
    layer, position = _place_of_suspend(after)
    return Edit(SUSPEND, before.suspended, after.suspended, layer, position)


def _place_of_suspend(release: Release) -> tuple[str, Position]:
    """`suspend` is no value of the chart: an entry says it, or a patch over it."""
    environment = release.environment
    source = environment.source
    patch: KeyPath = ("patches", release.name, *SUSPEND)
    is_patched = lookup(source.data, patch) is not None
    if is_patched:
        return f"{environment.name} patch", source.position(patch)
    position = release.entry.layer.position(SUSPEND)
    return "entry", position


def _edit(before: Release, after: Release, path: KeyPath, old: Any, new: Any) -> Edit:
    """The change of one value, and who says it."""
    # What is no longer said has no place after the change.
    setter = after.setter(path) or before.setter(path)
    if setter is None:
        return Edit(path, old, new, "chart default", None)
    position = setter.position(path)
    return Edit(path, old, new, setter.name, position)


def differing(
    before: Any, after: Any, path: KeyPath = ()
) -> Iterator[tuple[KeyPath, Any, Any]]:
    """Paths at which two values differ, as deep as both are mappings; what one of them lacks is None."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            inner = (*path, key)
            yield from differing(before.get(key), after.get(key), inner)
        return
    # For Python 1 is equal to true, for the chart it is not.
    same_type = type(before) is type(after)
    if not same_type or before != after:
        yield path, before, after
