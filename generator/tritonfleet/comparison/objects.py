"""Rendered manifests as objects, and the fields in which two of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tritonfleet.kubernetes import Manifest, documents
from tritonfleet.values import lookup

# Labels that change with every version of the chart, and mean nothing to the cluster.
NOISE = ("helm.sh/chart", "app.kubernetes.io/managed-by")


KEEP = ("metadata", "annotations", "helm.sh/resource-policy")


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
        metadata = manifest.get("metadata") or {}
        labels = metadata.get("labels") or {}
        for name in NOISE:
            labels.pop(name, None)
        namespace = str(metadata.get("namespace") or "")
        key = ObjectKey(str(manifest.get("kind")), namespace, str(metadata.get("name")))
        found[key] = manifest
    return found


def object_pairs(
    before: Mapping[ObjectKey, Manifest], after: Mapping[ObjectKey, Manifest]
) -> list[ObjectPair]:
    """The objects that differ, sorted."""
    keys = sorted({*before, *after})
    return [
        ObjectPair(key, before.get(key), after.get(key))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def fields(before: Any, after: Any, path: str = "") -> Iterator[Field]:
    """The fields that differ. Items of a list are known by their names, where all have one."""
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            inner = f"{path}.{key}" if path else str(key)
            yield from fields(before.get(key), after.get(key), inner)
        return
    if _are_named(before) and _are_named(after):
        yield from _of_named(before, after, path)
        return
    yield Field(path, before, after)


def _are_named(items: Any) -> bool:
    """Whether these are items of a list that Kubernetes knows by their names, like containers."""
    if not isinstance(items, list) or not items:
        return False
    names = [item.get("name") for item in items if isinstance(item, dict)]
    return len(names) == len(items) == len(set(map(str, names))) and None not in names


def _of_named(
    before: Sequence[Any], after: Sequence[Any], path: str
) -> Iterator[Field]:
    old = {item["name"]: item for item in before}
    new = {item["name"]: item for item in after}
    for name in {**old, **new}:
        yield from fields(old.get(name), new.get(name), f"{path}[{name}]")
    if set(old) == set(new) and list(old) != list(new):
        yield Field(path, list(old), list(new))


def images(pod_spec: Mapping[str, Any]) -> Iterator[str]:
    """Every image that a pod needs, in the order in which it needs them."""
    for volume in pod_spec.get("volumes") or ():
        reference = (volume.get("image") or {}).get("reference")
        if reference:
            yield reference
    for kind in ("initContainers", "containers"):
        containers: Iterable[Mapping[str, Any]] = pod_spec.get(kind) or ()
        for container in containers:
            if container.get("image"):
                yield container["image"]
