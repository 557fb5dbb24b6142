"""The command's first step: whoever interrupts while modules are still being read sees nothing of them."""

from __future__ import annotations

import signal
from typing import NoReturn


def run() -> NoReturn:
    """Runs the command of the process and ends it; until its modules are there, Ctrl-C ends it by the signal."""
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Read only now: this takes a tenth of a second, in which Python would answer Ctrl-C with a traceback.
    from tritonfleet.__main__ import run

    signal.signal(signal.SIGINT, handler)
    run()
