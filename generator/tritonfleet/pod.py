"""A pod template, and which of a release's values each part of it comes from.

What people wrote into open values is read before anybody has checked it: of another type than Kubernetes', it counts
as not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tritonfleet.values import KeyPath, Values, list_at, mapping_at

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class Part(NamedTuple):
    """A part of a pod template: its path there, and what it says."""

    path: KeyPath
    value: Values

    def parts(self, *path: str) -> Iterator[Part]:
        """The items of a list inside of it, as far as they are mappings."""
        for index, item in enumerate(list_at(self.value, *path)):
            if isinstance(item, dict):
                yield Part((*self.path, *path, index), item)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod template in Kubernetes' own shape, and which of the release's values each part of it comes from."""

    template: Values
    origins: Mapping[KeyPath, KeyPath] = field(default_factory=dict)
    patch: Values = field(default_factory=dict)
    """`podTemplate`, which is in `template` already."""

    @property
    def spec(self) -> Values:
        """The pod's own part of the template."""
        return mapping_at(self.template, "spec")

    @property
    def containers(self) -> Iterator[Part]:
        """All containers: of the start, and those that stay."""
        for kind in CONTAINERS:
            yield from self.parts("spec", kind)

    @property
    def volumes(self) -> Iterator[Part]:
        """All volumes."""
        return self.parts("spec", "volumes")

    def parts(self, *path: str) -> Iterator[Part]:
        """The items of a list in the template, as far as they are mappings."""
        return Part((), self.template).parts(*path)

    def is_patched(self, path: KeyPath) -> bool:
        """Whether `podTemplate` says what is at `path` of the template."""
        return _decides(self.patch, path)

    def origin(self, path: KeyPath) -> KeyPath:
        """The path, in the release's values, of what is at `path` of the template."""
        if self.is_patched(path):
            return ("podTemplate", *path)
        for length in range(len(path), 0, -1):
            origin = self.origins.get(path[:length])
            if origin is not None:
                return origin + path[length:]
        return ("podTemplate", *path)


def volume_kinds(volume: Part) -> list[str]:
    """The kinds that a volume says it is of, which should be one: its keys beside the name."""
    kinds = []
    for key, source in volume.value.items():
        if key != "name" and source is not None:
            kinds.append(key)
    return kinds


def _decides(patch: Any, path: KeyPath) -> bool:
    """Whether a patch says what is at `path`, itself or by replacing something around it."""
    for step in path:
        if not isinstance(patch, dict):
            return True  # a list or a scalar replaces all that was there
        if step not in patch:
            return False
        patch = patch[step]
    return True


def patched(base: Values, patch: Values) -> Values:
    """A template with a patch over it, as the chart does it: mappings merge, the rest replaces, null included.

    Source: mergeOverwrite of http://masterminds.github.io/sprig/dicts.html.
    """
    merged = dict(base)
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = patched(merged[key], value)
        else:
            merged[key] = value
    return merged
