"""Each installation to its manifests: by the helm binary where there is one, else by Helm in process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from tritonfleet.helm.binary import by_binary
from tritonfleet.helm.in_process import in_process
from tritonfleet.helm.processes import by_processes
from tritonfleet.helm.task import Result, Task
from tritonfleet.nouns import Installation
from tritonfleet.problem import Missing

MANY = 100  # releases that are worth the start of other processes


@dataclass(frozen=True, slots=True)
class Rendered:
    """An installation with its manifests, or with what Helm said against it."""

    installation: Installation
    manifests: str
    failure: str = ""


def render(
    installations: Sequence[Installation],
    kubernetes: str = "",
    *,
    quickly: bool = False,
) -> Iterator[Rendered]:
    """The manifests of each installation; `kubernetes` is the version to render for (default: the environment's).

    `quickly` prefers Helm in process, which takes a tenth of the binary's time. Raises Missing where there is no Helm.
    """
    tasks = [_task(installation, kubernetes) for installation in installations]
    results = _results(tasks, quickly)
    for installation, result in zip(installations, results, strict=True):
        manifests = result.manifests
        failure = result.failure
        if not manifests and not failure:
            failure = "Helm made no manifests"
        yield Rendered(installation, manifests, failure)


def _task(installation: Installation, kubernetes: str) -> Task:
    environment = installation.environment
    return Task(
        chart=str(environment.chart.directory),
        name=installation.name,
        namespace=environment.namespace,
        values=installation.values,
        kubernetes=kubernetes or environment.kubernetes,
    )


def _results(tasks: Sequence[Task], quickly: bool) -> Iterator[Result]:
    """Helm's answers, from whichever Helm is here and wanted."""
    program = shutil.which("helm")
    is_here = find_spec("helm_python") is not None
    if program and not (quickly and is_here):
        return by_binary(program, tasks)
    if not is_here:
        nowhere = "no helm binary in PATH, and no Helm in process (the extra `render`)"
        raise Missing(f"{nowhere}: install one of them")
    if len(tasks) < MANY:
        return map(in_process, tasks)
    return by_processes(tasks)
