"""One look at all clusters: everything is read, then judged."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from tritonfleet.status.judge import rows, worst_first
from tritonfleet.status.nouns import SERVING, SUSPENDED, Row
from tritonfleet.status.read import Reach, read
from tritonfleet.status.server import asked

_SETTLED = {SERVING, SUSPENDED}


class Glance(NamedTuple):
    """What one look has seen, worst first."""

    rows: Sequence[Row]
    time: float
    """When it was read, in seconds since 1970."""
    seconds: float
    """How long the reading took."""
    requests: int

    @property
    def is_settled(self) -> bool:
        """Whether all that is merged serves, but for what is suspended on purpose."""
        states = {row.cause.state for row in self.rows}
        return states <= _SETTLED

    @property
    def is_wrong(self) -> bool:
        """Whether anything fails, or cannot be seen."""
        return any(row.is_wrong for row in self.rows)


def look(reaches: Sequence[Reach], *, server: bool) -> Glance:
    """What runs now of each environment; with `server`, Triton is asked itself."""
    began = time.monotonic()
    now = time.time()
    before = _requests(reaches)
    # 1. Everything is read.
    seen = [reach for reach in reaches if reach.site.hidden is None]
    found = read(seen)
    if server:
        found = asked(seen, found, now)
    # 2. What was read is judged; nothing is asked any more.
    judged: list[Row] = []
    for reach in reaches:
        of_environment = found.get(reach.site.name)
        judged += rows(reach.site, of_environment, now)
    took = time.monotonic() - began
    requests = _requests(reaches) - before
    return Glance(worst_first(judged), now, took, requests)


def _requests(reaches: Sequence[Reach]) -> int:
    clusters = {
        each for reach in reaches for each in (reach.pods, reach.engine) if each
    }
    return sum(cluster.requests for cluster in clusters)
