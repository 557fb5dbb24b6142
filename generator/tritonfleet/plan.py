"""Fleet to Installations, with the few numbers that the engines' files need.

The chart derives the same numbers from the same values; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable

from tritonfleet.facts import most_pods, replaces, seconds
from tritonfleet.nouns import Fleet, Installation, Release, Timing
from tritonfleet.values import Values

# Root keys that the numbers follow from.
KEYS = (
    "startup",
    "shutdown",
    "rollout",
    "replicas",
    "autoscaling",
    "repository",
    "terminationGracePeriodSeconds",
)
GRACE_MARGIN = 15  # seconds for the server to end after the last request
DEADLINE_MARGIN = 60  # seconds for scheduling and the first readiness probe


def plan(fleet: Fleet) -> tuple[Installation, ...]:
    """What is installed for each release, in the order of environments and lists."""
    return tuple(_installation(release) for release in fleet.releases)


def _installation(release: Release) -> Installation:
    return Installation(
        name=release.name,
        environment=release.environment,
        values=_ordered(release.values, release.environment.chart.defaults),
        suspended=release.suspended,
        file=release.entry.layer.source.file,
        timing=timing({key: release.value(key) for key in KEYS}),
        autoscaled=release.value("autoscaling")["enabled"],
    )


def _ordered(values: Values, order: Iterable[str]) -> Values:
    """The values in the chart's own order, so that the order of layers and of an entry's keys changes no file."""
    return {key: values[key] for key in order if key in values}


def timing(values: Values) -> Timing:
    """The numbers of a release with complete values (of which KEYS suffice), in seconds."""
    startup = seconds(values["startup"]["timeout"])
    pull = seconds(values["startup"]["pull"])
    grace = _grace_period(values)
    deadline = pull + startup + DEADLINE_MARGIN
    if replaces(values):
        deadline += grace  # the old pod ends first
    pods = max(1, most_pods(values))
    return Timing(
        startup=startup,
        pull=pull,
        drain=seconds(values["shutdown"]["drain"]),
        grace=grace,
        deadline=deadline,
        timeout=pods * (pull + startup + grace),  # one pod after the other
        pods=pods,
    )


def _grace_period(values: Values) -> int:
    """Seconds between the order to end and the kill: as asked for, else enough to drain and to answer what is left."""
    asked: int | None = values["terminationGracePeriodSeconds"]
    if asked:
        return asked
    drain = seconds(values["shutdown"]["drain"])
    request = seconds(values["shutdown"]["requestTimeout"])
    return drain + request + GRACE_MARGIN
