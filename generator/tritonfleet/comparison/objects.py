"""Rendered manifests as objects, and the fields in which two of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tritonfleet.kubernetes import Manifest, documents
from tritonfleet.values import KeyPath, lookup

# Labels that change with every version of the chart, and mean nothing to the cluster.
NOISE = ("helm.sh/chart", "app.kubernetes.io/managed-by")
# Helm leaves an object in the cluster that has `keep` here.
KEEP = ("metadata", "annotations", "helm.sh/resource-policy")
# Helm and Argo CD make an object that has this for a moment, like the test after a rollout.
HOOK = ("metadata", "annotations", "helm.sh/hook")


class ObjectKey(NamedTuple):
    """Which object of the cluster it is."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class ObjectPair:
    """An object that differs; None stands for one that is not there."""

    key: ObjectKey
    before: Manifest | None
    after: Manifest | None

    @property
    def is_kept(self) -> bool:
        """Whether it stays in the cluster when the release no longer has it."""
        return bool(lookup(self.before, KEEP) == "keep")

    @property
    def hook(self) -> str:
        """When it is made, where it is no part of what runs; "" for all others."""
        manifest = self.after or self.before
        return str(lookup(manifest, HOOK) or "")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that differs, as people write it: spec.template.spec.containers[triton].image; None is no field."""

    path: str
    before: Any
    after: Any


def objects(manifests: str) -> Mapping[ObjectKey, Manifest]:
    """The objects of a release, without noise."""
    found: dict[ObjectKey, Manifest] = {}
    for manifest in documents(manifests):
        _remove_noise(manifest)
        found[_key(manifest)] = manifest
    return found


def _remove_noise(manifest: Manifest) -> None:
    """Takes labels away that every version of the chart changes."""
    labels = lookup(manifest, ("metadata", "labels")) or {}
    for name in NOISE:
        labels.pop(name, None)


def _key(manifest: Manifest) -> ObjectKey:
    """Which object a manifest is; whoever wrote a number as its name meant text."""
    kind = manifest.get("kind")
    namespace = lookup(manifest, ("metadata", "namespace")) or ""
    name = lookup(manifest, ("metadata", "name"))
    return ObjectKey(str(kind), str(namespace), str(name))


def object_pairs(
    before: Mapping[ObjectKey, Manifest], after: Mapping[ObjectKey, Manifest]
) -> list[ObjectPair]:
    """The objects that differ, sorted."""
    pairs = []
    for key in sorted({*before, *after}):
        old = before.get(key)
        new = after.get(key)
        if old != new:
            pairs.append(ObjectPair(key, old, new))
    return pairs


def fields(before: Any, after: Any, path: str = "") -> Iterator[Field]:
    """The fields that differ. Items of a list are known by their names, where all have one."""
    # For Python 1 is equal to true, for the cluster it is not.
    same_type = type(before) is type(after)
    if same_type and before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_mappings(before, after, path)
    elif _are_named(before) and _are_named(after):
        yield from _of_named(before, after, path)
    else:
        yield Field(path, before, after)


def _of_mappings(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str
) -> Iterator[Field]:
    """The fields that differ inside two mappings, in the order of the first one's keys."""
    for key in {**before, **after}:
        inner = _inner(path, key)
        yield from fields(before.get(key), after.get(key), inner)


def _inner(path: str, key: str) -> str:
    """The path of a key; what is at the top has no dot."""
    if not path:
        return str(key)
    return f"{path}.{key}"


def _are_named(items: Any) -> bool:
    """Whether these are items of a list that Kubernetes knows by their names, like containers."""
    if not isinstance(items, list) or not items:
        return False
    names = set()
    for item in items:
        if not isinstance(item, dict) or item.get("name") is None:
            return False
        names.add(str(item["name"]))
    return len(names) == len(items)


def _of_named(
    before: Sequence[Any], after: Sequence[Any], path: str
) -> Iterator[Field]:
    """Items that only one of the lists has are fields, too, and so is another order of the same items."""
    old = _by_name(before)
    new = _by_name(after)
    for name in {**old, **new}:
        item = f"{path}[{name}]"
        yield from fields(old.get(name), new.get(name), item)
    if old.keys() != new.keys():
        return
    old_order = list(old)
    new_order = list(new)
    if old_order != new_order:
        yield Field(path, old_order, new_order)


def _by_name(items: Iterable[Any]) -> Mapping[Any, Any]:
    return {item["name"]: item for item in items}


def images(pod_spec: Mapping[str, Any]) -> Iterator[str]:
    """Every image that a pod needs, in the order in which it needs them."""
    yield from _images_of(pod_spec.get("volumes"), ("image", "reference"))
    yield from _images_of(pod_spec.get("initContainers"), ("image",))
    yield from _images_of(pod_spec.get("containers"), ("image",))


def _images_of(items: Iterable[Any] | None, path: KeyPath) -> Iterator[str]:
    """What is at `path` of those items that have it; a pod need not have the list."""
    for item in items or ():
        image = lookup(item, path)
        if image:
            yield image
