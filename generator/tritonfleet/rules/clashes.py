"""Two that claim the same: the question behind every rule about names and ports that must differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from tritonfleet.values import KeyPath

Claim = TypeVar("Claim", bound=Hashable)
Owner = TypeVar("Owner")


class Clash(NamedTuple):
    """A clash in words: where the later of the two is, and what is wrong."""

    path: KeyPath
    message: str


def clashes(
    claims: Iterable[tuple[Claim, Owner]],
) -> Iterator[tuple[Claim, Owner, Owner]]:
    """Each claim that another owner made before: the claim, its first owner, and the later one.

    The first owner keeps a claim, so that each of ten equal names is blamed on the same place.
    """
    owners: dict[Claim, Owner] = {}
    for claim, owner in claims:
        first = owners.setdefault(claim, owner)
        if first is not owner:
            yield claim, first, owner
