"""Rollouts that a change begins: of which releases, with how many pods, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tritonfleet.comparison.follows import Consequences
from tritonfleet.comparison.pairs import Key, Pair
from tritonfleet.facts import most_pods, replaces
from tritonfleet.nouns import Release
from tritonfleet.timing import KEYS, timing
from tritonfleet.values import Values

Found = Mapping[Key, Consequences]


def rolls(pair: Pair, found: Consequences) -> bool:
    """Whether pods restart. Of what is suspended, the engine changes nothing."""
    if pair.after is None or pair.after.suspended:
        return False
    return bool(found.restarts)


def longest_rollout(rolling: Iterable[Pair]) -> tuple[int, str]:
    """The rollout that may take longest: its seconds and its release."""
    times = []
    for pair in rolling:
        seconds = _seconds(pair.release)
        times.append((seconds, pair.key.name))
    return max(times, default=(0, ""))


def _seconds(release: Release) -> int:
    """How long its rollout may take, from the timeouts."""
    values = _values(release, KEYS)
    return timing(values).timeout


def pods_of(release: Release) -> int:
    """At most: as many as an autoscaler may make."""
    values = _values(release, KEYS)
    return most_pods(values)


def _values(release: Release, keys: Iterable[str]) -> Values:
    """Only the values that a question needs, with the defaults of the chart."""
    return {key: release.value(key) for key in keys}


def ends_old_first(release: Release) -> bool:
    """Whether a rollout ends the old pods before it starts new ones."""
    values = _values(release, ("rollout", "repository"))
    return replaces(values)
