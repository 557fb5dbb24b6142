"""What makes a directory hold a tree: compared, refused where somebody would lose something, told as a diff.

Nothing is written here, and the directory is read through `Present` alone.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import partial

from tritonfleet.budget import (
    NOTHING,
    Allowed,
    removals_of,
    too_many_moves,
    too_many_removals,
)
from tritonfleet.moves import moves
from tritonfleet.output import Changes, Tree
from tritonfleet.parallel import in_parts
from tritonfleet.present import Present
from tritonfleet.problem import WARNING, Invalid, Position, Problem
from tritonfleet.strangers import in_the_way, misplaced, strangers
from tritonfleet.tree import VALUES, environment_of, is_wanted
from tritonfleet.values import Values, lookup
from tritonfleet.versions import HINT, stays
from tritonfleet.yaml import read

_VERSION = re.compile("^modelVersion: .*$", re.MULTILINE)
MANY = 10_000  # files whose comparison is worth a second process


def compare(tree: Tree, present: Present, allowed: Allowed = NOTHING) -> Changes:
    """The files to write and to remove, and what is to be said about them.

    Raises Invalid when something that is not ours is in the way (TF060, TF066, TF067), or when more releases would be
    removed (TF062) or moved (TF065) than is allowed.
    """
    # 1. File by file.
    created = sorted(tree.files.keys() - present.files)
    changed = sorted(_changed(tree, present))
    removed = sorted(_removed(tree, present))
    # 2. What is lost by it.
    _refuse(in_the_way(tree, (*created, *changed, *removed), present))
    _refuse(misplaced(removed, present))
    removals = list(removals_of(tree, removed, present))
    moved = list(moves(tree, changed, created, removed, present))
    large_removals = too_many_removals(removals, allowed, present)
    large_moves = too_many_moves(moved, tree, allowed, present)
    _refuse([*large_removals, *large_moves])
    # 3. What is to be said.
    emptied = [each.environment for each in removals if each.is_last]
    return Changes(
        created=tuple(created),
        changed=tuple(changed),
        removed=tuple(removed),
        unchanged=len(tree.files) - len(created) - len(changed),
        interrupted=present.interrupted,
        emptied=tuple(emptied),
        warnings=tuple(_warnings(tree, changed, present)),
        strangers=tuple(strangers(tree, removed, present)),
    )


def _warnings(
    tree: Tree, changed: Iterable[str], present: Present
) -> Iterator[Problem]:
    """What follows from values that change, and is seen only beside those that are committed."""
    yield from _switched_to_autoscaling(tree, changed, present)
    yield from _overwritten_versions(tree, changed, present)


def _refuse(problems: Iterable[Problem]) -> None:
    """Raises Invalid when there is any problem."""
    found = list(problems)
    if found:
        raise Invalid(found)


def difference(tree: Tree, changes: Changes, present: Present) -> Iterator[str]:
    """The lines of a unified diff from the directory to the tree."""
    for path in changes.changed:
        before = _text(path, present)
        yield from _diff(path, before, tree.files[path])
    for path in changes.created:
        yield from _diff(path, "", tree.files[path])
    for path in changes.removed:
        before = _text(path, present)
        yield from _diff(path, before, "")


def _text(path: str, present: Present) -> str:
    """What is in the directory now; somebody may have written what is no UTF-8."""
    return present.read_all(path).decode("utf-8", "replace")


def _diff(path: str, before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(
        before.splitlines(),
        after.splitlines(),
        f"a/{path}",
        f"b/{path}",
        lineterm="",
    )


def _changed(tree: Tree, present: Present) -> list[str]:
    shared = sorted(tree.files.keys() & present.files)
    differing = partial(_differing, tree=tree, present=present)
    return in_parts(differing, shared, MANY)


def _differing(paths: Iterable[str], tree: Tree, present: Present) -> list[str]:
    """The paths at which the directory has other bytes than the tree."""
    differing: list[str] = []
    for path in paths:
        wanted = tree.files[path].encode()
        # One byte more, so that a longer file differs.
        if present.read(path, len(wanted) + 1) == wanted:
            continue
        # A checkout may have other line ends than Git stores; to replace them in every file would take longer.
        if present.read_all(path) != wanted:
            differing.append(path)
    return differing


def _removed(tree: Tree, present: Present) -> Iterator[str]:
    """Our files that the tree does not have, of the environments that were asked for."""
    for path in present.files - tree.files.keys():
        environment = environment_of(path)
        if environment is None or not is_wanted(environment, tree.only):
            continue
        if present.begins_with_mark(path):
            yield path


def _switched_to_autoscaling(
    tree: Tree, changed: Iterable[str], present: Present
) -> Iterator[Problem]:
    """Releases whose committed values give replicas and whose new ones leave them to an autoscaler."""
    for path in changed:
        release, _, name = path.rpartition("/")
        if name != VALUES or not _is_autoscaled(tree.files[path]):
            continue
        pods = _pods(present.read_all(path))
        if pods > 1:
            yield _one_pod_is_left(release, pods, present.position(path))


def _overwritten_versions(
    tree: Tree, changed: Iterable[str], present: Present
) -> Iterator[Problem]:
    """Releases whose committed values have another version of the models at the same address."""
    for path in changed:
        release, _, name = path.rpartition("/")
        wanted = tree.files[path]
        # Most files name no version, and need not be read.
        if name != VALUES or not _VERSION.search(wanted):
            continue
        committed = present.read_all(path)
        words = _stays_there(committed, wanted)
        if words:
            position = present.position(path)
            message = f"{release}: {words}"
            yield Problem(position, "TF196", message, hint=HINT, severity=WARNING)


def _stays_there(committed: bytes, wanted: str) -> str:
    """What is told where the version changes and the address does not; "" where all is well."""
    old = _version(committed.decode("utf-8", "replace"))
    if old == _version(wanted):
        return ""
    before = _values(committed)
    after = _values(wanted.encode())
    return stays(before, after)


def _version(text: str) -> str:
    """The line with the models' version; most changes leave it, and no values need to be read for it."""
    match = _VERSION.search(text)
    if match is None:
        return ""
    return match[0]


def _values(text: bytes) -> Values:
    """The values of a file; none of one that is damaged, by a merge, say: it will be written anew."""
    try:
        values = read(VALUES, text).data
    except Invalid:
        return {}
    if not isinstance(values, dict):
        return {}
    return values


def _one_pod_is_left(release: str, pods: int, position: Position) -> Problem:
    return Problem(
        position,
        "TF063",
        f"autoscaling is switched on for {release}: of its {pods} pods one is left until it adds some",
        hint="the engine drops `replicas`, so the API server resets it to 1;"
        " docs/rollouts.md has commits that avoid it",
        severity=WARNING,
    )


def _is_autoscaled(text: str) -> bool:
    # Most files say nothing of autoscaling, and need not be read as YAML.
    if "autoscaling:" not in text:
        return False
    return _pods(text.encode()) == 0


def _pods(text: bytes) -> int:
    """How many pods values ask for; 0 where an autoscaler decides."""
    values = _values(text)
    if lookup(values, ("autoscaling", "enabled")):
        return 0
    replicas = lookup(values, ("replicas",))
    if isinstance(replicas, int) and replicas:
        return replicas
    return 1
