"""The pods of objects that entries add, where an environment permits kinds that run some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tritonfleet.pod import Part, Pod
from tritonfleet.rules.manifests import ExtraObject, extra_objects
from tritonfleet.values import KeyPath, Values, list_at


def pods_of_extras(values: Values) -> Iterator[tuple[str, Pod]]:
    """The pods that an entry adds: what the object of each is called, and its template, whose parts are the entry's."""
    for extra in extra_objects(values):
        called = f"{extra.kind} {extra.name}"
        for part in pods_of(extra):
            yield called, _pod(extra, part)


def _pod(extra: ExtraObject, part: Part) -> Pod:
    """A template, in which everything was written where it is."""
    place = (*extra.path, *part.path)
    origins: dict[KeyPath, KeyPath] = {
        ("metadata",): (*place, "metadata"),
        ("spec",): (*place, "spec"),
    }
    return Pod(part.value, origins)


def pods_of(extra: ExtraObject) -> Iterator[Part]:
    """The templates of an object's pods, each with its path in the object; a Pod is its own."""
    if extra.group_and_kind == ("", "Pod"):
        yield Part((), extra.manifest)
    else:
        yield from _templates(extra.manifest, ())


def _templates(data: Any, path: KeyPath) -> Iterator[Part]:
    """Whatever has containers under a key like `template`: kinds that nobody here knows have such templates as well."""
    for key, value in _items(data):
        inside = (*path, key)
        if _is_template(key, value):
            yield Part(inside, value)
        else:
            yield from _templates(value, inside)


def _items(data: Any) -> Iterable[tuple[str | int, Any]]:
    """What is in a mapping or a list, by key or index."""
    if isinstance(data, dict):
        return data.items()
    if isinstance(data, list):
        return enumerate(data)
    return ()


def _is_template(key: str | int, value: Any) -> bool:
    name = str(key).lower()
    if not name.endswith("template"):
        return False
    return bool(list_at(value, "spec", "containers"))
