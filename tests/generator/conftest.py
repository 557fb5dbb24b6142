"""Fleets in a temporary directory, with the repository's chart."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.generator.fleets import CHART, FLEET, MODELS, Build


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A function that writes a fleet; what is not given is a small one that is valid."""

    def write(
        models: str = MODELS,
        fleet: str = FLEET,
        files: Mapping[str, str] | None = None,
        dev: str = "",
    ) -> Path:
        given = {
            "values/fleet.yaml": fleet,
            "values/models/team.yaml": models,
            "values/environments/dev.yaml": f"namespace: models-dev\n{dev}",
            **(files or {}),
        }
        for path, text in given.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        if not (tmp_path / "charts").exists():
            shutil.copytree(CHART, tmp_path / "charts" / "triton")
        return tmp_path

    return write
