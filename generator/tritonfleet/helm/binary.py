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
FIRST_LINE = "---\n"  # of each manifest


def by_binary(program: str, tasks: Sequence[Task]) -> Iterator[Result]:
    """The answers in the order of the tasks; `program` is where the binary is."""
    run = partial(_run, program)
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # they wait for the binary
        yield from threads.map(run, tasks)


def _run(program: str, task: Task) -> Result:
    values = to_yaml(task.values).encode()
    try:
        finished = subprocess.run(
            [program, *_arguments(task)],
            input=values,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        return _result(finished)
    except subprocess.TimeoutExpired:
        return _failed(f"helm did not end within {TIMEOUT} seconds")
    except UnicodeDecodeError:
        return _failed("helm printed what is no UTF-8")


def _result(finished: subprocess.CompletedProcess[bytes]) -> Result:
    """Manifests, or why there are none: no binary's silence counts as success."""
    exit_code = finished.returncode
    if exit_code:
        words = finished.stderr.decode("utf-8", "replace").strip()
        reason = words.removeprefix("Error: ")
        ended = f"helm ended with exit code {exit_code} and said nothing"
        return _failed(reason or ended)
    manifests = finished.stdout.decode()
    if not manifests.startswith(FIRST_LINE):
        return _failed("helm ended well and printed no manifests")
    return Result(manifests)


def _failed(words: str) -> Result:
    return Result("", failure=words)


def _arguments(task: Task) -> list[str]:
    arguments = ["template", task.name, task.chart]
    arguments += ["--namespace", task.namespace, "--values", "-"]
    if task.kubernetes:
        arguments += ["--kube-version", task.kubernetes]
    return arguments
