"""What is in the output and is not ours: in the way of a file, or beside our files where engines read it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping

from tritonfleet.directories import directories_of
from tritonfleet.output import Tree
from tritonfleet.present import MARKER, Present, staged_for
from tritonfleet.problem import Problem
from tritonfleet.tree import (
    BOOTSTRAP,
    SOURCES,
    environment_of,
    is_place,
    is_wanted,
)

AWAY = "move it away, or delete it"
# Names by which kustomize takes a directory for one that says itself what is in it.
KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
APPLICATION = "application.yaml"
SOURCE_IGNORE = ".sourceignore"
YAML = (".yaml", ".yml")


def in_the_way(
    tree: Tree, touched: Collection[str], present: Present
) -> Iterator[Problem]:
    """TF060 and TF066: what is where a file of ours, or a directory, is to be, and is none of ours."""
    for path in tree.files.keys() & present.directories:
        message = "a directory is where a file of ours belongs"
        yield Problem(present.position(path), "TF066", message, hint=AWAY)
    for path in directories_of(tree.files) & present.files:
        message = "a file is where a directory of ours belongs"
        yield Problem(present.position(path), "TF066", message, hint=AWAY)
    if MARKER in present.directories:
        message = "a directory is where `generate` says that it is not done"
        yield Problem(present.position(MARKER), "TF066", message, hint=AWAY)
    for path in [*_not_ours(touched, present), *_where_we_stage(touched, present)]:
        message = "the file is not ours: it does not begin with our mark"
        yield Problem(present.position(path), "TF060", message, hint=AWAY)


def _with_marker(touched: Collection[str]) -> Collection[str]:
    """The files that a run writes: who touches any writes the marker first."""
    return (*touched, MARKER) if touched else ()


def _not_ours(touched: Collection[str], present: Present) -> Iterator[str]:
    for path in _with_marker(touched):
        if path in present.files and not present.begins_with_mark(path):
            yield path


def _where_we_stage(touched: Collection[str], present: Present) -> Iterator[str]:
    for path in _with_marker(touched):
        staged = staged_for(path)
        if staged in present.files:
            yield staged


def misplaced(removed: Iterable[str], present: Present) -> Iterator[Problem]:
    """TF067: files with our mark where the output has none: it may be a part of another output."""
    for path in removed:
        if not is_place(path):
            message = "a file with our mark is where the output has none"
            hint = "give --out the whole of deploy/; or delete the file"
            yield Problem(present.position(path), "TF067", message, hint=hint)


def strangers(tree: Tree, ours: Iterable[str], present: Present) -> Iterator[Problem]:
    """TF064: files of others that an engine would read; `ours` are those that will be removed."""
    directories = directories_of(tree.files)
    for path in sorted(present.files - tree.files.keys() - set(ours)):
        environment = environment_of(path)
        if environment is None and path != SOURCE_IGNORE:
            continue  # no engine looks at the top
        if environment is not None and not is_wanted(environment, tree.only):
            continue
        effect = _effect(path, tree.engines, directories)
        if effect:
            message = f"the file is not ours, and {effect}"
            yield Problem(present.position(path), "TF064", message, hint=AWAY)


def _effect(path: str, engines: Mapping[str, str], directories: set[str]) -> str:
    """What somebody would do with a file; "" where nobody reads it."""
    first, _, rest = path.partition("/")
    if first == BOOTSTRAP:
        is_manifest = path.endswith((*YAML, ".json"))
        return "an admin who applies the directory applies it" if is_manifest else ""
    if first == SOURCES:
        engine = engines.get(rest.partition("/")[0], "flux")
        return _of_flux(path, directories) if engine == "flux" else ""
    if first not in engines:
        return _of_argocd(path) or _of_flux(path, directories)
    if engines[first] == "argocd":
        return _of_argocd(path)
    return _of_flux(path, directories)


def _of_argocd(path: str) -> str:
    name = posixpath.basename(path)
    if name.startswith(".argocd-source"):
        return "Argo CD changes an Application by it"
    if name == APPLICATION and path.count("/") > 1:
        return "Argo CD applies it with the Applications of the releases"
    return ""


def _of_flux(path: str, directories: set[str]) -> str:
    """Flux applies all YAML of a directory, and of the directories in it that do not say themselves what is in them."""
    directory, name = posixpath.split(path)
    if name == SOURCE_IGNORE:
        return "Flux leaves out of the repository what it names"
    if name in KUSTOMIZATIONS:
        return "Flux builds what it names in place of what is there"
    is_beside_releases = directory.count("/") == 0 or path.startswith(f"{SOURCES}/")
    is_of_a_release = "/".join(path.split("/")[:2]) in directories
    if path.endswith(YAML) and (is_beside_releases or not is_of_a_release):
        return "Flux applies it with the releases"
    return ""
