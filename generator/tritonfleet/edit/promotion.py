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
from tritonfleet.nouns import Sources
from tritonfleet.resolve import releases_of
from tritonfleet.source import Source
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
_WEIGHTS = ("model", "revision")
# A bucket, or an account with its container, and the path in it that says the version.
_PLACE = re.compile(r"(?P<place>(?:s3|gs)://[^/]+|as://[^/]+/[^/]+)(?P<path>/.*)?\Z")
_REFERENCE = re.compile(r"(?P<name>[^@]+?)(?P<version>(?::[^:/@]+)?(?:@.+)?)\Z")
_FORMS: Mapping[str | int, re.Pattern[str]] = {"uri": _PLACE, "reference": _REFERENCE}
"""Texts with a place and a version, which are the first and the second group."""
_DECIDED = frozenset({"image", "modelVersion", "loadModels", "repository"})


class Promoted(NamedTuple):
    """The fleet after a promotion, and the root keys and parts that differ and were left alone."""

    sources: Sources
    left: tuple[str, ...]


def promoted(sources: Sources, name: str, source: str, target: str) -> Promoted:
    """`target` runs what `source` runs of a model. Raises Invalid (TF070, TF072)."""
    for environment in (source, target):
        require_goes_to(sources, name, environment)
    values = _by_environment(sources, name)
    giving, taking = values[source], values[target]
    after = sources
    for path, value in _what(giving, taking):
        after = _wanted(after, name, target, path, value)
    for path in _version_paths(taking):
        after = _folded(after, name, path)
    left = _left(giving, taking)
    return Promoted(after, tuple(left))


def _by_environment(sources: Sources, name: str) -> dict[str, Values]:
    """The complete values of a model's releases."""
    releases = releases_of(sources, entry_of(sources, name))
    return {each.environment.name: each.complete() for each in releases}


def _version_paths(values: Values) -> Iterator[KeyPath]:
    """Where values say what runs."""
    yield from _WHAT
    for kind, settings in values["repository"].items():
        if kind == "vllm":
            yield from _weights_of(settings)
        for key in _REPOSITORY.get(kind, ()):
            yield ("repository", kind, key)


def _weights_of(models: Values) -> Iterator[KeyPath]:
    """Which weights models of vLLM have; what else their engines are told is how they run."""
    for model in models:
        for key in _WEIGHTS:
            yield ("repository", "vllm", model, key)


def _what(giving: Values, taking: Values) -> Iterator[tuple[KeyPath, Any]]:
    """What the target is to say where it differs; of a repository only where both have the same kind."""
    same_kind = giving["repository"].keys() == taking["repository"].keys()
    for path in _version_paths(taking):
        if path[0] == "repository" and not same_kind:
            continue
        given, now = lookup(giving, path), lookup(taking, path)
        value = given
        if isinstance(given, str) and isinstance(now, str):
            value = _version_of(path[-1], given, now)
        if not is_same(value, now):
            yield path, value


def _version_of(key: str | int, given: str, taken: str) -> str:
    """The source's version with the target's place around it."""
    form = _FORMS.get(key)
    if form is None:
        return given
    theirs, ours = form.match(given), form.match(taken)
    if theirs is None or ours is None:
        return given
    place, version = ours.group(1), theirs.group(2)
    return f"{place}{version or ''}"


def _wanted(
    sources: Sources, name: str, environment: str, path: KeyPath, value: Any
) -> Sources:
    """A value in one environment: by its patch saying nothing, where that is enough, and else by its patch."""
    source = environment_of(sources, environment)
    without = _unpatched(sources, source, name, path)
    values = _by_environment(without, name)[environment]
    if is_same(lookup(values, path), value):
        return without
    patched = granted(source, ("patches", name), Wish(path, value), keep=0)
    return with_source(sources, patched)


def _unpatched(
    sources: Sources, environment: Source, name: str, path: KeyPath
) -> Sources:
    """The fleet with a patch that says nothing at a path."""
    gone = granted(environment, ("patches", name), Wish(path, is_gone=True), keep=0)
    return with_source(sources, gone)


def _folded(sources: Sources, name: str, path: KeyPath) -> Sources:
    """What all environments of a model say alike, its entry says, and no patch."""
    patched = [each for each in sources.environments if _is_patched(each, name, path)]
    if not patched:
        return sources
    values = _values(sources, name, path)
    value = values[0]
    if not all(is_same(each, value) for each in values):
        return sources
    # 1. Without the patches, where the layers below them say it already.
    unpatched = sources
    for source in patched:
        unpatched = _unpatched(unpatched, source, name, path)
    if _all_say(unpatched, name, path, value):
        return unpatched
    # 2. In the entry; a value that something else decides stays where it is.
    layer = entry_of(unpatched, name).layer
    entry = granted(layer.source, layer.path, Wish(path, value), keep=2)
    folded = with_source(unpatched, entry)
    if _all_say(folded, name, path, value):
        return folded
    return sources


def _is_patched(environment: Source, name: str, path: KeyPath) -> bool:
    return lookup(environment.data, ("patches", name, *path)) is not None


def _values(sources: Sources, name: str, path: KeyPath) -> list[Any]:
    """What the releases of a model have at a path."""
    by_environment = _by_environment(sources, name)
    return [lookup(values, path) for values in by_environment.values()]


def _all_say(sources: Sources, name: str, path: KeyPath, value: Any) -> bool:
    return all(is_same(each, value) for each in _values(sources, name, path))


def _left(giving: Values, taking: Values) -> Iterator[str]:
    """Keys of how a model runs that differ between the environments."""
    image, our_image = giving["image"], taking["image"]
    for part in ("registry", "repository"):
        if image.get(part) != our_image.get(part):
            yield f"image.{part}"
    if giving["repository"].keys() != taking["repository"].keys():
        yield "repository, which is of another kind"
    for key, value in giving.items():
        if key not in _DECIDED and not is_same(value, taking.get(key)):
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
