"""What `validate` says of real deployments is what the table says; `python -m tests.field.table` writes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.field.cases import cases
from tests.field.table import TABLE, head, row


@pytest.mark.parametrize("name", sorted(cases()))
def test_a_real_deployment_gets_the_verdict_of_the_table(
    name: str, tmp_path: Path
) -> None:
    [told] = [
        line
        for line in TABLE.read_text().splitlines()
        if line.startswith(f"| {name} |")
    ]
    assert told == row(name, tmp_path)


def test_the_table_counts_what_is_there() -> None:
    lines = TABLE.read_text().splitlines()
    top = list(head())
    assert (lines[: len(top)], len(lines) - len(top)) == (top, len(cases()))


@pytest.mark.parametrize("name", sorted(cases()))
def test_what_no_typed_key_says_is_named(name: str) -> None:
    case = cases()[name]
    assert case["said"] in {"typed", "trick", "not"}
    assert case["said"] == "typed" or case["gaps"] or case["tricks"]


def test_whoever_is_refused_everywhere_is_refused_for_a_reason() -> None:
    rows = [line.split(" | ") for line in TABLE.read_text().splitlines()]
    refused = {
        row[0].removeprefix("| ")
        for row in rows
        if len(row) == 6 and not any(cell.startswith("accepted") for cell in row[3:])
    }
    explained = {name for name, case in cases().items() if case.get("refused")}
    assert explained == refused - {"deployment"}
