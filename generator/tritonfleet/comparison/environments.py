"""What a change adds up to in one environment: releases, pods, devices, time, removals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tritonfleet.budget import Removal
from tritonfleet.comparison.devices import Devices, devices_of
from tritonfleet.comparison.pairs import ADDED, CHANGED, REMOVED, Pair, settings
from tritonfleet.comparison.rollouts import Found, longest_rollout, pods_of, rolls
from tritonfleet.nouns import Environment, Release
from tritonfleet.problem import Position


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
    devices = devices_of(before, after, differing, found)
    counts = Counter(each.environment.name for each in before)
    own = _by_environment(differing)
    result: list[Sums] = []
    for old, new in environments:
        environment = _latest(old, new)
        name = environment.name
        if name not in own:
            continue
        its_devices = [each for each in devices if each.cluster == environment.cluster]
        its_sums = _sum(old, new, own[name], found, counts[name], its_devices)
        result.append(its_sums)
    return result


def _by_environment(pairs: Iterable[Pair]) -> Mapping[str, Sequence[Pair]]:
    """Pairs by the names of their environments; none for one without pairs."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        own = found.setdefault(pair.key.environment, [])
        own.append(pair)
    return found


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
    added = _of(ADDED, own)
    removed = _of(REMOVED, own)
    restarting = [pair for pair in own if rolls(pair, found[pair.key])]
    ended = [pair.before for pair in restarting if pair.before]
    seconds, longest = longest_rollout([*added, *restarting])
    are_all = len(removed) == count and not added
    is_last = bool(removed) and are_all
    removal = Removal(environment.name, _names(removed), count, is_last)
    return Sums(
        environment=environment.name,
        settings=tuple(_changed_settings(old, new)),
        position=environment.source.position(),
        added=_names(added),
        removed=_names(removed),
        changed=_names(_of(CHANGED, own)),
        restarted=_names(restarting),
        pods_restarted=sum(map(pods_of, ended)),
        seconds=seconds,
        longest=longest,
        before=count,
        needs_permission=removal.is_large,
        devices=tuple(devices),
    )


def _of(kind: str, own: Iterable[Pair]) -> list[Pair]:
    return [pair for pair in own if pair.kind == kind]


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
