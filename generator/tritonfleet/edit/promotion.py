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
from tritonfleet.values import KeyPath, Values, lookup, mapping_at

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
    require_goes_to(sources, name, source)
    require_goes_to(sources, name, target)
    values = _by_environment(sources, name)
    giving = values[source]
    taking = values[target]
    after = sources
    # 1. What the target is to say.
    for path, value in _what(giving, taking):
        after = _wanted(after, name, target, path, value)
    # 2. What all say alike from now on.
    for path in _version_paths(taking):
        after = _folded(after, name, path)
    left = tuple(_left(giving, taking))
    return Promoted(after, left)


def _by_environment(sources: Sources, name: str) -> dict[str, Values]:
    """The complete values of a model's releases."""
    entry = entry_of(sources, name)
    found = {}
    for release in releases_of(sources, entry):
        found[release.environment.name] = release.complete()
    return found


def _version_paths(values: Values) -> Iterator[KeyPath]:
    """Where values say what runs. Nobody has looked at their shape yet, which the edited fleet is refused for."""
    yield from _WHAT
    repository = mapping_at(values, "repository")
    for kind in repository:
        if kind == "vllm":
            yield from _weights_of(mapping_at(repository, kind))
        for key in _REPOSITORY.get(kind, ()):
            yield ("repository", kind, key)


def _weights_of(models: Values) -> Iterator[KeyPath]:
    """Which weights models of vLLM have; what else their engines are told is how they run."""
    for model in models:
        for key in _WEIGHTS:
            yield ("repository", "vllm", model, key)


def _what(giving: Values, taking: Values) -> Iterator[tuple[KeyPath, Any]]:
    """What the target is to say where it differs; of a repository only where both have the same kind."""
    same_kind = _same_kind(giving, taking)
    for path in _version_paths(taking):
        if path[0] == "repository" and not same_kind:
            continue
        given = lookup(giving, path)
        now = lookup(taking, path)
        value = _version_of(path, given, now)
        if not is_same(value, now):
            yield path, value


def _same_kind(giving: Values, taking: Values) -> bool:
    """Whether both have their models in the same kind of repository."""
    theirs = mapping_at(giving, "repository")
    ours = mapping_at(taking, "repository")
    return theirs.keys() == ours.keys()


def _version_of(path: KeyPath, given: Any, taken: Any) -> Any:
    """What the source has; of a text with a place in it the source's version, with the target's place around it."""
    form = _FORMS.get(path[-1])
    are_texts = isinstance(given, str) and isinstance(taken, str)
    if form is None or not are_texts:
        return given
    theirs = form.match(given)
    ours = form.match(taken)
    if theirs is None or ours is None:
        return given
    place = ours.group(1)
    version = theirs.group(2) or ""
    return f"{place}{version}"


def _wanted(
    sources: Sources, name: str, environment: str, path: KeyPath, value: Any
) -> Sources:
    """A value in one environment: by its patch saying nothing, where that is enough, and else by its patch."""
    source = environment_of(sources, environment)
    without = _unpatched(sources, source, name, path)
    values = _by_environment(without, name)[environment]
    below = lookup(values, path)
    if is_same(below, value):
        return without
    wish = Wish(path, value)
    patched = granted(source, ("patches", name), wish, keep=0)
    return with_source(sources, patched)


def _unpatched(
    sources: Sources, environment: Source, name: str, path: KeyPath
) -> Sources:
    """The fleet with a patch that says nothing at a path."""
    wish = Wish(path, is_gone=True)
    gone = granted(environment, ("patches", name), wish, keep=0)
    return with_source(sources, gone)


def _folded(sources: Sources, name: str, path: KeyPath) -> Sources:
    """What all environments of a model say alike, its entry says, and no patch."""
    patched = [each for each in sources.environments if _is_patched(each, name, path)]
    if not patched:
        return sources
    value, *others = _values(sources, name, path)
    if not all(is_same(each, value) for each in others):
        return sources
    # 1. Without the patches, where the layers below them say it already.
    unpatched = sources
    for source in patched:
        unpatched = _unpatched(unpatched, source, name, path)
    if _all_say(unpatched, name, path, value):
        return unpatched
    # 2. In the entry; a value that something else decides stays where it is.
    folded = _in_entry(unpatched, name, path, value)
    if _all_say(folded, name, path, value):
        return folded
    return sources


def _in_entry(sources: Sources, name: str, path: KeyPath, value: Any) -> Sources:
    """The fleet with a value in a model's own entry."""
    layer = entry_of(sources, name).layer
    wish = Wish(path, value)
    entry = granted(layer.source, layer.path, wish, keep=2)
    return with_source(sources, entry)


def _is_patched(environment: Source, name: str, path: KeyPath) -> bool:
    in_patch = ("patches", name, *path)
    return lookup(environment.data, in_patch) is not None


def _values(sources: Sources, name: str, path: KeyPath) -> list[Any]:
    """What the releases of a model have at a path."""
    by_environment = _by_environment(sources, name)
    return [lookup(values, path) for values in by_environment.values()]


def _all_say(sources: Sources, name: str, path: KeyPath, value: Any) -> bool:
    values = _values(sources, name, path)
    return all(is_same(each, value) for each in values)


def _left(giving: Values, taking: Values) -> Iterator[str]:
    """Keys of how a model runs that differ between the environments."""
    theirs = giving["image"]
    ours = taking["image"]
    for part in ("registry", "repository"):
        if theirs.get(part) != ours.get(part):
            yield f"image.{part}"
    if not _same_kind(giving, taking):
        yield "repository, which is of another kind"
    for key, value in giving.items():
        if key in _DECIDED:
            continue
        if not is_same(value, taking.get(key)):
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
    environment = environment_of(sources, target)
    after = environment.data.get("after")
    known = map(environment_name, sources.environments)
    return after if after in known else None
