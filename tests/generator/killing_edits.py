"""Kills edits of several files at every file operation, in processes of their own: `killing_edits.py DIRECTORY`.

The fleet must be valid wherever an edit ends, each file its old text or its new one, and the same command finish it.
Prints how many times each command was killed.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

from tests.generator import killing
from tests.generator.fleets import CHART, problems
from tritonfleet import disk
from tritonfleet.__main__ import main
from tritonfleet.present import STAGED
from tritonfleet.problem import ERROR

FILES = {
    "values/fleet.yaml": (
        "name: acme\n"
        'gitops: {engine: argocd, repository: "https://git.acme.test/ml/models.git"}\n'
        "defaults: {image: {tag: 24.10-py3}}\n"
    ),
    "values/models/one.yaml": (
        "models:\n"
        '  - {name: one, modelVersion: "1", repository: {image: {path: /models}}}\n'
        "  - {name: two, repository: {image: {path: /models}}}\n"
    ),
    "values/models/three.yaml": (
        "models:\n"
        '  - {name: three, modelVersion: "1", environments: [dev, prod], repository: {image: {path: /models}}}\n'
    ),
    "values/environments/dev.yaml": (
        "namespace: dev\n"
        'patches: {one: {modelVersion: "2"}, three: {modelVersion: "2"}, two: {replicas: 2}}\n'
    ),
    "values/environments/prod.yaml": (
        "namespace: prod\nafter: dev\n"
        'patches: {one: {replicas: 3}, two: {modelVersion: "1"}}\n'
        "exclude: []\n"
    ),
}
COMMANDS = {
    "promote": ["promote", "--all", "--to", "prod"],
    "remove": ["remove", "one"],
    "remove from one environment": ["remove", "three", "--env", "prod"],
}


def prepare(root: Path) -> None:
    shutil.rmtree(root / "values", ignore_errors=True)
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def lists(root: Path) -> dict[str, str]:
    """The files that engines and people read; what is staged beside them has no name of a list."""
    found = (path for path in (root / "values").rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in found
        if not path.name.endswith(STAGED) and path.suffix == ".yaml"
    }


def edit(root: Path, command: list[str]) -> int:
    """Runs a command; what it tells is of no use here."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return main([*command, "--root", str(root), "--quiet"])


def is_killed(root: Path, command: list[str], step: int) -> bool:
    """Runs a command that ends at operation number `step` of its writing; whether it came that far."""
    was_killed = mmap.mmap(-1, 1)  # shared with the process
    child = os.fork()
    if child == 0:
        kill_while_writing(step, was_killed)
        os._exit(edit(root, command))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0 or was_killed[0], f"the edit failed by itself with {status}"
    return bool(was_killed[0])


def kill_while_writing(step: int, was_killed: mmap.mmap) -> None:
    """Counts from the first write on: what only reads leaves nothing half done."""
    write = disk.write

    def first(*given: Any, **named: Any) -> None:
        disk.write = write
        killing.kill_at(step, killing.BOTH, was_killed)
        write(*given, **named)

    disk.write = first


def look(root: Path, command: list[str], after: Mapping[str, str]) -> None:
    """What must hold when the edit was killed."""
    for path, text in lists(root).items():
        allowed = FILES.get(path), after.get(path)
        assert text in allowed, f"{path} is half written: {text!r}"
    errors = [str(each) for each in problems(root) if each.severity == ERROR]
    assert errors == [], errors
    assert edit(root, command) in {0, 2}  # 2: the model is gone already
    assert lists(root) == after


def times_killed(root: Path, command: list[str]) -> int:
    """Kills a command at every step until it gets to its end."""
    prepare(root)
    assert edit(root, command) == 0
    after = lists(root)
    for step in count():
        prepare(root)
        if not is_killed(root, command, step):
            assert step > 0
            return step
        try:
            look(root, command, after)
        except AssertionError as error:
            raise AssertionError(f"killed at operation {step}: {error}") from error
    raise AssertionError


def run(root: Path) -> None:
    shutil.copytree(CHART, root / "charts/triton")
    for name, command in COMMANDS.items():
        print(f"{name}: {times_killed(root, command)}", flush=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
