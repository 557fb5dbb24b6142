"""The pods of objects that entries add, where an environment permits kinds that run some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.pod import Part
from tritonfleet.rules.manifests import ExtraObject
from tritonfleet.values import KeyPath, list_at


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
