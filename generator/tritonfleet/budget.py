"""How much a run may take away or move without being told to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tritonfleet.moves import Move
from tritonfleet.output import Tree
from tritonfleet.present import Present
from tritonfleet.problem import Problem
from tritonfleet.tree import release_of

SHOWN = 5  # names of releases in a message
REASONS = 3  # what moves them, of different kinds


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many releases may be removed and moved; less than a fifth of an environment always may."""

    removals: int = 0
    moves: int = 0


NOTHING = Allowed()


@dataclass(frozen=True, slots=True)
class Removal:
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
        return self.is_last or _is_large(len(self.releases), self.before)


def _is_large(count: int, before: int) -> bool:
    """Whether it is more than one release and than a fifth of them."""
    return count > max(1, before // 5)


def removals_of(
    tree: Tree, removed: Iterable[str], present: Present
) -> Iterator[Removal]:
    """Releases that lose files and have none in the tree, by environment."""
    touched = _releases(removed)
    if not touched:  # as in most runs
        return
    left = _releases(tree.files)
    before = _releases_before(tree, present)
    for environment, losing in sorted(touched.items()):
        stay = left[environment]
        gone = sorted(losing - stay)
        if gone:
            count = len(before[environment] | losing)
            yield Removal(environment, gone, count, is_last=not stay)


def _releases_before(tree: Tree, present: Present) -> Mapping[str, set[str]]:
    """Releases of the tree that are there already; somebody else's files, and directories without ours, are none."""
    return _releases(tree.files.keys() & present.files)


def _releases(paths: Iterable[str]) -> Mapping[str, set[str]]:
    """Names of the releases that files belong to, by environment; none for one that has no file."""
    releases: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        release = release_of(path)
        if release:
            environment, name = release
            releases[environment].add(name)
    return releases


def too_many_removals(
    removals: Sequence[Removal], allowed: Allowed, present: Present
) -> Iterator[Problem]:
    """TF062: a list that lost its entries by accident must not take the models with it."""
    count = sum(len(removal.releases) for removal in removals)
    if count <= allowed.removals:
        return
    hint = f"if that is meant: --allow-removals {count}"
    for removal in removals:
        if removal.is_large:
            position = present.position(removal.environment)
            names = _some(removal.releases)
            message = f"{removal} would be removed: {names}"
            yield Problem(position, "TF062", message, hint=hint)


def too_many_moves(
    moved: Sequence[Move], tree: Tree, allowed: Allowed, present: Present
) -> Iterator[Problem]:
    """TF065: one line of fleet.yaml must not move all models in passing."""
    by_environment = _reasons(moved)
    count = sum(map(len, by_environment.values()))
    if count <= allowed.moves:
        return
    before = _releases_before(tree, present)
    hint = f"if that is meant: --allow-moves {count}"
    for environment, reasons in sorted(by_environment.items()):
        total = len(before[environment])
        if not _is_large(len(reasons), total):
            continue
        position = present.position(environment)
        which = f"{len(reasons)} of {total} releases of {environment}"
        message = f"{which} would move {_moved_words(reasons)}"
        yield Problem(position, "TF065", message, hint=hint)


def _reasons(moved: Iterable[Move]) -> Mapping[str, Mapping[str, str]]:
    """By environment, the releases that move, each with the first thing that moves it."""
    reasons: dict[str, dict[str, str]] = defaultdict(dict)
    for move in moved:
        of_environment = reasons[move.environment]
        of_environment.setdefault(move.release, move.what)
    return reasons


def _moved_words(reasons: Mapping[str, str]) -> str:
    """`(namespace a → b): bert, resnet50`."""
    releases = sorted(reasons)
    kinds = sorted(set(reasons.values()))
    shown = "; ".join(kinds[:REASONS])
    return f"({shown}): {_some(releases)}"


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:SHOWN])
    more = len(names) - SHOWN
    if more > 0:
        shown += f" and {more} more"
    return shown
