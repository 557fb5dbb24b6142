"""What a release is known by in its files: where it goes, who rolls it out, how its objects are called.

Texts are compared, and not read as YAML: they are of our own writer, and a new chart changes the files of all releases.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from tritonfleet.output import Tree
from tritonfleet.present import Present
from tritonfleet.tree import VALUES, release_of


def _text(key: str) -> re.Pattern[str]:
    """Finds the line of a key; its first group is the text there, with or without quotes."""
    return re.compile(rf'^{key}: "?(.*?)"?$', re.MULTILINE)


# Labels are as deep as what is looked for, and anybody may call one `name`.
_IN_SPEC = r"spec:\n(?:.*\n)*?"
# Lines of an engine's file, and what they say.
_ENGINE_FACTS: Mapping[str, re.Pattern[str]] = {
    "fleet": _text(r"    app\.kubernetes\.io/part-of"),
    "Argo CD's namespace or Flux's": _text("  namespace"),
    "cluster": _text(f"{_IN_SPEC}    (?:server|name)"),
    "namespace": _text(f"{_IN_SPEC}    namespace"),
}
# Lines of values.yaml that move a release, and the one that ends it.
_VALUES_FACTS: Mapping[str, re.Pattern[str]] = {
    "name of the objects": _text("fullnameOverride"),
}
_NO_PODS = re.compile("^replicas: 0$", re.MULTILINE)
_NONE = "(none)"
_ENGINES: Mapping[str, str] = {"application.yaml": "argocd", "helmrelease.yaml": "flux"}


class Move(NamedTuple):
    """A release that stays in the lists and becomes another one in the cluster."""

    environment: str
    release: str
    what: str
    """What changes, in words."""


def moves(
    tree: Tree,
    changed: Collection[str],
    created: Collection[str],
    removed: Collection[str],
    present: Present,
) -> Iterator[Move]:
    """Releases that would be moved, ended or made anew, although nobody removes them."""
    yield from _changes_of_engine(created, removed)
    for path in changed:
        owner = release_of(path)
        if owner is None:
            continue
        before = present.read_all(path).decode("utf-8", "replace")
        what = _difference(path, before, tree.files[path])
        if what:
            yield Move(*owner, what)


def _changes_of_engine(
    created: Collection[str], removed: Collection[str]
) -> Iterator[Move]:
    """Releases that lose the file of one engine and get that of another one."""
    new_engines = dict(_engines(created))
    for owner, engine in _engines(removed):
        new_engine = new_engines.get(owner)
        if new_engine:
            yield Move(*owner, f"engine {engine} → {new_engine}")


def _engines(paths: Collection[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Releases of which an engine's file is among the paths, with the engine."""
    for path in paths:
        owner = release_of(path)
        engine = _ENGINES.get(path.rpartition("/")[2])
        if owner and engine:
            yield owner, engine


def _difference(path: str, before: str, after: str) -> str:
    """The first fact in which two texts of a file differ, in words; "" when there is none."""
    is_values = path.endswith(f"/{VALUES}")
    facts = _VALUES_FACTS if is_values else _ENGINE_FACTS
    for name, pattern in facts.items():
        old, new = _fact(pattern, before), _fact(pattern, after)
        if old != new:
            return f"{name} {old or _NONE} → {new or _NONE}"
    if is_values and _ends_pods(before, after):
        return "no pods"
    return ""


def _ends_pods(before: str, after: str) -> bool:
    """Whether a release loses all its pods; to get them again is no move."""
    return _NO_PODS.search(after) is not None and _NO_PODS.search(before) is None


def _fact(pattern: re.Pattern[str], text: str) -> str:
    """What a text says at a line; "" where it has no such line."""
    match = pattern.search(text)
    return match[1] if match else ""
