"""Helm as the program `helm`, once for each release."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tritonfleet.helm.task import Result, Task
from tritonfleet.yaml import to_yaml

TIMEOUT = 60  # seconds for one release


def by_binary(program: str, tasks: Sequence[Task]) -> Iterator[Result]:
    """The answers in the order of the tasks; `program` is where the binary is."""
    run = partial(_run, program)
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # they wait for the binary
        yield from threads.map(run, tasks)


def _run(program: str, task: Task) -> Result:
    finished = subprocess.run(
        [program, *_arguments(task)],
        input=to_yaml(task.values),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if finished.returncode:
        words = finished.stderr.strip()
        return Result("", failure=words.removeprefix("Error: "))
    return Result(finished.stdout)


def _arguments(task: Task) -> list[str]:
    arguments = ["template", task.name, task.chart]
    arguments += ["--namespace", task.namespace, "--values", "-"]
    if task.kubernetes:
        arguments += ["--kube-version", task.kubernetes]
    return arguments
