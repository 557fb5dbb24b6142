"""Installations to rendered manifests, through the helm binary or Helm in process."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from tritonfleet.nouns import Installation
from tritonfleet.problem import Missing
from tritonfleet.yaml import to_yaml

if TYPE_CHECKING:
    import helm_python

TIMEOUT = 60  # seconds for one release
MANY = 100  # releases that are worth the start of other processes


@dataclass(frozen=True, slots=True)
class Rendered:
    """An installation with its manifests, or with what Helm said against it."""

    installation: Installation
    manifests: str
    failure: str = ""


def render(
    installations: Sequence[Installation], kubernetes: str = ""
) -> Iterator[Rendered]:
    """The manifests of each installation; `kubernetes` is the version to render for (default: the environment's).

    Raises Missing where there is no Helm.
    """
    tasks = [_task(installation, kubernetes) for installation in installations]
    for installation, result in zip(installations, _results(tasks), strict=True):
        manifests, failure = result
        yield Rendered(installation, manifests, failure)


@dataclass(frozen=True, slots=True)
class Task:
    """What Helm must know of an installation, and no more: it goes to another process."""

    chart: str
    """The chart's directory."""
    name: str
    namespace: str
    values: Mapping[str, Any]
    kubernetes: str


Result: TypeAlias = tuple[str, str]
"""Manifests and nothing, or nothing and Helm's own words against it."""


def _task(installation: Installation, kubernetes: str) -> Task:
    environment = installation.environment
    return Task(
        chart=str(environment.chart.directory),
        name=installation.name,
        namespace=environment.namespace,
        values=installation.values,
        kubernetes=kubernetes or environment.kubernetes,
    )


def _results(tasks: Sequence[Task]) -> Iterator[Result]:
    program = shutil.which("helm")
    if program:
        return _by_binary(program, tasks)
    if find_spec("helm_python") is None:
        raise Missing(
            "no helm binary in PATH, and no Helm in process (the extra `render`): install one of them"
        )
    if len(tasks) < MANY:
        return map(_in_process, tasks)
    return _by_processes(tasks)


def _by_binary(program: str, tasks: Sequence[Task]) -> Iterator[Result]:
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # they wait for the binary
        yield from threads.map(partial(_fork, program), tasks)


def _fork(program: str, task: Task) -> Result:
    command = [program, "template", task.name, task.chart]
    command += ["--namespace", task.namespace, "--values", "-"]
    if task.kubernetes:
        command += ["--kube-version", task.kubernetes]
    run = subprocess.run(
        command,
        input=to_yaml(task.values),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if run.returncode:
        return "", run.stderr.strip().removeprefix("Error: ")
    return run.stdout, ""


def _by_processes(tasks: Sequence[Task]) -> Iterator[Result]:
    """The same in new processes, because Go reads GOGC once, when its process begins.

    By default it collects what it left behind once a release, which takes a third of the time.

    Not a ProcessPoolExecutor, which was tried and is not faster: when Helm ended its process in one of 400 releases,
    the pool lost 396 of them and could not say which one it was, and Ctrl-C while it started printed a traceback.
    """
    count = os.cpu_count() or 1
    renderers = [_Renderer() for _ in range(count)]
    idle: SimpleQueue[_Renderer] = SimpleQueue()
    for renderer in renderers:
        idle.put(renderer)

    def render_in_one(task: Task) -> Result:
        renderer = idle.get()  # there are as many as threads
        try:
            return renderer.render(task)
        finally:
            idle.put(renderer)

    try:
        with ThreadPoolExecutor(count) as threads:
            yield from threads.map(render_in_one, tasks)
    finally:
        for renderer in renderers:
            renderer.end()


class _Renderer:
    """A process that renders one task after the other, and a new one after a task that ended it."""

    def __init__(self) -> None:
        self.process = _start()

    def render(self, task: Task) -> Result:
        requests, answers = _pipes(self.process)
        try:
            pickle.dump(task, requests)
            requests.flush()
            result: Result = pickle.load(answers)  # noqa: S301 -- our own words
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            self.end()
            exit_code = self.process.returncode
            self.process = _start()
            return "", f"Helm in process ended with exit code {exit_code}"
        return result

    def end(self) -> None:
        """Lets the process go: the end of its input is its end."""
        requests, answers = _pipes(self.process)
        with suppress(BrokenPipeError):  # it was gone before it read all
            requests.close()
        answers.close()
        self.process.wait()


def _start() -> subprocess.Popen[bytes]:
    # In a session of its own no key ends it, so that Ctrl-C is told by one process. The end of its input ends it, which
    # comes too when the process that began it is killed.
    program = "import sys, tritonfleet.helm as helm; helm.answer(sys.stdin.buffer, sys.stdout.buffer)"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program],
        stdin=PIPE,
        stdout=PIPE,
        env={"GOGC": "400", **os.environ},
        start_new_session=True,
    )


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin
    assert process.stdout
    return process.stdin, process.stdout


def answer(tasks: IO[bytes], results: IO[bytes]) -> None:
    """What a process that `_start` began does, until the one that began it has no more tasks, or was killed."""
    try:
        while True:
            task: Task = pickle.load(tasks)  # noqa: S301 -- our own words
            pickle.dump(_in_process(task), results)
            results.flush()
    except (EOFError, pickle.UnpicklingError):
        return
    except BrokenPipeError:
        os._exit(1)  # the interpreter would try again to write what is left


def _in_process(task: Task) -> Result:
    import helm_python

    try:
        chart = _chart(task.chart)
        texts = chart.render(
            dict(task.values), name=task.name, namespace=task.namespace
        )
    except helm_python.HelmError as error:
        return "", str(error)
    return "".join(_manifest(path, texts[path]) for path in sorted(texts)), ""


# Every release of an environment has the same chart; to load it takes 25 ms, twice as long as to render a release.
@lru_cache(maxsize=100)
def _chart(directory: str) -> helm_python.Chart:
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
    """A template's text as `helm template` prints it; "" for a template that made nothing."""
    is_helper = Path(path).name.startswith("_")
    if is_helper or not text.strip():
        return ""
    return f"---\n# Source: {path}\n{text.strip()}\n"
