"""The first inputs of each fuzzer: nothing that anybody writes makes the command break a promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.run import FUZZERS, fuzz, told

FEW = 60
SEED = 12


@pytest.mark.parametrize("name", FUZZERS)
def test_no_input_breaks_a_promise(name: str, tmp_path: Path) -> None:
    count = 10 if name == "chaos" else FEW  # each is a process
    score = fuzz(name, range(count), SEED, tmp_path)
    assert "".join(told(score.faults)) == ""
    assert score.inputs == count
