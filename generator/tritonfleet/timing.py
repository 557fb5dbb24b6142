"""How long a release takes to start, to end and to roll out, in seconds.

The chart derives the same numbers from the same values; a test holds them equal.
"""

from __future__ import annotations

from tritonfleet.facts import most_pods, replaces, seconds
from tritonfleet.gitops import Timing
from tritonfleet.modes import end_seconds
from tritonfleet.nouns import Release
from tritonfleet.values import Values

# Root keys that the numbers follow from.
KEYS = (
    "server",
    "startup",
    "shutdown",
    "rollout",
    "replicas",
    "autoscaling",
    "repository",
    "weights",
    "caches",
    "server",
    "terminationGracePeriodSeconds",
    "minReadySeconds",
)
TEST_KEYS = ("test", "startup", "shutdown")
GRACE_MARGIN = 15  # seconds for the server to end after the last request
TEST_MARGIN = 60  # seconds for scheduling the test and for its first connection
DEADLINE_MARGIN = 60  # seconds for scheduling and the first readiness probe


def timing_of(release: Release) -> Timing:
    """The numbers of a release."""
    return timing({key: release.value(key) for key in KEYS})


def timing(values: Values) -> Timing:
    """The numbers of a release with complete values (of which KEYS suffice), in seconds."""
    startup = seconds(values["startup"]["timeout"])
    pull = seconds(values["startup"]["pull"])
    grace = _grace_period(values)
    min_ready: int = values["minReadySeconds"]
    deadline = pull + startup + DEADLINE_MARGIN + min_ready
    if replaces(values):
        deadline += grace  # the old pod ends first
    pods = max(1, most_pods(values))
    return Timing(
        startup=startup,
        pull=pull,
        drain=seconds(values["shutdown"]["drain"]),
        grace=grace,
        deadline=deadline,
        timeout=pods * (pull + startup + grace + min_ready),  # one pod after the other
        pods=pods,
    )


def seconds_to_answer(values: Values) -> int:
    """Seconds that the inference of the test may take."""
    return seconds(values["shutdown"]["requestTimeout"]) or 30


def deadline_of_test(values: Values) -> int:
    """Seconds after which an engine's test has failed; 0 where it runs none. Values of TEST_KEYS suffice."""
    if not values["test"].get("afterSync"):
        return 0
    pull = seconds(values["startup"]["pull"])
    return pull + TEST_MARGIN + seconds_to_answer(values)


def _grace_period(values: Values) -> int:
    """Seconds between the order to end and the kill: as asked for, else enough to drain and to answer what is left."""
    asked: int | None = values["terminationGracePeriodSeconds"]
    if asked:
        return asked
    drain = seconds(values["shutdown"]["drain"])
    request = seconds(values["shutdown"]["requestTimeout"])
    return drain + request + end_seconds(values) + GRACE_MARGIN
