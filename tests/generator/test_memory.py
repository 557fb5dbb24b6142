"""A tenth of the largest fleet takes at most a tenth of a gigabyte beside the program itself, over all processes."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.generator.fleets import MODELS, Build
from tritonfleet.limits import MOST_READ, MOST_RELEASES

SHARE = 10
ITSELF = 80  # MB: Python, packages and the chart's schemas, in a fleet of one model
MOST = ITSELF + 1000 // SHARE
COMMAND = (
    "import os; os.cpu_count = lambda: 8; from tritonfleet.__main__ import run; run()"
)
ENTRIES = "models:\n" + "".join(
    f"  - {{name: entry-{number}, repository: {{image: {{path: /m}}}}}}\n"
    for number in range(MOST_RELEASES // SHARE)
)
WORST = {
    "releases": (ENTRIES, ["generate"]),
    "values": (
        f"{MODELS}    tolerations: [{'[],' * (MOST_READ // SHARE - 100)}]\n",
        ["validate"],
    ),
    "problems": (ENTRIES.replace("path: /m", "path: m"), ["validate", "-o", "json"]),
    "long texts": (
        f"{MODELS}    env: {{{', '.join(f'A{n}: {str(n) * 2000}' for n in range(800))}}}\n",
        ["validate", "-o", "json"],
    ),
}


def used_by(process: int) -> int:
    """KiB that a process and those below it use; what they share counts once."""
    used = 0
    with suppress(OSError):  # it has just ended
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                used += used_by(int(child))
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                used += int(line.split()[1])
    return used


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells it"
)
@pytest.mark.parametrize("name", WORST)
def test_a_large_fleet_takes_little_memory(name: str, build: Build) -> None:
    models, arguments = WORST[name]
    root = build(models=models)
    command = [sys.executable, "-c", COMMAND, *arguments]
    peak = 0
    with open(root / "told", "wb") as told:  # noqa: PTH123 -- a stream of a process
        process = subprocess.Popen(command, cwd=root, stdout=told, stderr=told)
        while process.poll() is None:
            peak = max(peak, used_by(process.pid))
            time.sleep(0.02)
    assert process.returncode in (0, 2), (root / "told").read_text()[-500:]
    assert 20 < peak / 1024 < MOST
