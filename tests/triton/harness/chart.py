"""What the chart renders, through the real Helm 4."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
CHART = ROOT / "charts" / "triton"
HELM = ROOT / ".tools" / "helm4"
TAG = "24.10-py3"
"""The release of the server that these tests run; the chart leaves out what it does not know."""


def render(
    values: Path | Mapping[str, Any], *sets: str, name: str = "release"
) -> list[dict[str, Any]]:
    """Every object of a release; each of `sets` is KEY.KEY=YAML and replaces what the values say."""
    given = (
        yaml.safe_load(values.read_text())
        if isinstance(values, Path)
        else copy.deepcopy(dict(values))
    )
    for each in sets:
        _say(given, *each.split("=", 1))
    return [
        document
        for document in yaml.safe_load_all(_template(yaml.safe_dump(given), name))
        if document
    ]


def _say(values: dict[str, Any], path: str, text: str) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
    values[last] = yaml.safe_load(text)


def _template(values: str, name: str) -> str:
    command = [
        str(HELM),
        "template",
        name,
        str(CHART),
        "--namespace=test",
        "--kube-version=1.37.0",
        "--values=-",
    ]
    done = subprocess.run(
        command, input=values, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(f"{done.stderr}\n{values}")
    return done.stdout
