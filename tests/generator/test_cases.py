"""Golden fleets: what valid ones become, and what is said about invalid ones, through the command line.

UPDATE_GOLDEN=1 rewrites what is expected; the difference is then reviewed like any other change.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.generator.fleets import CHART
from tritonfleet.__main__ import main

CASES = Path(__file__).parent / "cases"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def cases(kind: str) -> list[Path]:
    return sorted(path for path in (CASES / kind).iterdir() if path.is_dir())


@pytest.fixture
def root(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case with the repository's chart, as the current directory."""
    shutil.copytree(case, tmp_path, dirs_exist_ok=True)
    shutil.copytree(CHART, tmp_path / "charts" / "triton", dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", cases("invalid"), ids=lambda path: path.name)
@pytest.mark.usefixtures("root")
def test_invalid_input_is_explained(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", ".", "--quiet"]) == 2
    told = capsys.readouterr()
    if UPDATE:
        (case / "errors.txt").write_text(told.out)
    assert told.out == (case / "errors.txt").read_text()
    assert told.err == ""


@pytest.mark.parametrize("case", cases("valid"), ids=lambda path: path.name)
def test_valid_input_becomes_a_tree(
    case: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(root / "deploy", ignore_errors=True)
    assert main(["generate", "--quiet"]) == 0, capsys.readouterr().err
    if UPDATE:
        shutil.rmtree(case / "deploy", ignore_errors=True)
        shutil.copytree(
            root / "deploy",
            case / "deploy",
            ignore=shutil.ignore_patterns("charts.yaml"),
        )
    assert _texts(root / "deploy") == _texts(case / "deploy")


def _texts(directory: Path) -> dict[str, str]:
    """Every file but the one that has the chart's digest in it."""
    files = [
        path
        for path in directory.rglob("*")
        if path.is_file() and path.name != "charts.yaml"
    ]
    return {path.relative_to(directory).as_posix(): path.read_text() for path in files}


@pytest.mark.parametrize("case", cases("valid"), ids=lambda path: path.name)
@pytest.mark.usefixtures("root")
def test_a_second_run_changes_nothing(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "--quiet"]) == 0, case
    capsys.readouterr()
    assert main(["generate", "--check", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
