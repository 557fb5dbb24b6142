"""`make demo` shows the main job in at most 40 lines, and ends with what to do next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_demo_runs_and_is_short() -> None:
    demo = Path(__file__).parents[1] / "tools" / "demo.py"
    done = subprocess.run(
        [sys.executable, demo], capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, len(lines) <= 40) == (0, "", True)
    assert lines[-1] == "Your own fleet:  .venv/bin/tritonfleet init my-fleet"
