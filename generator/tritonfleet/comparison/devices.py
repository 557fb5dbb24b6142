"""Devices that a change asks for: before it, after it, and while its rollouts run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tritonfleet.comparison.follows import Consequences
from tritonfleet.comparison.pairs import Pair
from tritonfleet.comparison.rollouts import Found, ends_old_first, pods_of, rolls
from tritonfleet.nouns import Release

Device = tuple[str, str]
"""A cluster, and the name of the resource there."""


@dataclass(frozen=True, slots=True)
class Devices:
    """Devices of one kind that a cluster's releases ask for, with as many pods as each may come to have."""

    cluster: str
    resource: str
    before: int
    after: int
    peak: int
    """While all rollouts of the change run at once, before any old pod has ended."""
    capacity: int | None
    """None where nobody says it."""


def devices_of(
    before: Iterable[Release],
    after: Iterable[Release],
    differing: Iterable[Pair],
    found: Found,
) -> list[Devices]:
    """Of each kind of device that differs, or of which rollouts take more for a time."""
    old = _demand(before)
    new = _demand(after)
    peak = _peak(new, differing, found)
    capacity = _capacity(after)
    devices: list[Devices] = []
    for device in sorted({*old, *new}):
        counts = old[device], new[device], peak[device]
        is_different = len(set(counts)) > 1
        if is_different:
            devices.append(Devices(*device, *counts, capacity.get(device)))
    return devices


def _peak(
    after: Mapping[Device, int], differing: Iterable[Pair], found: Found
) -> Mapping[Device, int]:
    """The demand while all rollouts run, from the one after them."""
    peak = Counter(after)
    for pair in differing:
        peak.update(_more_at_the_peak(pair, found[pair.key]))
    return peak


def _demand(releases: Iterable[Release]) -> Counter[Device]:
    """How many devices of each kind releases ask for, with as many pods as each may come to have."""
    demand: Counter[Device] = Counter()
    for release in releases:
        device, each = _devices_of_a_pod(release)
        if each:
            demand[device] += each * pods_of(release)
    return demand


def _devices_of_a_pod(release: Release) -> tuple[Device, int]:
    """The kind of device that each pod asks for, and how many."""
    accelerator = release.value("accelerator")
    device = (release.environment.cluster, accelerator["resource"])
    return device, accelerator["count"]


def _more_at_the_peak(pair: Pair, found: Consequences) -> Counter[Device]:
    """Devices beside those of the pods after the change: those of old pods, and of the pod that a rollout adds."""
    before = _demand_of(pair.before)
    after = _demand_of(pair.after)
    more = before - after  # of a counter, which goes no lower than 0
    if pair.after is None or not rolls(pair, found):
        return more
    if not ends_old_first(pair.after):
        device, each = _devices_of_a_pod(pair.after)
        more[device] += each
    return more


def _demand_of(release: Release | None) -> Counter[Device]:
    """The demand of one release; none of one that is not there."""
    if release is None:
        return Counter()
    return _demand([release])


def _capacity(releases: Iterable[Release]) -> dict[Device, int]:
    """The devices that clusters have, as far as their environments say it."""
    capacity: dict[Device, int] = {}
    environments = {release.environment for release in releases}
    for environment in environments:
        for resource, number in environment.capacity.items():
            capacity[environment.cluster, resource] = number
    return capacity
