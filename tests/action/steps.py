"""The steps of the Action, run as GitHub runs them: bash, with the variables of the runner and of the step."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.pages import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: Mapping[str, Mapping[str, Any]] = {
    step["name"]: step for step in ACTION["runs"]["steps"] if "run" in step
}
_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


def installed(name: str) -> str:
    """A program of the extra `dev`: it is beside Python, which need not be on PATH."""
    beside = Path(sys.executable).parent
    return shutil.which(name, path=f"{beside}{os.pathsep}{os.environ['PATH']}") or name


@dataclass(frozen=True)
class Runner:
    """A runner with a checkout; `says` is what GitHub makes of the Action's expressions."""

    directory: Path
    checkout: Path
    variables: Mapping[str, str]

    def run(self, name: str, says: Mapping[str, str]) -> Ended:
        """Runs a step to its end."""
        step = STEPS[name]
        given = {
            key: _EXPRESSION.sub(lambda found: says[found[1]], value)
            for key, value in step.get("env", {}).items()
        }
        return self.bash(step["run"], given)

    def bash(self, script: str, given: Mapping[str, str]) -> Ended:
        """Runs a script as GitHub does: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax"""
        summary = self.directory / "summary"
        summary.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.checkout,
            env={**os.environ, **self.variables, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, summary.read_text())


@dataclass(frozen=True)
class Ended:
    """How a step ended, what it printed, and what it wrote into its summary."""

    code: int
    printed: str
    summary: str


def runner(directory: Path, checkout: Path) -> Runner:
    """One on which the program is installed already: this one, as the tests run it."""
    programs = directory / "tritonfleet/bin"
    programs.mkdir(parents=True)
    program = programs / "tritonfleet"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tritonfleet "$@"\n')
    program.chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    variables = {
        "RUNNER_TEMP": str(directory),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(directory / "summary"),
        "GITHUB_WORKSPACE": str(checkout),
        "GITHUB_ACTIONS": "true",
        "PATH": os.environ["PATH"],
    }
    return Runner(directory, checkout, variables)
