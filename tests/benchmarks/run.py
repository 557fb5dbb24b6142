"""Measures the generator on synthetic fleets: `make benchmark`, or python -m tests.benchmarks.run [MODELS …].

Each command is a process of its own, as in CI: times are the wall clock's, memory is the process's peak. What is
compared with is measured in the same run: the limit (PyYAML reads the lists, plain writes make the same files), one
forked `helm template` for each release, and helmfile where it is installed.
"""

from __future__ import annotations

import gc
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.benchmarks.synthetic import build, repository
from tests.generator.repositories import commit, git
from tritonfleet import helm
from tritonfleet.load import load
from tritonfleet.plan import plan
from tritonfleet.resolve import resolve
from tritonfleet.rules import RULES
from tritonfleet.validate import validate

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tritonfleet"]
ENVIRONMENTS = 3
ENTRIES_PER_FILE = 100
SIZES = (100, 1000, 10_000)
WITHOUT_FAST = "import sys; sys.modules['jsonschema_rs'] = None; from tritonfleet.__main__ import run; run()"
HELMFILE = """\
releases:
{{- range $i := until COUNT }}
  - {name: model-{{ $i }}, chart: CHART, values: [deploy/env0/model-{{ $i }}/values.yaml]}
{{- end }}
"""


def main(sizes: list[int]) -> None:
    """Prints the table of docs/performance.md as Markdown."""
    load_average = os.getloadavg()[0]
    version = statistics.median(timed(*COMMAND, "--version") for _ in range(7))
    measured = {size: measure(size) for size in sorted(sizes)}
    print(
        f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load_average:.1f}\n"
    )
    print(
        "| models × environments |",
        " | ".join(f"{size:,} × 3" for size in measured),
        "|",
    )
    print("|---|", " | ".join("---:" for _ in measured), "|")
    for step in measured[min(sizes)]:
        print(
            f"| {step} |",
            " | ".join(_with_growth([row[step] for row in measured.values()])),
            "|",
        )
    print(f"\n`--version` {version * 1000:.0f} ms.\n")
    print(f"`check-repository` of 1,000 models {checked():.1f} s.\n")
    print("| a release rendered | |\n|---|---:|")
    for name, milliseconds in rendering():
        print(f"| {name} | {milliseconds:.1f} ms |")


def _with_growth(figures: list[float]) -> Iterator[str]:
    """Each as text; after the first with how many times the one before it is."""
    for before, figure in zip([0.0, *figures], figures, strict=False):
        yield f"{figure:.2f}" + (f" (×{figure / before:.1f})" if before else "")


def timed(*command: str | Path) -> float:
    """Seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return time.perf_counter() - start


def measure(models: int) -> dict[str, float]:
    """By step, for a fleet of that many models in three environments; each begins where the one before ended."""
    with _directory() as directory:
        root = build(directory / "fleet", models, ENVIRONMENTS, ENTRIES_PER_FILE)
        seconds = {f"{name}, s": run() for name, run in _steps(root)}
    # The largest process so far: sizes are measured in ascending order.
    return {
        **seconds,
        "peak memory of a process, MB": resource.getrusage(
            resource.RUSAGE_CHILDREN
        ).ru_maxrss
        / 1024,
    }


def _steps(root: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    def after_a_change() -> float:
        _change(root, 3)
        return timed(*COMMAND, "generate", root)

    yield "`validate`", lambda: timed(*COMMAND, "validate", root)
    yield (
        "`validate` without the extra `fast`",
        lambda: timed(sys.executable, "-c", WITHOUT_FAST, "validate", root),
    )
    yield "`generate`, from nothing", lambda: timed(*COMMAND, "generate", root)
    yield "`generate`, nothing changed", lambda: timed(*COMMAND, "generate", root)
    yield "`generate`, one model changed", after_a_change
    yield (
        "limit: PyYAML reads the lists, plain writes make the files",
        lambda: _limit(root),
    )
    yield from _of_review(root)


def _of_review(root: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """What a reviewer waits for; each change is one to the last commit."""

    def reviewed(models: range) -> float:
        git(root, "init", "--quiet")
        commit(root)
        for i in models:
            _change(root, i)
        return timed(*COMMAND, "diff", "HEAD", "--root", root)

    yield "`diff`, one model changed", lambda: reviewed(range(5, 6))
    yield (
        "`helm template` of both sides of that model",
        lambda: _templates(root, 2 * ENVIRONMENTS),
    )
    yield "`diff`, 100 models changed", lambda: reviewed(range(100))
    yield (
        "`helm template` of both sides of these, from a tenth of them",
        lambda: 10 * _templates(root, 20 * ENVIRONMENTS),
    )
    yield "`promote --all`", lambda: _promoted(root)


def _change(root: Path, i: int) -> None:
    """Another drain of one model, at each call: its pods restart."""
    path = root / "values" / "models" / f"team-{i // ENTRIES_PER_FILE:04}.yaml"
    head, name, rest = path.read_text().partition(f"- name: model-{i}\n")
    seconds = re.compile(r"drain: (\d+)s")
    own = seconds.sub(lambda found: f"drain: {int(found[1]) + 1}s", rest, count=1)
    path.write_text(head + name + own)


def _templates(root: Path, count: int) -> float:
    """Of some releases, one after another."""
    chart, helm4 = root / "charts" / "triton", (ROOT / ".tools" / "helm4").resolve()
    files = [
        root / "deploy" / "env0" / f"model-{i}" / "values.yaml" for i in range(count)
    ]
    return sum(
        timed(helm4, "template", "rel", chart, "--values", file) for file in files
    )


def _promoted(root: Path) -> float:
    """A tenth of the models has another version in the first environment, as patches; all go to the second at once."""
    path = root / "values" / "environments" / "env0.yaml"
    models = range(0, len(list((root / "deploy" / "env0").iterdir())), 10)
    patches = "".join(f"  model-{i}: {{modelVersion: next}}\n" for i in models)
    path.write_text(f"{path.read_text()}patches:\n{patches}")
    return timed(
        *COMMAND, "promote", "--all", "--from", "env0", "--to", "env1", "--root", root
    )


def _limit(root: Path) -> float:
    """What one process in Python cannot be faster than: no checks, no merging, no staging, no search for garbage."""
    deploy, limit = root / "deploy", root / "limit"
    texts = {
        limit / path.relative_to(deploy): path.read_bytes()
        for path in deploy.rglob("*.yaml")
    }
    directories = sorted({path.parent for path in texts})
    gc.disable()  # as the program does
    start = time.perf_counter()
    for path in (root / "values").rglob("*.yaml"):
        yaml.load(path.read_bytes(), yaml.CSafeLoader)
    for directory in directories:
        directory.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_bytes(text)
    seconds = time.perf_counter() - start
    gc.enable()
    return seconds


def checked() -> float:
    """Seconds for a directory of 1,000 models."""
    with _directory() as directory:
        models = repository(directory / "models", 1000)
        return timed(*COMMAND, "check-repository", models)


def rendering() -> Iterator[tuple[str, float]]:
    """Milliseconds for each of 1,000 releases in process; of 60 by a forked helm, and by helmfile if there is one."""
    with _directory() as directory:
        root = build(directory / "fleet", 1000, environments=1)
        timed(*COMMAND, "generate", root)
        releases = plan(validate(resolve(load(root)), RULES.values()))
        chart, binary = (
            root / "charts" / "triton",
            (ROOT / ".tools" / "helm4").resolve(),
        )
        path, os.environ["PATH"] = os.environ["PATH"], ""
        start = time.perf_counter()
        assert not any(rendered.failure for rendered in helm.render(releases))
        yield (
            "`render`, Helm in process",
            (time.perf_counter() - start) / len(releases) * 1000,
        )
        os.environ["PATH"] = path
        files = [
            (release.name, root / "deploy" / "env0" / release.name / "values.yaml")
            for release in releases[:60]
        ]
        commands: list[tuple[str | Path, ...]] = [
            (binary, "template", name, chart, "--values", file, "--kube-version=1.36")
            for name, file in files
        ]
        yield (
            "`helm template`, one after another",
            statistics.mean(timed(*command) for command in commands) * 1000,
        )
        if shutil.which("helmfile"):
            file = root / "helmfile.yaml.gotmpl"
            file.write_text(
                HELMFILE.replace("COUNT", "60").replace("CHART", str(chart))
            )
            command = [
                "helmfile",
                f"--helm-binary={binary}",
                f"--file={file}",
                "template",
                "--skip-deps",
            ]
            yield "`helmfile template`", timed(*command) / 60 * 1000


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


def _processor() -> str:
    lines = (
        Path("/proc/cpuinfo").read_text().splitlines()
        if Path("/proc/cpuinfo").exists()
        else []
    )
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")),
        platform.processor(),
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
