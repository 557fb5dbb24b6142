"""Edits of one file: a value changes, comes or goes, and every other byte stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tritonfleet.edit import append, drop, put
from tritonfleet.problem import Invalid
from tritonfleet.source import Source
from tritonfleet.values import parse_path
from tritonfleet.yaml import read

CASES = Path(__file__).parent / "cases" / "edits.yaml"


def edited(source: Source, case: dict[str, Any]) -> Source:
    path = parse_path(case["path"])
    if "set" in case:
        return put(source, path, case["set"])
    if "append" in case:
        return append(source, path, case["append"])
    return drop(source, path, keep=0, comments="entry" in case)


def text_of(case: dict[str, Any], moment: str) -> str:
    """A text of a case; `ends` says how its lines end."""
    text = str(case[moment])
    if case.get("last newline") == "missing":
        text = text.removesuffix("\n")
    return text.replace("\n", "\r\n") if case.get("ends") == "CRLF" else text


@pytest.mark.parametrize(
    "case", yaml.safe_load(CASES.read_text()), ids=lambda case: case["case"]
)
def test_an_edit_changes_one_value_and_no_other_byte(case: dict[str, Any]) -> None:
    source = read("team.yaml", text_of(case, "before").encode())
    if "refused" in case:
        with pytest.raises(Invalid) as refused:
            edited(source, case)
        told = [f"{each.position} {each.text}" for each in refused.value.problems]
        assert told == [case["refused"]]
        return
    after = edited(source, case)
    assert after.text == text_of(case, "after")
