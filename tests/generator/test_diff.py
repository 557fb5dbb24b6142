"""What `diff` says about a change: golden fleets before and after, in a real repository.

UPDATE_GOLDEN=1 rewrites what is expected; the difference is then reviewed like any other change.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.generator.fleets import CHART
from tests.generator.repositories import commit, git
from tritonfleet.__main__ import main

CASES = Path(__file__).parent / "cases" / "diff"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
COMMIT = re.compile(r"\b[0-9a-f]{12}\b")


@pytest.fixture(params=sorted(CASES.iterdir()), ids=lambda path: path.name)
def case(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A case, whose fleet before is committed and whose fleet after is in the current directory."""
    directory: Path = request.param
    shutil.copytree(CHART, tmp_path / "charts/triton")
    shutil.copytree(directory / "before", tmp_path, dirs_exist_ok=True)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    shutil.rmtree(tmp_path / "values")
    shutil.copytree(directory / "after", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return directory


@pytest.mark.parametrize(
    ("form", "file"),
    [("text", "expected.txt"), ("markdown", "expected.md"), ("json", "expected.json")],
)
def test_a_change_is_told_with_what_follows(
    form: str, file: str, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "HEAD", "-o", form]) == 0, capsys.readouterr().err
    told = COMMIT.sub("<commit>", capsys.readouterr().out)
    expected = case / file
    if UPDATE:
        expected.write_text(told)
    assert told == expected.read_text()
