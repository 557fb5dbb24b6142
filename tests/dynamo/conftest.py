"""A release in mode dynamo, and the table of what was measured on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.dynamo import pods
from tests.triton.harness import chart

MODELS = Path(__file__).parent / "models"
VALUES: Mapping[str, Any] = {
    "image": {"repository": "ml/dynamo-triton", "tag": "1.6.1-24.10", "tritonVersion": "24.10"},
    "server": {"mode": "dynamo"},
    "repository": {"pvc": {"claim": "models"}},
    "loadModels": ["identity", "slow"],
    "shutdown": {"drain": "3s", "requestTimeout": "10s"},
    "dynamo": {"discovery": "file", "fileClaim": "shared"},
}  # fmt: skip
Rendered = Callable[..., pods.Release]


def rendered(directory: Path, *sets: str, models: Path = MODELS) -> pods.Release:
    """The release with some values said otherwise, KEY.KEY=YAML, over a copy of a directory of models."""
    repository = directory / "repository"
    if not repository.exists():
        shutil.copytree(models, repository)
    return pods.Release(chart.render(VALUES, *sets), directory, repository)


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Notes a line for the table at the end."""
    return lambda line: record_property("measured", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Told even when everything passed: these are the figures of docs/dynamo.md."""
    terminalreporter.section("Dynamo")
    for report in terminalreporter.getreports("passed"):
        for name, line in getattr(report, "user_properties", ()):
            if name == "measured":
                terminalreporter.write_line(str(line))
