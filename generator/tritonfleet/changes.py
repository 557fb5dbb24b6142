"""What makes a directory hold a tree: compared, refused where somebody would lose something, told as a diff.

Nothing is written here, and the directory is read through `Present` alone.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tritonfleet.output import Changes, Tree
from tritonfleet.parallel import in_parts
from tritonfleet.present import Present
from tritonfleet.problem import WARNING, Invalid, Position, Problem
from tritonfleet.tree import MARK, VALUES, environment_of, is_wanted, release_of
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
    # 2. What is lost by it.
    _refuse(_not_ours(changed, present))
    removals = list(_removals(tree, removed, present))
    _refuse(_too_many(removals, allowed_removals, present))
    # 3. What is to be said.
    return Changes(
        created=tuple(created),
        changed=tuple(changed),
        removed=tuple(removed),
        unchanged=len(tree.files) - len(created) - len(changed),
        interrupted=present.interrupted,
        emptied=tuple(each.environment for each in removals if each.is_last),
        warnings=tuple(_switched_to_autoscaling(tree, changed, present)),
    )


def _refuse(problems: Iterable[Problem]) -> None:
    """Raises Invalid when there is any problem."""
    found = list(problems)
    if found:
        raise Invalid(found)


def difference(tree: Tree, changes: Changes, present: Present) -> Iterator[str]:
    """The lines of a unified diff from the directory to the tree."""
    for path in changes.changed:
        yield from _diff(path, _text(path, present), tree.files[path])
    for path in changes.created:
        yield from _diff(path, "", tree.files[path])
    for path in changes.removed:
        yield from _diff(path, _text(path, present), "")


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
    return in_parts(partial(_differing, tree=tree, present=present), shared, MANY)


def _differing(paths: Iterable[str], tree: Tree, present: Present) -> list[str]:
    differing: list[str] = []
    for path in paths:
        wanted = tree.files[path].encode()
        # One byte more, so that a longer file differs.
        if present.read(path, len(wanted) + 1) != wanted:
            differing.append(path)
    return differing


def _removed(tree: Tree, present: Present) -> Iterator[str]:
    """Our files that the tree does not have, of the environments that were asked for."""
    for path in present.files - tree.files.keys():
        environment = environment_of(path)
        if environment is None or not is_wanted(environment, tree.only):
            continue
        if _is_ours(path, present):
            yield path


def _is_ours(path: str, present: Present) -> bool:
    return present.read(path, len(MARK)) == MARK.encode()


def _not_ours(changed: Iterable[str], present: Present) -> Iterator[Problem]:
    """TF060: files that somebody else wrote, where ours are to be."""
    message = "the file is not ours: it does not begin with our mark"
    hint = "move it away, or delete it"
    for path in changed:
        if not _is_ours(path, present):
            yield Problem(present.position(path), "TF060", message, hint=hint)


@dataclass(frozen=True, slots=True)
class _Removal:
    """What an environment loses: names of releases, of how many, and whether these are its last ones."""

    environment: str
    releases: Sequence[str]
    before: int
    is_last: bool

    def __str__(self) -> str:
        gone = len(self.releases)
        return f"{gone} of {self.before} releases of {self.environment}"

    @property
    def is_large(self) -> bool:
        """Whether nobody removes so much in passing: all that there is, or more than one and than a fifth."""
        return self.is_last or len(self.releases) > max(1, self.before // 5)


def _removals(
    tree: Tree, removed: Iterable[str], present: Present
) -> Iterator[_Removal]:
    """Releases that lose files and have none in the tree, by environment."""
    touched = _releases(removed)
    if not touched:  # as in most runs
        return
    left = _releases(tree.files)
    before = _releases(present.files)
    for environment in sorted(touched):
        stay = left[environment]
        gone = sorted(touched[environment] - stay)
        if gone:
            count = len(before[environment])
            yield _Removal(environment, gone, count, is_last=not stay)


def _releases(paths: Iterable[str]) -> Mapping[str, set[str]]:
    """Names of the releases that files belong to, by environment; none for one that has no file."""
    releases: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        owner = release_of(path)
        if owner:
            environment, name = owner
            releases[environment].add(name)
    return releases


def _too_many(
    removals: Sequence[_Removal], allowed: int, present: Present
) -> Iterator[Problem]:
    """TF062: a list that lost its entries by accident must not take the models with it."""
    count = sum(len(removal.releases) for removal in removals)
    if count <= allowed:
        return
    hint = f"if that is meant: --allow-removals {count}"
    for removal in removals:
        if removal.is_large:
            position = present.position(removal.environment)
            message = f"{removal} would be removed: {_some(removal.releases)}"
            yield Problem(position, "TF062", message, hint=hint)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    more = len(names) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


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
    return "autoscaling:" in text and _pods(text.encode()) == 0


def _pods(text: bytes) -> int:
    """How many pods values ask for; 0 where an autoscaler decides."""
    values = read(VALUES, text).data
    if lookup(values, ("autoscaling", "enabled")):
        return 0
    return lookup(values, ("replicas",)) or 1
