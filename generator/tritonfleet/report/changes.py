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
        return f"{out}: {number(changes.unchanged, 'file')}, nothing to change"
    line = f"{out}: {_what(changes, check=check)}, {changes.unchanged} unchanged"
    if changes.interrupted:
        line += "; the run before was interrupted"
    return line


def _what(changes: Changes, *, check: bool) -> str:
    """What happened to files; to none of them when only the marker of an interrupted run is left."""
    counts = _counts(changes)
    if not counts:
        return "incomplete"
    return f"would be {counts}" if check else counts


def _counts(changes: Changes) -> str:
    """`2 created, 1 removed`; "" when no file is touched."""
    kinds = {
        "created": changes.created,
        "changed": changes.changed,
        "removed": changes.removed,
    }
    counts = [f"{len(paths)} {kind}" for kind, paths in kinds.items() if paths]
    return ", ".join(counts)


def capped(lines: Iterable[str]) -> Iterator[str]:
    """A diff of a length that people read; the last line says how many more there are."""
    remaining = iter(lines)
    yield from islice(remaining, LONGEST_DIFF)
    more = sum(1 for _ in remaining)
    if more:
        yield f"… {more} more lines"
