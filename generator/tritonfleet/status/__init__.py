"""What is wanted against what runs: each release of a fleet, with its cause and the next thing to do."""

from tritonfleet.status.look import Glance, look
from tritonfleet.status.nouns import (
    FAILING,
    SERVING,
    SUSPENDED,
    UNKNOWN,
    WAITING,
    Benchmark,
    Cause,
    Row,
    Site,
)
from tritonfleet.status.read import Reach
from tritonfleet.status.resources import roles
from tritonfleet.status.wanted import site_of

__all__ = [
    "FAILING",
    "SERVING",
    "SUSPENDED",
    "UNKNOWN",
    "WAITING",
    "Benchmark",
    "Cause",
    "Glance",
    "Reach",
    "Row",
    "Site",
    "look",
    "roles",
    "site_of",
]
