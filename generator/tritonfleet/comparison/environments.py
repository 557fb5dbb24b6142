"""What a change adds up to in one environment: releases, pods, devices, time, removals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tritonfleet.budget import Removal
from tritonfleet.comparison.follows import Consequences
from tritonfleet.comparison.pairs import ADDED, CHANGED, REMOVED, Key, Pair, settings
from tritonfleet.facts import most_pods, replaces
from tritonfleet.nouns import Environment, Release
from tritonfleet.problem import Position
from tritonfleet.timing import KEYS, timing
from tritonfleet.values import Values

Found = Mapping[Key, Consequences]
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
    counts = Counter(each.environment.name for each in before)
    own = _by_environment(differing)
    result: list[Sums] = []
    for old, new in environments:
        environment = _latest(old, new)
        name = environment.name
        cluster = environment.cluster
        if name in own:
            its_devices = [each for each in devices if each.cluster == cluster]
            result.append(_sum(old, new, own[name], found, counts[name], its_devices))
    return result


def _by_environment(pairs: Iterable[Pair]) -> Mapping[str, Sequence[Pair]]:
    """Pairs by the names of their environments; none for one without pairs."""
    own: dict[str, list[Pair]] = {}
    for pair in pairs:
        own.setdefault(pair.key.environment, []).append(pair)
    return own


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
    """The sums of one environment; `own` are its pairs, `count` is the number of its releases before."""
    environment = _latest(old, new)
    added, changed, removed = (_of(kind, own) for kind in (ADDED, CHANGED, REMOVED))
    restarting = [pair for pair in own if _rolls(pair, found[pair.key])]
    ended = [pair.before for pair in restarting if pair.before]
    seconds, longest = _longest([*added, *restarting])
    is_last = bool(removed) and len(removed) == count and not added
    removal = Removal(environment.name, _names(removed), count, is_last)
    return Sums(
        environment=environment.name,
        settings=tuple(_changed_settings(old, new)),
        position=environment.source.position(),
        added=_names(added),
        removed=_names(removed),
        changed=_names(changed),
        restarted=_names(restarting),
        pods_restarted=sum(map(_pods, ended)),
        seconds=seconds,
        longest=longest,
        before=count,
        needs_permission=removal.is_large,
        devices=tuple(devices),
    )


def _of(kind: str, own: Iterable[Pair]) -> list[Pair]:
    return [pair for pair in own if pair.kind == kind]


def _rolls(pair: Pair, found: Consequences) -> bool:
    """Whether pods restart. Of what is suspended, the engine changes nothing."""
    return bool(pair.after and not pair.after.suspended and found.restarts)


def _longest(rolling: Iterable[Pair]) -> tuple[int, str]:
    """The rollout that may take longest: its seconds and its release."""
    times = [(_seconds(pair.release), pair.key.name) for pair in rolling]
    return max(times, default=(0, ""))


def _names(pairs: Iterable[Pair]) -> tuple[str, ...]:
    return tuple(pair.key.name for pair in pairs)


def _changed_settings(
    old: Environment | None, new: Environment | None
) -> Iterable[tuple[str, object, object]]:
    """Settings with their values before and after; none of an environment that is new or gone."""
    if old is None or new is None:
        return
    after = settings(new)
    for name, value in settings(old).items():
        if value != after[name]:
            yield name, value, after[name]


def _seconds(release: Release) -> int:
    return timing(_values(release, KEYS)).timeout


def _pods(release: Release) -> int:
    return most_pods(_values(release, KEYS))


def _values(release: Release, keys: Iterable[str]) -> Values:
    """Only the values that a question needs, with the defaults of the chart."""
    return {key: release.value(key) for key in keys}


def _devices(
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
        if len(set(counts)) > 1:
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
            demand[device] += each * _pods(release)
    return demand


def _devices_of_a_pod(release: Release) -> tuple[Device, int]:
    accelerator = release.value("accelerator")
    device = (release.environment.cluster, accelerator["resource"])
    return device, accelerator["count"]


def _more_at_the_peak(pair: Pair, found: Consequences) -> Counter[Device]:
    """Devices beside those of the pods after the change: those of old pods, and of the pod that a rollout adds."""
    before = _demand(filter(None, [pair.before]))
    after = _demand(filter(None, [pair.after]))
    more = before - after  # of a counter, which goes no lower than 0
    if pair.after and _rolls(pair, found) and not _replaces(pair.after):
        device, each = _devices_of_a_pod(pair.after)
        more[device] += each
    return more


def _replaces(release: Release) -> bool:
    """Whether a rollout ends the old pods before it starts new ones."""
    return replaces(_values(release, ("rollout", "repository")))


def _capacity(releases: Iterable[Release]) -> dict[Device, int]:
    """The devices that clusters have, as far as their environments say it."""
    capacity: dict[Device, int] = {}
    environments = {release.environment for release in releases}
    for environment in environments:
        for resource, number in environment.capacity.items():
            capacity[environment.cluster, resource] = number
    return capacity
