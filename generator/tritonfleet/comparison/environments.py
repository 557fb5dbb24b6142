"""What a change adds up to in one environment: releases, pods, devices, time, removals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tritonfleet.budget import Removal
from tritonfleet.comparison.follows import Consequences
from tritonfleet.comparison.pairs import ADDED, CHANGED, REMOVED, Key, Pair, settings
from tritonfleet.facts import most_pods, replaces
from tritonfleet.nouns import Environment, Release
from tritonfleet.problem import Position
from tritonfleet.timing import KEYS, timing

Found = Mapping[Key, Consequences]


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


@dataclass(frozen=True, slots=True)
class Sums:
    """What a change adds up to in one environment."""

    environment: str
    settings: tuple[tuple[str, object, object], ...]
    """What the environment says of all its releases and differs: name, before, after."""
    position: Position
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    restarted: tuple[str, ...]
    pods_restarted: int
    """At most: as many as an autoscaler may have made."""
    seconds: int
    """How long the longest rollout may take, from the timeouts; 0 where nothing rolls."""
    longest: str
    before: int
    """Releases before the change."""
    needs_permission: bool
    """Whether `generate` asks for --allow-removals."""
    devices: tuple[Devices, ...]


def sums(
    before: Sequence[Release],
    after: Sequence[Release],
    environments: Iterable[tuple[Environment | None, Environment | None]],
    differing: Sequence[Pair],
    found: Found,
) -> list[Sums]:
    """The sums of each environment in which something differs; an environment before and after, or None."""
    devices = _devices(before, after, differing, found)
    result: list[Sums] = []
    for old, new in environments:
        environment = _latest(old, new)
        own = [pair for pair in differing if pair.key.environment == environment.name]
        if own:
            count = sum(each.environment.name == environment.name for each in before)
            its_devices = [
                each for each in devices if each.cluster == environment.cluster
            ]
            result.append(_sum(old, new, own, found, count, its_devices))
    return result


def _latest(old: Environment | None, new: Environment | None) -> Environment:
    """An environment as it is; as it was, when it is gone."""
    environment = new or old
    assert environment
    return environment


def _sum(
    old: Environment | None,
    new: Environment | None,
    own: Sequence[Pair],
    found: Found,
    count: int,
    devices: Sequence[Devices],
) -> Sums:
    environment = _latest(old, new)
    added, removed = _names(own, ADDED), _names(own, REMOVED)
    restarting = [pair for pair in own if _rolls(pair, found[pair.key])]
    rolling = [pair for pair in own if pair.kind == ADDED] + restarting
    seconds, longest = _longest(rolling)
    is_last = bool(removed) and len(removed) == count and not added
    removal = Removal(environment.name, removed, count, is_last)
    return Sums(
        environment=environment.name,
        settings=tuple(_changed_settings(old, new)),
        position=environment.source.position(),
        added=added,
        removed=removed,
        changed=_names(own, CHANGED),
        restarted=tuple(pair.key.name for pair in restarting),
        pods_restarted=sum(_pods(pair.before) for pair in restarting if pair.before),
        seconds=seconds,
        longest=longest,
        before=count,
        needs_permission=removal.is_large,
        devices=tuple(devices),
    )


def _rolls(pair: Pair, found: Consequences) -> bool:
    """Whether pods restart. Of what is suspended, the engine changes nothing."""
    return bool(pair.after and not pair.after.suspended and found.restarts)


def _longest(rolling: Iterable[Pair]) -> tuple[int, str]:
    """The rollout that may take longest: its seconds and its release."""
    times = [(_seconds(pair.release), pair.key.name) for pair in rolling]
    return max(times, default=(0, ""))


def _names(own: Iterable[Pair], kind: str) -> tuple[str, ...]:
    return tuple(pair.key.name for pair in own if pair.kind == kind)


def _changed_settings(
    old: Environment | None, new: Environment | None
) -> Iterable[tuple[str, object, object]]:
    if old is None or new is None:
        return
    after = settings(new)
    for name, value in settings(old).items():
        if value != after[name]:
            yield name, value, after[name]


def _seconds(release: Release) -> int:
    return timing({key: release.value(key) for key in KEYS}).timeout


def _pods(release: Release) -> int:
    return most_pods({key: release.value(key) for key in KEYS})


def _devices(
    before: Iterable[Release],
    after: Iterable[Release],
    differing: Iterable[Pair],
    found: Found,
) -> list[Devices]:
    """Of each kind of device that differs, or of which rollouts take more for a time."""
    old, new, peak = _demand(before), _demand(after), _demand(after)
    for pair in differing:
        for device, more in _more_at_the_peak(pair, found[pair.key]).items():
            peak[device] += more
    capacity = _capacity(after)
    return [
        Devices(*device, old[device], new[device], peak[device], capacity.get(device))
        for device in sorted({*old, *new})
        if not old[device] == new[device] == peak[device]
    ]


Device = tuple[str, str]


def _demand(releases: Iterable[Release]) -> dict[Device, int]:
    demand: dict[Device, int] = defaultdict(int)
    for release in releases:
        device, each = _devices_of_a_pod(release)
        if each:
            demand[device] += each * _pods(release)
    return demand


def _devices_of_a_pod(release: Release) -> tuple[Device, int]:
    accelerator = release.value("accelerator")
    device = (release.environment.cluster, accelerator["resource"])
    return device, accelerator["count"]


def _more_at_the_peak(pair: Pair, found: Consequences) -> dict[Device, int]:
    """Devices beside those of the pods after the change: those of old pods, and of the pod that a rollout adds."""
    more: dict[Device, int] = defaultdict(int)
    before = _demand([pair.before] if pair.before else [])
    after = _demand([pair.after] if pair.after else [])
    for device, count in before.items():
        more[device] += max(0, count - after[device])
    if pair.after and _rolls(pair, found) and not _replaces(pair.after):
        device, each = _devices_of_a_pod(pair.after)
        more[device] += each
    return more


def _replaces(release: Release) -> bool:
    keys: Collection[str] = ("rollout", "repository")
    return replaces({key: release.value(key) for key in keys})


def _capacity(releases: Iterable[Release]) -> dict[Device, int]:
    capacity: dict[Device, int] = {}
    for environment in {release.environment for release in releases}:
        for resource, number in environment.capacity.items():
            capacity[environment.cluster, resource] = number
    return capacity
