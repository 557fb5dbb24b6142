"""What `status` saw, as the page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from tritonfleet.overview.shapes import Live, Seen
from tritonfleet.status import Cause, Glance, Row
from tritonfleet.status.nouns import STATES
from tritonfleet.visible import visible


def seen(glance: Glance | None, *, logs: bool) -> Seen | None:
    """The numbers of a look at clusters; None without one."""
    if glance is None:
        return None
    time = datetime.fromtimestamp(glance.time, UTC)
    states = tuple(_states(glance))
    causes = tuple(_causes(glance, logs))
    return Seen(f"{time:%Y-%m-%d %H:%M} UTC", states, causes)


def _states(glance: Glance) -> Iterator[tuple[str, int]]:
    """How many releases are in each state, the worst state first."""
    counts = Counter(row.cause.state for row in glance.rows if row.name)
    for state in STATES:
        if counts[state]:
            yield state, counts[state]


def _causes(glance: Glance, logs: bool) -> Iterator[str]:
    """What is wrong with whole environments, whose rows have no name."""
    for row in glance.rows:
        if not row.name:
            yield f"{row.environment}: {_words(row.cause, logs)}"


def lives(glance: Glance | None, *, logs: bool) -> Mapping[tuple[str, str], Live]:
    """What runs of each release that was seen, by environment and name."""
    found: dict[tuple[str, str], Live] = {}
    if glance is None:
        return found
    for row in glance.rows:
        if row.name:
            found[row.environment, row.name] = _live(row, logs)
    return found


def _live(row: Row, logs: bool) -> Live:
    """Words of a cluster are shown whole, and nothing hidden in them."""
    runs = ", ".join(filter(None, (row.image, row.model_version)))
    return Live(
        state=row.cause.state,
        ready=f"{row.ready}/{row.pods}",
        runs=visible(runs),
        engine=visible(row.engine),
        words=_words(row.cause, logs),
        step=visible(row.cause.step),
    )


def _words(cause: Cause, logs: bool) -> str:
    """Lines of logs may hold what not everybody who opens the page should read."""
    return visible(cause.sentence if logs else cause.words)
