"""Reading: every file, or a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.fleets import MODELS, Build, words
from tritonfleet.load import load
from tritonfleet.problem import Invalid


def test_lists_may_be_anywhere_below_models(build: Build) -> None:
    more = MODELS.replace("one", "two")
    root = build(
        files={
            "values/models/a/b/c.yaml": more,
            "values/models/README.md": "# not a list",
        }
    )
    assert [source.file for source in load(root).lists] == [
        "values/models/a/b/c.yaml",
        "values/models/team.yaml",
    ]


def test_nothing_to_read_is_told(tmp_path: Path, build: Build) -> None:
    with pytest.raises(Invalid) as caught:
        load(tmp_path)
    assert [problem.text for problem in caught.value.problems] == [
        "cannot be read: no such file or directory"
    ]
    root = build()
    (root / "values/models/team.yaml").unlink()
    assert "TF020 no model lists" in words(root)[0]
