"""The objects that entries add to their releases, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tritonfleet.kinds import Kind
from tritonfleet.nouns import Release
from tritonfleet.values import KeyPath, Values, lookup, text_at


class ExtraObject(NamedTuple):
    """An object that an entry adds: where it is written, and what is written there."""

    path: KeyPath
    manifest: Any

    @property
    def kind(self) -> str:
        """Its kind; "" where none is written."""
        return text_at(self.manifest, "kind")

    @property
    def group_and_kind(self) -> Kind:
        """API group and kind; the core group is ""."""
        group, _, _ = text_at(self.manifest, "apiVersion").rpartition("/")
        return group, self.kind

    @property
    def name(self) -> str:
        """Its name; "" where none is written."""
        return text_at(self.manifest, "metadata", "name")


def extra_objects(values: Values) -> Iterator[ExtraObject]:
    """The objects of `extraObjects`, and those inside of lists, as Helm and both engines take them apart."""
    for index, manifest in enumerate(values["extraObjects"]):
        written = ExtraObject(("extraObjects", index), manifest)
        yield from _taken_apart(written)


def extra_objects_of(release: Release) -> Iterator[ExtraObject]:
    """The objects that an entry adds to its release."""
    written = release.value("extraObjects")
    return extra_objects({"extraObjects": written})


def _taken_apart(extra: ExtraObject) -> Iterator[ExtraObject]:
    """An object, or those inside of a List, which may hold further lists."""
    items = lookup(extra.manifest, ("items",))
    if not isinstance(items, list) or extra.group_and_kind != ("", "List"):
        yield extra
        return
    for index, item in enumerate(items):
        path = (*extra.path, "items", index)
        yield from _taken_apart(ExtraObject(path, item))
