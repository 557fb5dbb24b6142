"""The deployments of this directory, and a fleet with one of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.chart.helm import CHART

FIELD = Path(__file__).parent
LEVELS = ("restricted", "baseline", "privileged")
Case = Mapping[str, Any]


@cache
def cases() -> Mapping[str, Case]:
    """Each deployment by its file's name."""
    paths = sorted(FIELD.glob("[0-9][0-9]-*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text()) for path in paths}


def fleet(directory: Path, entries: Sequence[Mapping[str, Any]], level: str) -> Path:
    """A fleet with nothing but these entries in a namespace of a level, as somebody who begins would have it."""
    if not (directory / "charts").exists():
        shutil.copytree(CHART, directory / "charts" / "triton")
    gitops = {"engine": "argocd", "repository": "https://git.acme.test/ml/models.git"}
    files: dict[str, Mapping[str, Any]] = {
        "fleet": {"name": "field", "gitops": gitops},
        "environments/only": {
            "namespace": "ml",
            "kubernetes": "1.37",
            "podSecurity": level,
        },
        "models/models": {"models": entries},
    }
    for name, content in files.items():
        path = directory / "values" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False))
    return directory
