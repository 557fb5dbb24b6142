"""One look at all clusters: everything is read, then judged."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from tritonfleet.status.judge import rows, worst_first
from tritonfleet.status.nouns import FAILING, SERVING, SUSPENDED, UNKNOWN, Row
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
        return all(row.cause.state in _SETTLED for row in self.rows)

    @property
    def is_wrong(self) -> bool:
        """Whether anything fails, or cannot be seen."""
        return any(row.cause.state in {FAILING, UNKNOWN} for row in self.rows)


def look(reaches: Sequence[Reach], *, server: bool) -> Glance:
    """What runs now of each environment; with `server`, Triton is asked itself."""
    began, now = time.monotonic(), time.time()
    before = _requests(reaches)
    # 1. Everything is read.
    seen = [reach for reach in reaches if reach.site.hidden is None]
    found = read(seen)
    if server:
        found = asked(seen, found, now)
    # 2. What was read is judged; nothing is asked any more.
    judged = [
        row
        for reach in reaches
        for row in rows(reach.site, found.get(reach.site.name), now)
    ]
    took = time.monotonic() - began
    return Glance(worst_first(judged), now, took, _requests(reaches) - before)


def _requests(reaches: Sequence[Reach]) -> int:
    clusters = {
        each for reach in reaches for each in (reach.pods, reach.engine) if each
    }
    return sum(cluster.requests for cluster in clusters)
