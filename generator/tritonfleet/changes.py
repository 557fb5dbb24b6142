"""What makes a directory hold a tree: compared, refused where somebody would lose something, told as a diff.

Nothing is written here, and the directory is read through `Present` alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence

from tritonfleet.disk import Present
from tritonfleet.nouns import Changes, Tree
from tritonfleet.parallel import in_parts
from tritonfleet.problem import WARNING, Invalid, Problem
from tritonfleet.tree import MARK, VALUES, environment_of, release_of
from tritonfleet.values import lookup
from tritonfleet.yaml import read

MANY = 10_000  # files whose comparison is worth a second process
SHOWN = 5  # names of removed releases in a message


def compare(tree: Tree, present: Present, allowed_removals: int = 0) -> Changes:
    """The files to write and to remove, and warnings about them.

    Raises Invalid when a file that is not ours is in the way (TF060), or when more releases would be removed than
    `allowed_removals` in all and than a fifth of their environment (TF062).
    """
    # 1. File by file.
    created = sorted(tree.files.keys() - present.files)
    changed = sorted(_changed(tree, present))
    removed = sorted(_removed(tree, present))
    # 2. What is lost by it. Only files with our mark are overwritten.
    foreign = [path for path in changed if not _is_ours(path, present)]
    if foreign:
        raise Invalid(_not_ours(path, present) for path in foreign)
    too_many = list(_too_many_removals(tree, removed, present, allowed_removals))
    if too_many:
        raise Invalid(too_many)
    # 3. What is to be said.
    return Changes(
        created=tuple(created),
        changed=tuple(changed),
        removed=tuple(removed),
        unchanged=len(tree.files) - len(created) - len(changed),
        interrupted=present.interrupted,
        emptied=_emptied(tree, removed),
        warnings=tuple(_switched_to_autoscaling(tree, changed, present)),
    )


def difference(tree: Tree, changes: Changes, present: Present) -> Iterator[str]:
    """The lines of a unified diff from the directory to the tree."""
    for path in changes.changed:
        yield from _diff(path, present.read_all(path), tree.files[path].encode())
    for path in changes.created:
        yield from _diff(path, b"", tree.files[path].encode())
    for path in changes.removed:
        yield from _diff(path, present.read_all(path), b"")


def _diff(path: str, before: bytes, after: bytes) -> Iterator[str]:
    return difflib.unified_diff(
        before.decode("utf-8", "replace").splitlines(),
        after.decode("utf-8", "replace").splitlines(),
        f"a/{path}",
        f"b/{path}",
        lineterm="",
    )


def _changed(tree: Tree, present: Present) -> list[str]:
    def differing(paths: Sequence[str]) -> list[str]:
        return [path for path in paths if _differs(path, tree.files[path].encode(), present)]

    return in_parts(differing, sorted(tree.files.keys() & present.files), MANY)


def _differs(path: str, wanted: bytes, present: Present) -> bool:
    return present.read(path, len(wanted) + 1) != wanted


def _removed(tree: Tree, present: Present) -> Iterator[str]:
    """Our files that the tree does not have, of the environments that were asked for."""
    for path in present.files - tree.files.keys():
        environment = environment_of(path)
        is_asked_for = not tree.only or environment in tree.only
        if environment is not None and is_asked_for and _is_ours(path, present):
            yield path


def _is_ours(path: str, present: Present) -> bool:
    return present.read(path, len(MARK)) == MARK.encode()


def _not_ours(path: str, present: Present) -> Problem:
    return Problem(
        present.position(path),
        "TF060",
        "the file is not ours: it does not begin with our mark",
        hint="move it away, or delete it",
    )


def _too_many_removals(
    tree: Tree, removed: Iterable[str], present: Present, allowed: int
) -> Iterator[Problem]:
    """A list that lost its entries by accident must not take the models with it."""
    gone = _gone(tree, removed)
    if len(gone) <= allowed:
        return
    before = _releases(present.files)
    emptied = _emptied(tree, removed)
    for name in sorted({environment for environment, _ in gone}):
        here = sorted(release for environment, release in gone if environment == name)
        count = sum(1 for environment, _ in before if environment == name)
        if len(here) > max(1, count // 5) or name in emptied:
            yield Problem(
                present.position(name),
                "TF062",
                f"{len(here)} of {count} releases of {name} would be removed: {_some(here)}",
                hint=f"if that is meant: --allow-removals {len(gone)}",
            )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    more = len(names) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _gone(tree: Tree, removed: Iterable[str]) -> Collection[tuple[str, str]]:
    """Releases of which files are removed and none is left in the tree."""
    releases = _releases(removed)
    # Most runs remove nothing, and then there is no need to look through the tree.
    return releases - _releases(tree.files) if releases else releases


def _emptied(tree: Tree, removed: Iterable[str]) -> tuple[str, ...]:
    """Environments that lose their last release."""
    environments = {environment for environment, _ in _releases(removed)}
    if not environments:
        return ()
    left = {environment for environment, _ in _releases(tree.files)}
    return tuple(sorted(environments - left))


def _releases(paths: Iterable[str]) -> set[tuple[str, str]]:
    """Environment and name of the releases that files belong to."""
    return {release for release in map(release_of, paths) if release}


def _switched_to_autoscaling(
    tree: Tree, changed: Iterable[str], present: Present
) -> Iterator[Problem]:
    """Releases whose committed values give replicas and whose new ones leave them to an autoscaler."""
    for path in changed:
        release, _, name = path.rpartition("/")
        text = tree.files[path]
        # The word is looked for before the file is read as YAML, which takes a hundred times as long.
        if name != VALUES or "autoscaling:" not in text or _pods(text.encode()):
            continue
        pods = _pods(present.read_all(path))
        if pods > 1:
            yield Problem(
                present.position(path),
                "TF063",
                f"autoscaling is switched on for {release}: of its {pods} pods one is left until it adds some",
                hint="the engine gives `replicas` up and the API server sets 1; the README has commits that avoid it",
                severity=WARNING,
            )


def _pods(text: bytes) -> int:
    """How many pods values ask for; 0 where an autoscaler decides."""
    values = read(VALUES, text).data
    if lookup(values, ("autoscaling", "enabled")):
        return 0
    return lookup(values, ("replicas",)) or 1
