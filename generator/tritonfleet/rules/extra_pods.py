"""The pods of objects that entries add, where an environment permits kinds that run some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.pod import Part, Pod
from tritonfleet.rules.manifests import ExtraObject, extra_objects
from tritonfleet.values import KeyPath, Values, list_at


def pods_of_extras(values: Values) -> Iterator[tuple[str, Pod]]:
    """The pods that an entry adds: what the object of each is called, and its template, whose parts are the entry's."""
    for extra in extra_objects(values):
        for path, template in pods_of(extra):
            place = (*extra.path, *path)
            origins: dict[KeyPath, KeyPath] = {
                (key,): (*place, key) for key in ("metadata", "spec")
            }
            yield f"{extra.kind} {extra.name}", Pod(template, origins)


def pods_of(extra: ExtraObject) -> Iterator[Part]:
    """The templates of an object's pods, each with its path in the object; a Pod is its own."""
    if extra.group_and_kind == ("", "Pod"):
        yield Part((), extra.manifest)
    else:
        yield from _templates(extra.manifest, ())


def _templates(data: Any, path: KeyPath) -> Iterator[Part]:
    """Whatever has containers under a key like `template`: kinds that nobody here knows have such templates as well."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _templates(item, (*path, index))
    elif isinstance(data, dict):
        for key, value in data.items():
            if key.lower().endswith("template") and list_at(
                value, "spec", "containers"
            ):
                yield Part((*path, key), value)
            else:
                yield from _templates(value, (*path, key))
