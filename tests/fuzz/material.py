"""Fleets that people could have written, from which inputs are made: the example, golden ones and real deployments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tests.chart.helm import ROOT
from tests.field.cases import LEVELS, cases

Files: TypeAlias = Mapping[str, bytes]
"""A fleet's files below its root, path → bytes."""
Documents: TypeAlias = dict[str, Any]
"""The same as data."""

KINDS = ("fleet", "environment", "models")
GOLDEN = ROOT / "tests" / "generator" / "cases"


def kind_of(path: str) -> str:
    """Which of the three schemas a file has."""
    if path.startswith("values/environments/"):
        return "environment"
    return "models" if path.startswith("values/models/") else "fleet"


@cache
def real() -> tuple[Files, ...]:
    """Fleets as bytes; those of `invalid` have what goes wrong in them already."""
    roots = [ROOT, *sorted(GOLDEN.glob("valid/*")), *sorted(GOLDEN.glob("invalid/*"))]
    fleets = [_files(root) for root in roots]
    return tuple(files for files in [*fleets, *_field()] if files)


@cache
def all_documents() -> tuple[Documents, ...]:
    """The same as data, without those that are no YAML."""
    return tuple(filter(None, map(_parsed, real())))


def documents(number: int) -> Documents:
    """One of the fleets as data of its own, which may be changed."""
    fleets = all_documents()
    return deepcopy(fleets[number % len(fleets)])


def _files(root: Path) -> dict[str, bytes]:
    found = sorted((root / "values").rglob("*.yaml"))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def _field() -> Iterator[dict[str, bytes]]:
    """Each real deployment as the fleet of somebody who begins."""
    for number, case in enumerate(cases().values()):
        level = LEVELS[number % len(LEVELS)]
        gitops = {"engine": "flux", "repository": "https://git.acme.test/ml/models"}
        yield {
            "values/fleet.yaml": json.dumps({"name": "field", "gitops": gitops}).encode(),
            "values/environments/only.yaml": f"namespace: ml\npodSecurity: {level}\n".encode(),
            "values/models/models.yaml": yaml.safe_dump({"models": case["models"]}, sort_keys=False).encode(),
        }  # fmt: skip


def _parsed(files: Files) -> Documents | None:
    """The data; None where a file is no YAML, as in some of the invalid ones."""
    try:
        data = {path: yaml.safe_load(text) for path, text in files.items()}
    except (yaml.YAMLError, ValueError):
        return None
    return data if all(isinstance(each, dict) for each in data.values()) else None
