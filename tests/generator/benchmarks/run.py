"""Measures a synthetic fleet: `python tests/generator/benchmarks/run.py [MODELS …]`: N models × 3 environments.

Each command is a process of its own, as in CI: the time is the wall clock's, the memory the process's peak.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from synthetic import build, entry

COMMAND = [sys.executable, "-m", "tritonfleet"]
SIZES = (100, 1000, 10_000)


def timed(*arguments: str | Path) -> float:
    """Seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run([*COMMAND, *map(str, arguments)], check=True, capture_output=True)
    return time.perf_counter() - start


def change_one(root: Path) -> None:
    """Edits one model of the first list."""
    path = root / "values" / "models" / "team-0000.yaml"
    path.write_text(path.read_text().replace(entry(3), entry(3).replace("drain: 20s", "drain: 25s")))


def commands(root: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """The steps in their order: each begins where the one before ended."""

    def after_a_change() -> float:
        change_one(root)
        return timed("generate", root)

    yield "validate", lambda: timed("validate", root)
    yield "cold generate", lambda: timed("generate", root)
    yield "unchanged generate", lambda: timed("generate", root)
    yield "one model changed", after_a_change


def measure(models: int) -> dict[str, float]:
    """Seconds by step for a fleet of that many models in three environments."""
    directory = Path(tempfile.mkdtemp())
    try:
        root = build(directory / "fleet", models)
        return {name: run() for name, run in commands(root)}
    finally:
        shutil.rmtree(directory)


def rendering(releases: int = 100) -> dict[str, float]:
    """Milliseconds for each release, in process and by a forked helm where there is one."""
    directory = Path(tempfile.mkdtemp())
    try:
        root = build(directory / "fleet", releases, environments=1)
        found = {}
        for name, path in (("in process", ""), ("helm template", os.environ["PATH"])):
            if path and shutil.which("helm") is None:
                continue
            start = time.perf_counter()
            command = [*COMMAND, "render", str(root), "--out", str(directory / "out")]
            subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PATH": path})
            found[name] = (time.perf_counter() - start) / releases * 1000
        return found
    finally:
        shutil.rmtree(directory)


def main(sizes: list[int]) -> None:
    """Prints a table as Markdown."""
    version = statistics.median(timed("--version") for _ in range(7))
    measured = {size: measure(size) for size in sizes}
    print("| step |", " | ".join(f"{size:,} × 3" for size in sizes), "|")
    print("|---|", " | ".join("---:" for _ in sizes), "|")
    for step in measured[sizes[0]]:
        print(f"| {step} |", " | ".join(f"{measured[size][step]:.2f} s" for size in sizes), "|")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nPeak memory {peak:.0f} MB. Start-up (`--version`) {version * 1000:.0f} ms.")
    for name, milliseconds in rendering().items():
        print(f"Render, {name}: {milliseconds:.1f} ms per release.")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
