"""Promotion: one environment runs what another one runs, and everything else of it stays.

*What* is the image's tag and digest, the version, the models, and in the repository the path, not the bucket. *How* is
the rest: pods, resources, placement, registries, kinds of repositories.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.edit.document import is_same
from tritonfleet.edit.places import (
    entry_of,
    environment_of,
    granted,
    require_goes_to,
    with_source,
)
from tritonfleet.edit.wishes import Wish
from tritonfleet.environments import environment_name
from tritonfleet.nouns import Release, Sources
from tritonfleet.resolve import releases_of
from tritonfleet.values import KeyPath, Values, lookup

_WHAT: tuple[KeyPath, ...] = (
    ("image", "tag"),
    ("image", "digest"),
    ("modelVersion",),
    ("loadModels",),
)
_REPOSITORY: Mapping[str, tuple[str, ...]] = {
    "image": ("path",),
    "pvc": ("subPath",),
    "s3": ("uri",),
    "gcs": ("uri",),
    "azure": ("uri",),
    "oci": ("reference", "subPath"),
    "hostPath": ("path",),
    "nfs": ("path",),
    "configMap": ("models",),
}
# A bucket, or an account with its container, and the path in it that says the version.
_PLACE = re.compile(r"(?P<place>(?:s3|gs)://[^/]+|as://[^/]+/[^/]+)(?P<path>/.*)?\Z")
_REFERENCE = re.compile(r"(?P<name>[^@]+?)(?P<version>(?::[^:/@]+)?(?:@.+)?)\Z")
_DECIDED = frozenset({"image", "modelVersion", "loadModels", "repository"})


class Promoted(NamedTuple):
    """The fleet after a promotion, and the root keys and parts that differ and were left alone."""

    sources: Sources
    left: tuple[str, ...]


def promoted(sources: Sources, name: str, source: str, target: str) -> Promoted:
    """`target` runs what `source` runs of a model. Raises Invalid (TF070, TF072)."""
    for environment in (source, target):
        require_goes_to(sources, name, environment)
    releases = _by_environment(sources, name)
    giving, taking = releases[source].complete(), releases[target].complete()
    after = sources
    for path, value in _what(giving, taking):
        after = _wanted(after, name, target, path, value)
    for path in _version_paths(taking):
        after = _folded(after, name, path)
    return Promoted(after, tuple(_left(giving, taking)))


def _by_environment(sources: Sources, name: str) -> dict[str, Release]:
    entry = entry_of(sources, name)
    return {each.environment.name: each for each in releases_of(sources, entry)}


def _version_paths(values: Values) -> Iterator[KeyPath]:
    yield from _WHAT
    for kind in values["repository"]:
        for key in _REPOSITORY.get(kind, ()):
            yield ("repository", kind, key)


def _what(giving: Values, taking: Values) -> Iterator[tuple[KeyPath, Any]]:
    """What the target is to say where it differs; of a repository only where both have the same kind."""
    same_kind = giving["repository"].keys() == taking["repository"].keys()
    for path in _version_paths(taking):
        if path[0] == "repository" and not same_kind:
            continue
        now = lookup(taking, path)
        value = _version_of(path[-1], lookup(giving, path), now)
        if not is_same(value, now):
            yield path, value


def _version_of(key: str | int, given: Any, taken: Any) -> Any:
    """The source's version with the target's place around it."""
    form = {"uri": _PLACE, "reference": _REFERENCE}.get(str(key))
    if form is None or not isinstance(given, str) or not isinstance(taken, str):
        return given
    theirs, ours = form.match(given), form.match(taken)
    if theirs is None or ours is None:
        return given
    return ours[1] + (theirs[2] or "")


def _wanted(
    sources: Sources, name: str, environment: str, path: KeyPath, value: Any
) -> Sources:
    """A value in one environment: by its patch saying nothing, where that is enough, and else by its patch."""
    source = environment_of(sources, environment)
    around = ("patches", name)
    without = granted(source, around, Wish(path, is_gone=True), keep=0)
    trial = with_source(sources, without)
    if is_same(_value(trial, name, environment, path), value):
        return trial
    return with_source(sources, granted(source, around, Wish(path, value), keep=0))


def _value(sources: Sources, name: str, environment: str, path: KeyPath) -> Any:
    return lookup(_by_environment(sources, name)[environment].complete(), path)


def _folded(sources: Sources, name: str, path: KeyPath) -> Sources:
    """What all environments of a model say alike, its entry says, and no patch."""
    patched = [each for each in sources.environments if _is_patched(each, name, path)]
    values = _values(sources, name, path)
    if not patched or any(not is_same(each, values[0]) for each in values):
        return sources
    unpatched = sources
    for source in patched:
        gone = granted(source, ("patches", name), Wish(path, is_gone=True), keep=0)
        unpatched = with_source(unpatched, gone)
    if _all_say(unpatched, name, path, values[0]):
        return unpatched
    layer = entry_of(unpatched, name).layer
    entry = granted(layer.source, layer.path, Wish(path, values[0]), keep=2)
    folded = with_source(unpatched, entry)
    return folded if _all_say(folded, name, path, values[0]) else sources


def _is_patched(environment: Any, name: str, path: KeyPath) -> bool:
    return lookup(environment.data, ("patches", name, *path)) is not None


def _values(sources: Sources, name: str, path: KeyPath) -> list[Any]:
    """What the releases of a model have at a path."""
    releases = _by_environment(sources, name).values()
    return [lookup(release.complete(), path) for release in releases]


def _all_say(sources: Sources, name: str, path: KeyPath, value: Any) -> bool:
    return all(is_same(each, value) for each in _values(sources, name, path))


def _left(giving: Values, taking: Values) -> Iterator[str]:
    """Keys of how a model runs that differ between the environments."""
    for part in ("registry", "repository"):
        if giving["image"].get(part) != taking["image"].get(part):
            yield f"image.{part}"
    if giving["repository"].keys() != taking["repository"].keys():
        yield "repository, which is of another kind"
    for key in giving:
        if key not in _DECIDED and not is_same(giving[key], taking.get(key)):
            yield key


def steps(before: Sources, after: Sources) -> list[Sources]:
    """Entries first: a patch hides what they say until it goes."""
    entries = with_lists(before, after)
    return [entries, after]


def with_lists(before: Sources, after: Sources) -> Sources:
    """The fleet with the edited lists, and the environments as they were."""
    for source in after.lists:
        before = with_source(before, source)
    return before


def source_of(sources: Sources, target: str) -> str | None:
    """Where an environment takes from: its `after`."""
    after = environment_of(sources, target).data.get("after")
    known = map(environment_name, sources.environments)
    return after if after in known else None
