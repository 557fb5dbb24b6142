"""Fleet to Releases, with the few numbers that the engines' files need.

The chart derives the same numbers from the same values; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tritonfleet.facts import most_pods, replaces, seconds
from tritonfleet.nouns import Fleet, Installation, Release, Timing
from tritonfleet.values import Values

# What the numbers follow from.
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
    """One release for each entry and environment, in the order of environments and lists."""
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
    """Numbers of a release with complete values."""
    startup, pull = seconds(values["startup"]["timeout"]), seconds(values["startup"]["pull"])
    drain, request = (
        seconds(values["shutdown"]["drain"]),
        seconds(values["shutdown"]["requestTimeout"]),
    )
    grace = values["terminationGracePeriodSeconds"] or drain + request + GRACE_MARGIN
    replaced = replaces(values)
    pods = max(1, most_pods(values))
    return Timing(
        startup=startup,
        pull=pull,
        drain=drain,
        grace=grace,
        deadline=pull + startup + DEADLINE_MARGIN + (grace if replaced else 0),
        timeout=pods * (pull + startup + grace),
        pods=pods,
    )


def sums(values: Values) -> Iterator[str]:
    """The derived numbers in words, each with its sum."""
    found, shutdown = timing(values), values["shutdown"]
    summed = f"{found.drain} drain + {seconds(shutdown['requestTimeout'])} requestTimeout + {GRACE_MARGIN}"
    given = values["terminationGracePeriodSeconds"] > 0
    yield f"grace period {found.grace} s = {'terminationGracePeriodSeconds' if given else summed}"
    tail = f" + {found.grace} grace" if replaces(values) else ""
    parts = f"{found.pull} pull + {found.startup} startup + {DEADLINE_MARGIN}{tail}"
    yield f"progress deadline {found.deadline} s = {parts}"
    each = f"({found.pull} pull + {found.startup} startup + {found.grace} grace)"
    yield f"Flux timeout {found.timeout} s = {found.pods} pods × {each}"
