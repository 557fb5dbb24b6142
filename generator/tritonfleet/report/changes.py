"""What `generate` wrote, or would write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tritonfleet.output import Changes
from tritonfleet.report.shared import number

LONGEST_DIFF = 400  # lines


def sentence(changes: Changes, directory: Path, *, check: bool) -> str:
    """One line about all changes; with `check` about what would change."""
    out = os.path.relpath(directory)
    if not changes.any:
        files = number(changes.unchanged, "file")
        return f"{out}: {files}, nothing to change"
    what = _what(changes, check=check)
    line = f"{out}: {what}, {changes.unchanged} unchanged"
    if changes.interrupted:
        line += "; the run before was interrupted"
    return line


def _what(changes: Changes, *, check: bool) -> str:
    """What happened to files; to none of them when only the marker of an interrupted run is left."""
    counts = _counts(changes)
    if not counts:
        return "incomplete"
    if check:
        return f"would be {counts}"
    return counts


def _counts(changes: Changes) -> str:
    """`2 created, 1 removed`; "" when no file is touched."""
    kinds = {
        "created": changes.created,
        "changed": changes.changed,
        "removed": changes.removed,
    }
    counts = []
    for kind, paths in kinds.items():
        if paths:
            counts.append(f"{len(paths)} {kind}")
    return ", ".join(counts)


def capped(lines: Iterable[str]) -> Iterator[str]:
    """A diff of a length that people read; the last line says how many more there are."""
    remaining = iter(lines)
    yield from islice(remaining, LONGEST_DIFF)
    more = sum(1 for _ in remaining)
    if more:
        yield f"… {more} more lines"
