"""Texts of a tree: they follow from the input alone, and each from its own part of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generator.fleets import Build, checked
from tests.generator.trees import texts
from tritonfleet.plan import plan
from tritonfleet.tree import environment_of, release_of, render_tree


def test_one_changed_model_changes_its_own_files_only(build: Build) -> None:
    models = "models:\n" + "".join(
        f"  - name: m{i}\n    repository: {{image: {{path: /m}}}}\n" for i in range(5)
    )
    before = _rendered(build(models=models))
    after = _rendered(
        build(models=models.replace("name: m3\n", "name: m3\n    replicas: 2\n"))
    )
    assert {path for path in before if before[path] != after[path]} == {
        "dev/m3/values.yaml"
    }


def test_the_order_of_entries_changes_no_file(build: Build) -> None:
    entries = [
        f"  - name: m{i}\n    repository: {{image: {{path: /m}}}}\n" for i in range(5)
    ]
    assert _rendered(build(models="models:\n" + "".join(entries))) == _rendered(
        build(models="models:\n" + "".join(reversed(entries)))
    )


def _rendered(root: Path) -> dict[str, str]:
    fleet = checked(root)
    return dict(render_tree(plan(fleet), fleet.environments, frozenset()).files)


HOW = (
    "a=1",
    "LC_ALL=C",
    "LC_ALL=tr_TR.UTF-8",
    "TZ=Asia/Kathmandu",
    "PYTHONHASHSEED=1",
    "PYTHONHASHSEED=77",
)


def test_output_depends_on_the_input_alone(build: Build) -> None:
    root = build(
        models="models:\n"
        + "".join(
            f"  - {{name: m{i}, repository: {{image: {{path: /m}}}}}}\n"
            for i in range(5)
        )
    )
    found = []
    for number, how in enumerate(HOW):
        command = [
            sys.executable,
            "-m",
            "tritonfleet",
            "generate",
            str(root),
            "--out",
            str(root / f"out{number}"),
            "-q",
        ]
        name, _, value = how.partition("=")
        subprocess.run(command, check=True, env={**os.environ, name: value})
        found.append(texts(root / f"out{number}"))
    assert all(each == found[0] for each in found)


BELONGS = {
    "charts.yaml": (None, None),
    "bootstrap/dev.yaml": ("dev", None),
    "bootstrap/dev-target.yaml": ("dev", None),
    "_sources/dev/chart.yaml": ("dev", None),
    "dev/m1/values.yaml": ("dev", ("dev", "m1")),
    "dev/notes.txt": ("dev", None),
}


@pytest.mark.parametrize("path", BELONGS)
def test_a_path_says_whose_the_file_is(path: str) -> None:
    assert (environment_of(path), release_of(path)) == BELONGS[path]
