"""The hooks for pre-commit, run by pre-commit itself in a repository of a user."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.action.steps import installed
from tests.generator.conftest import build  # noqa: F401  # a fixture here, too
from tests.generator.fleets import Build
from tests.generator.repositories import commit, git
from tests.pages import ROOT
from tritonfleet.__main__ import main

HOOKS = [
    hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
]
CODE = "class TritonPythonModel: ...\n"


def test_each_hook_fails_for_what_it_is_about(
    build: Build,  # noqa: F811
    source: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    fleet = build()
    assert main(["generate", str(fleet), "--quiet"]) == 0
    models = {"echo/config.pbtxt": 'backend: "python"\n', "echo/1/model.py": CODE}
    for path, text in models.items():
        (fleet / "models" / path).parent.mkdir(parents=True)
        (fleet / "models" / path).write_text(text)
    hooks = [{"id": name} for name in HOOKS]
    repository = {
        "repo": f"file://{source}",
        "rev": git(source, "rev-parse", "HEAD"),
        "hooks": hooks,
    }
    (fleet / ".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [repository]})
    )
    git(fleet, "init", "--quiet")
    commit(fleet)
    home = tmp_path_factory.mktemp("pre-commit")
    assert _told(fleet, home) == dict.fromkeys(HOOKS, "Passed")

    (fleet / "models/echo/config.pbtxt").write_text(
        'backend: "python"\nmax_batchsize: 1\n'
    )
    assert _told(fleet, home) == {
        **dict.fromkeys(HOOKS, "Skipped"),
        "tritonfleet-check-repository": "Failed",
    }

    place = fleet / "values/models/team.yaml"
    place.write_text(place.read_text() + "    replicas: 2\n")
    assert _told(fleet, home)["tritonfleet-generate"] == "Failed"
    place.write_text(place.read_text().replace("replicas", "replica"))
    assert _told(fleet, home)["tritonfleet-validate"] == "Failed"


def _told(fleet: Path, home: Path) -> dict[str, str]:
    """What pre-commit says of each hook about the files that are staged; all of them where none is."""
    git(fleet, "add", "--update")
    staged = git(fleet, "diff", "--cached", "--name-only")
    command = [
        installed("pre-commit"),
        "run",
        "--verbose",
        "--color=never",
        *([] if staged else ["--all-files"]),
    ]
    done = subprocess.run(
        command,
        cwd=fleet,
        env={**os.environ, "PRE_COMMIT_HOME": str(home), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    results = re.findall(
        r"\.(?:\(.*\))?(Passed|Failed|Skipped)$", done.stdout, re.MULTILINE
    )
    assert len(results) == len(HOOKS), done.stdout + done.stderr
    return dict(zip(HOOKS, results, strict=True))
