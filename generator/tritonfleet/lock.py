"""The lock of a directory, for runs that follow each other; it leaves no file behind."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from contextlib import suppress

PATIENCE = 1  # seconds for another run to end before somebody is told


def in_silence() -> None:
    """Tells nobody."""


def lock(
    directory: int, *, exclusive: bool, when_waiting: Callable[[], None] = in_silence
) -> None:
    """Locks the directory of a descriptor until that is closed; the wait for another run has no end, but is told."""
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    at_once = kind | fcntl.LOCK_NB
    patience_ends = time.monotonic() + PATIENCE
    while time.monotonic() < patience_ends:
        with suppress(BlockingIOError):
            fcntl.flock(directory, at_once)
            return
        time.sleep(PATIENCE / 20)
    when_waiting()
    fcntl.flock(directory, kind)
