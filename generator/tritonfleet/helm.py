"""Releases to rendered manifests, through the helm binary or Helm in process."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE
from typing import Any, TextIO, TypeAlias

from tritonfleet.nouns import Installation
from tritonfleet.problem import Missing
from tritonfleet.yaml import to_yaml

TIMEOUT = 60  # seconds for one release
MANY = 100  # releases that are worth the start of other processes


@dataclass(frozen=True, slots=True)
class Rendered:
    """A release with its manifests, or with what Helm said against it."""

    installation: Installation
    manifests: str
    failure: str = ""


def render(installations: Sequence[Installation], kubernetes: str = "") -> Iterator[Rendered]:
    """The manifests of each release; `kubernetes` is the version to render for (default: the environment's).

    Raises Missing where there is no Helm.
    """
    tasks = [_task(installation, kubernetes) for installation in installations]
    if program := shutil.which("helm"):
        found = _by_binary(program, tasks)
    elif find_spec("helm_python") is None:
        raise Missing(
            "no helm binary in PATH, and no Helm in process (the extra `render`): install one of them"
        )
    else:
        found = map(_in_process, tasks) if len(tasks) < MANY else _by_processes(tasks)
    for installation, (manifests, failure) in zip(installations, found, strict=True):
        yield Rendered(installation, manifests, failure)


@dataclass(frozen=True, slots=True)
class Task:
    """What Helm must know of a release, and no more: it goes to another process."""

    chart: str
    name: str
    namespace: str
    values: Mapping[str, Any]
    kubernetes: str


def _task(installation: Installation, kubernetes: str) -> Task:
    environment = installation.environment
    version = kubernetes or environment.kubernetes
    return Task(
        str(environment.chart.directory),
        installation.name,
        environment.namespace,
        installation.values,
        version,
    )


Result: TypeAlias = tuple[str, str]
"""Manifests and nothing, or nothing and Helm's own words against it."""


def _by_binary(program: str, tasks: Sequence[Task]) -> Iterator[Result]:
    with ThreadPoolExecutor(os.cpu_count()) as workers:  # they wait for the binary
        yield from workers.map(partial(_fork, program), tasks)


def _fork(program: str, task: Task) -> Result:
    command = [
        program,
        "template",
        task.name,
        task.chart,
        "--values",
        "-",
        "--namespace",
        task.namespace,
    ]
    command += ["--kube-version", task.kubernetes] if task.kubernetes else []
    values = to_yaml(task.values)
    run = subprocess.run(
        command, input=values, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    return ("", run.stderr.strip().removeprefix("Error: ")) if run.returncode else (run.stdout, "")


def _by_processes(tasks: Sequence[Task]) -> Iterator[Result]:
    """New processes, because Go reads GOGC once, when its process begins.

    By default it collects what it left behind once a release, which takes a third of the time.
    """
    mine = threading.local()

    def ask(task: Task) -> Result:
        if not hasattr(mine, "process"):
            mine.process = processes.enter_context(_start())
        with suppress(BrokenPipeError):
            mine.process.stdin.write(json.dumps(asdict(task)) + "\n")
            mine.process.stdin.flush()
        if line := mine.process.stdout.readline():
            manifests, failure = json.loads(line)
            return manifests, failure
        ended = mine.process
        del mine.process
        with suppress(BrokenPipeError):  # what it did not read any more
            ended.stdin.close()
        return "", f"Helm in process ended with exit code {ended.wait()}"

    with ExitStack() as processes, ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(ask, tasks)


def _start() -> subprocess.Popen[str]:
    """A process that answers one line for each. In a session of its own no key ends it; the end of its input does."""
    command = [
        sys.executable,
        "-P",
        "-c",
        "import sys, tritonfleet.helm as helm; helm.answer(sys.stdin, sys.stdout)",
    ]
    env = {"GOGC": "400", **os.environ}
    return subprocess.Popen(
        command, stdin=PIPE, stdout=PIPE, env=env, encoding="utf-8", start_new_session=True
    )


def answer(asked: Iterable[str], answers: TextIO) -> None:
    """What a process that `_start` began does, until the one that began it has no more to ask, or was killed."""
    try:
        for line in asked:
            answers.write(json.dumps(_in_process(Task(**json.loads(line)))) + "\n")
            answers.flush()
    except BrokenPipeError:
        os._exit(1)  # the interpreter would try again to write what is left


def _in_process(task: Task) -> Result:
    import helm_python

    try:
        found = _chart(task.chart).render(task.values, name=task.name, namespace=task.namespace)
    except helm_python.HelmError as error:
        return "", str(error)
    return "".join(_manifest(path, text) for path, text in sorted(found.items())), ""


@lru_cache(maxsize=100)
def _chart(directory: str) -> Any:
    import helm_python

    return helm_python.Chart.load_archive(_archive(Path(directory)))


def _archive(directory: Path) -> bytes:
    """The chart without what takes time and makes no manifest: values are valid here, and nobody reads the notes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and path.name not in {"values.schema.json", "NOTES.txt"}:
                archive.add(path, f"chart/{path.relative_to(directory).as_posix()}")
    return content.getvalue()


def _manifest(path: str, text: str) -> str:
    name = Path(path).name
    if not text.strip() or name.startswith("_"):
        return ""
    return f"---\n# Source: {path}\n{text.strip()}\n"
