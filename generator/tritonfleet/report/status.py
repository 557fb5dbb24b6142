"""Rows of `status`: for people in lines of at most 100 columns, and for programs with everything."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tritonfleet.report.shared import number, to_json
from tritonfleet.status import (
    FAILING,
    SERVING,
    SUSPENDED,
    UNKNOWN,
    WAITING,
    Benchmark,
    Glance,
    Row,
    Site,
)
from tritonfleet.status.nouns import Counters
from tritonfleet.visible import visible

WIDTH = 100
SHORT = 8  # characters of a commit
INDENT = "    "
# https://en.wikipedia.org/wiki/ANSI_escape_code#Colors
COLOURS = {FAILING: 31, UNKNOWN: 35, WAITING: 33, SUSPENDED: 34, SERVING: 32}
HEADINGS = (
    "STATE",
    "ENV",
    "MODEL",
    "PODS",
    "MODELS",
    "RUNS",
    "ENGINE",
    "COMMIT",
    "AGE",
    "OWNER",
)
# Columns that give way when a line is too long, the widest of them first.
SHRINKING = (2, 5, 6, 9)
LEAST = 8
_THROUGHPUT = "Inferences/Second"
UNITS = (("d", 86400), ("h", 3600), ("m", 60))


def status_text(glance: Glance, *, colour: bool) -> str:
    """A line for each row, worst first; below it its cause and what to do next."""
    cells = [_cells(row, glance.time) for row in glance.rows]
    widths = _widths([HEADINGS, *cells])
    lines = [_line(HEADINGS, widths)]
    for row, each in zip(glance.rows, cells, strict=True):
        line = _line(each, widths)
        if colour:
            line = _coloured(line, row.cause.state)
        lines.append(line)
        lines += _details(row)
    return "\n".join(lines) + "\n"


def counted_states(rows: Sequence[Row]) -> str:
    """`1 failing, 12 serving`."""
    counts = Counter(row.cause.state for row in rows)
    words = []
    for state in COLOURS:
        if counts[state]:
            words.append(f"{counts[state]} {state}")
    return ", ".join(words)


def status_json(glance: Glance, sites: Sequence[Site]) -> str:
    """Everything that was found out."""
    time = datetime.fromtimestamp(glance.time, UTC)
    return to_json(
        {
            "time": time.isoformat(timespec="seconds"),
            "seconds": round(glance.seconds, 3),
            "requests": glance.requests,
            "environments": [_environment(each) for each in sites],
            "rows": [_row(row) for row in glance.rows],
        }
    )


def _environment(site: Site) -> dict[str, Any]:
    return {
        "name": site.name,
        "engine": site.engine,
        "namespace": site.namespace,
        "reference": site.reference,
        "commit": site.commit,
    }


def _row(row: Row) -> dict[str, Any]:
    counters = row.counters
    return {
        "environment": row.environment,
        "name": row.name,
        "state": row.cause.state,
        "cause": row.cause.sentence,
        "next": row.cause.step,
        "image": {"runs": row.image, "wanted": row.wanted_image},
        "modelVersion": {"runs": row.model_version, "wanted": row.wanted_model_version},
        "pods": {"ready": row.ready, "wanted": row.pods},
        "models": {"ready": row.models_ready, "asked": row.models},
        "engine": row.engine,
        "commit": row.commit,
        "committed": row.committed,
        "owner": row.owner,
        "lastEnd": row.last_end,
        "counters": counters._asdict() if counters else None,
        "benchmark": row.benchmark._asdict() if row.benchmark else None,
    }


def _cells(row: Row, now: float) -> tuple[str, ...]:
    """What a line says of a row, column by column; an environment has little to say."""
    state = row.cause.state
    if not row.name:
        return (state, row.environment, "(all)", *[""] * 7)
    models = ""
    if row.models_ready is not None:
        models = f"{row.models_ready}/{row.models}"
    age = ""
    if row.committed:
        age = _age(now - row.committed)
    found = (
        state,
        row.environment,
        row.name,
        f"{row.ready}/{row.pods}",
        models,
        _runs(row),
        row.engine,
        row.commit[:SHORT],
        age,
        row.owner,
    )
    return tuple(map(visible, found))


def _runs(row: Row) -> str:
    """The version that runs, `7` or `24.12-py3`; with an arrow to the one that is wanted."""
    has = _version(row.model_version, row.image)
    wants = _version(row.wanted_model_version, row.wanted_image)
    if has == wants or not wants:
        return has
    return f"{has or 'none'} → {wants}"


def _version(model_version: str, image: str) -> str:
    """What tells a reader which models a release serves; without it, which server."""
    if model_version:
        return model_version
    separator = "@" if "@" in image else ":"
    _, _, tag = image.rpartition(separator)
    return tag[:19]


def _age(seconds: float) -> str:
    """`3d`, `5h`, `12m`, `40s`."""
    for unit, size in UNITS:
        if seconds >= 2 * size:
            count = int(seconds // size)
            return f"{count}{unit}"
    count = max(0, int(seconds))
    return f"{count}s"


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    """Of each column as much as it needs, as far as all fit into the line."""
    columns = zip(*lines, strict=True)
    widths = [max(map(len, column)) for column in columns]
    spaces = 2 * (len(widths) - 1)
    room = WIDTH - spaces
    while sum(widths) > room:
        widest = max(SHRINKING, key=lambda column: widths[column])
        if widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = []
    for cell, width in zip(cells, widths, strict=True):
        text = _cut(cell, width)
        padded.append(text.ljust(width))
    line = "  ".join(padded).rstrip()
    return line[:WIDTH]


def _cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    return text[: width - 1] + "…"


def _details(row: Row) -> Iterator[str]:
    """The cause, the next step, and what the server has counted where somebody should know it."""
    if row.cause.words:
        yield from _wrapped(row.cause.sentence, INDENT)
    if row.cause.step:
        yield from _wrapped(row.cause.step, f"{INDENT}→ ")
    counters = row.counters
    if counters and (counters.failures or counters.pending):
        yield INDENT + _counted(counters)
    if row.benchmark:
        yield from _wrapped(_measured(row.benchmark), INDENT)


def _counted(counters: Counters) -> str:
    """What came, what of it failed or waits, and how long a request waited on average."""
    came = number(counters.requests, "request")
    told = f"{came}, {counters.failures} failed, {counters.pending} pending"
    milliseconds = counters.queued / max(1, counters.requests) / 1000
    return f"{told}, {milliseconds:.1f} ms in the queue"


def _measured(benchmark: Benchmark) -> str:
    """The load under which most inferences came through."""
    best = max(benchmark.measured, key=lambda each: each.get(_THROUGHPUT, 0))
    parts = [f"benchmark of {benchmark.finished[:10]}: {best.get(_THROUGHPUT, 0):g}/s"]
    if "Concurrency" in best:
        parts.append(f"{best['Concurrency']:g} at once")
    if "p99 latency" in best:
        parts.append(f"99 % within {best['p99 latency'] / 1000:.1f} ms")
    return ", ".join(parts)


def _wrapped(text: str, begin: str) -> list[str]:
    """Lines that fit; commands break at spaces only, so that their words stay whole."""
    return textwrap.wrap(
        visible(text),
        WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_on_hyphens=False,
    )


def _coloured(line: str, state: str) -> str:
    """The line with its state in the state's colour."""
    rest = line[len(state) :]
    return f"\x1b[{COLOURS[state]}m{state}\x1b[0m{rest}"
