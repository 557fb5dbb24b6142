"""All that differs between two fleets, with what follows; equal changes stand together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tritonfleet.comparison.environments import Sums
from tritonfleet.comparison.follows import Consequences
from tritonfleet.comparison.pairs import Edit, Pair

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A release that differs: in which values, and what follows."""

    pair: Pair
    edits: tuple[Edit, ...]
    consequences: Consequences

    @property
    def name(self) -> str:
        """The release's name."""
        return self.pair.key.name

    @property
    def environment(self) -> str:
        """The name of the release's environment."""
        return self.pair.key.environment

    @property
    def restarts(self) -> bool:
        """Whether its pods restart. Of what is suspended, the engine changes nothing."""
        after = self.pair.after
        return bool(after and not after.suspended and self.consequences.restarts)

    @property
    def is_undecided(self) -> bool:
        """Whether it is suspended by the very change that changes its objects.

        No engine promises an order: the chart or the values may reach the release before its suspension does.
        """
        before, after = self.pair.before, self.pair.after
        if before is None or after is None:
            return False
        suspends = after.suspended and not before.suspended
        return bool(suspends and self.consequences.objects)


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What differs between a fleet and one before it."""

    compared_with: str
    notes: tuple[str, ...]
    """What could not be compared, and why."""
    sums: tuple[Sums, ...]
    releases: tuple[Changed, ...]

    def releases_in(self, environment: str) -> list[Changed]:
        """Those of one environment."""
        return [each for each in self.releases if each.environment == environment]


@dataclass(frozen=True, slots=True, eq=False)
class EditOfMany:
    """The same change of one value in several releases of an environment."""

    edit: Edit
    releases: tuple[Changed, ...]


def equal_edits(releases: Iterable[Changed]) -> list[EditOfMany]:
    """Each change of a value once, with the releases that it is the same in."""
    edits = []
    for changed in releases:
        edits += [(edit, changed) for edit in changed.edits]
    equal: list[EditOfMany] = []
    for group in grouped(edits, _words_of_edit):
        edit, _ = group[0]
        together = tuple(release for _, release in group)
        equal.append(EditOfMany(edit, together))
    return equal


def _words_of_edit(item: tuple[Edit, Changed]) -> str:
    """An edit as text, for its values may be lists, which no set takes."""
    edit, _ = item
    return str(edit)


def grouped(items: Iterable[Item], alike: Callable[[Item], object]) -> list[list[Item]]:
    """Items of which `alike` says the same stand together, in the order of the first of them."""
    groups: dict[object, list[Item]] = {}
    for item in items:
        group = groups.setdefault(alike(item), [])
        group.append(item)
    return list(groups.values())
