"""What a real API server refuses, `validate` says first; `python -m tests.verdict.refusals` writes the words anew."""

from __future__ import annotations

from pathlib import Path

from tests.verdict.refusals import cases, said


def test_what_the_api_server_refuses_is_told_beforehand(tmp_path: Path) -> None:
    of = cases()
    assert said(of, tmp_path) == [case["says"] for case in of]
    assert all(case["says"] for case in of)
