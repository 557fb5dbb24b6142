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
    for path, message in _of_another_kind(tree, present):
        position = present.position(path)
        yield Problem(position, "TF066", message, hint=AWAY)
    # Who writes any file writes the marker first.
    written = (*touched, MARKER) if touched else ()
    for path in [*_not_ours(written, present), *_where_we_stage(written, present)]:
        position = present.position(path)
        message = "the file is not ours: it does not begin with our mark"
        yield Problem(position, "TF060", message, hint=AWAY)


def _of_another_kind(tree: Tree, present: Present) -> Iterator[tuple[str, str]]:
    """Directories where files are to be, and the other way round, with what is to be said of them."""
    for path in tree.files.keys() & present.directories:
        yield path, "a directory is where a file of ours belongs"
    for path in directories_of(tree.files) & present.files:
        yield path, "a file is where a directory of ours belongs"
    if MARKER in present.directories:
        yield MARKER, "a directory is where `generate` says that it is not done"


def _not_ours(written: Collection[str], present: Present) -> Iterator[str]:
    """Files in our places that do not begin with our mark."""
    for path in written:
        if path in present.files and not present.begins_with_mark(path):
            yield path


def _where_we_stage(written: Collection[str], present: Present) -> Iterator[str]:
    """Files at the names under which ours are written first."""
    for path in written:
        staged = staged_for(path)
        if staged in present.files:
            yield staged


def misplaced(removed: Iterable[str], present: Present) -> Iterator[Problem]:
    """TF067: files with our mark where the output has none: it may be a part of another output."""
    message = "a file with our mark is where the output has none"
    hint = "give --out the whole of deploy/; or delete the file"
    for path in removed:
        if not is_place(path):
            position = present.position(path)
            yield Problem(position, "TF067", message, hint=hint)


def strangers(tree: Tree, ours: Iterable[str], present: Present) -> Iterator[Problem]:
    """TF064: files of others that an engine would read; `ours` are those that will be removed."""
    directories = directories_of(tree.files)
    others = present.files - tree.files.keys()
    for path in sorted(others.difference(ours)):
        if not _is_looked_at(path, tree.only):
            continue
        effect = _effect(path, tree.engines, directories)
        if effect:
            position = present.position(path)
            message = f"the file is not ours, and {effect}"
            yield Problem(position, "TF064", message, hint=AWAY)


def _is_looked_at(path: str, only: frozenset[str]) -> bool:
    """Whether an engine may look here, for an environment that was asked for."""
    environment = environment_of(path)
    if environment is None:
        return path == SOURCE_IGNORE  # no engine looks at anything else at the top
    return is_wanted(environment, only)


def _effect(path: str, engines: Mapping[str, str], directories: set[str]) -> str:
    """What somebody would do with a file; "" where nobody reads it."""
    first, _, _ = path.partition("/")
    if first == BOOTSTRAP:
        return _of_admin(path)
    environment = environment_of(path) or ""
    engine = engines.get(environment)
    if engine == "flux":
        return _of_flux(path, directories)
    if first == SOURCES and engine:  # Argo CD does not read it
        return ""
    if first == SOURCES:
        return _of_flux(path, directories)
    if engine == "argocd":
        return _of_argocd(path)
    # Of an environment that is gone nobody knows the engine.
    return _of_argocd(path) or _of_flux(path, directories)


def _of_admin(path: str) -> str:
    """`kubectl apply` takes the manifests of a directory."""
    if path.endswith((*YAML, ".json")):
        return "an admin who applies the directory applies it"
    return ""


def _of_argocd(path: str) -> str:
    """Argo CD reads one file of each release, and looks for changes of an Application beside its chart."""
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
    if path.endswith(YAML) and not _is_in_a_release(path, directory, directories):
        return "Flux applies it with the releases"
    return ""


def _is_in_a_release(path: str, directory: str, directories: set[str]) -> bool:
    """Whether a file is below a release of ours, whose own kustomization says what is in it."""
    if "/" not in directory or path.startswith(f"{SOURCES}/"):
        return False
    environment, release, *_ = path.split("/")
    return f"{environment}/{release}" in directories
