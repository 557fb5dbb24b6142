"""Helm in processes of their own, one for each core."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from subprocess import PIPE
from typing import IO

from tritonfleet.helm.in_process import in_process
from tritonfleet.helm.task import Result, Task


def by_processes(tasks: Sequence[Task]) -> Iterator[Result]:
    """The answers in the order of the tasks, from new processes, because Go reads GOGC once, when its process begins.

    By default it collects what it left behind once a release, which takes a third of the time.

    Not a ProcessPoolExecutor, which was tried and is not faster: when Helm ended its process in one of 400 releases,
    the pool lost 396 of them and could not say which one it was, and Ctrl-C while it started printed a traceback.
    """
    count = os.cpu_count() or 1

    with _renderers(count) as idle, ThreadPoolExecutor(count) as threads:

        def render_in_one(task: Task) -> Result:
            renderer = idle.get()  # there are as many as threads
            try:
                return renderer.render(task)
            finally:
                idle.put(renderer)

        yield from threads.map(render_in_one, tasks)


@contextmanager
def _renderers(count: int) -> Iterator[SimpleQueue[_Renderer]]:
    """Processes that have nothing to do, for as long as the context lasts."""
    renderers = [_Renderer() for _ in range(count)]
    idle: SimpleQueue[_Renderer] = SimpleQueue()
    for renderer in renderers:
        idle.put(renderer)
    try:
        yield idle
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
            exit_code = self._start_anew()
            words = f"Helm in process ended with exit code {exit_code}"
            return Result("", failure=words)
        return result

    def _start_anew(self) -> int:
        """Returns the exit code of the process that is no more."""
        self.end()
        exit_code = self.process.returncode
        self.process = _start()
        return exit_code

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
    program = "import sys; from tritonfleet.helm.processes import answer; answer(sys.stdin.buffer, sys.stdout.buffer)"
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
            pickle.dump(in_process(task), results)
            results.flush()
    except (EOFError, pickle.UnpicklingError):
        return
    except BrokenPipeError:
        os._exit(1)  # the interpreter would try again to write what is left
