"""What those who call a server see of a change of its release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tritonfleet.comparison.objects import (
    Field,
    ObjectPair,
    fields,
)
from tritonfleet.comparison.pairs import Pair
from tritonfleet.nouns import Release
from tritonfleet.values import KeyPath, dotted, lookup

# Values that clients of the server notice, beside the objects that they reach it by.
SEEN_BY_CLIENTS: tuple[KeyPath, ...] = (
    ("http", "enabled"),
    ("grpc", "enabled"),
    ("grpc", "tls"),
    ("metrics", "enabled"),
    ("loadModels",),
    ("modelControl",),
    ("server", "restrictedApis"),
    ("openai", "restrictedApis"),
    ("openai", "closeModelList"),
)


def seen_by_clients(pair: Pair, differing: Iterable[ObjectPair]) -> Iterator[Field]:
    """What differs for those who call the release."""
    # Who calls a release that is new, or is gone, sees all of it.
    if pair.before is None or pair.after is None:
        return
    yield from _seen_values(pair.before, pair.after)
    name = pair.after.full_name
    for each in differing:
        if each.key.kind in REACHED_BY:
            yield from _of_address(each, name)


def _seen_values(before: Release, after: Release) -> Iterator[Field]:
    """The values that clients notice, where they differ."""
    for path in SEEN_BY_CLIENTS:
        # Of an older chart, which has no such value, nothing is said either.
        old = _value(before, path)
        new = _value(after, path)
        is_same = (old or None) == (new or None)
        if not is_same:
            yield Field(dotted(path), old, new)


def _value(release: Release, path: KeyPath) -> Any:
    """What a release has at a path, of all its values only this one completed."""
    key, *inner = path
    value = release.value(str(key))
    return lookup(value, tuple(inner))


# Kinds that clients reach a server by, and their fields that say how.
REACHED_BY: Mapping[str, tuple[str, ...]] = {
    "Service": ("spec.ports", "spec.type", "spec.clusterIP", "spec.loadBalancer"),
    "Ingress": ("spec.rules", "spec.tls", "spec.ingressClassName"),
    "HTTPRoute": ("spec.hostnames", "spec.parentRefs", "spec.rules"),
    "GRPCRoute": ("spec.hostnames", "spec.parentRefs", "spec.rules"),
    "NetworkPolicy": ("spec.ingress",),
}


def _of_address(pair: ObjectPair, release: str) -> Iterator[Field]:
    """What differs in how clients reach the server by one object, which most often is called like the release."""
    kind = pair.key.kind
    name = pair.key.name
    words = kind
    if name != release:
        words += f" {name}"
    if pair.before is None:
        yield Field(words, None, name)
    elif pair.after is None:
        yield Field(words, name, None)
    else:
        for field in _fields_of_address(pair):
            path = f"{words}: {field.path}"
            yield replace(field, path=path)


def _fields_of_address(pair: ObjectPair) -> Iterator[Field]:
    """The fields that differ, of those that say how the object is reached."""
    own = REACHED_BY[pair.key.kind]
    for field in fields(pair.before, pair.after):
        if field.path.startswith(own):
            yield field
