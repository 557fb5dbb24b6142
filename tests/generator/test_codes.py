"""Every code that the program can say has a meaning, and every meaning a code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tritonfleet
from tritonfleet.codes import CODES, WARNINGS
from tritonfleet.rules import RULES
from tritonfleet.rules.registry import fleet_rule, release_rule

PACKAGE = Path(tritonfleet.__file__).parent


def test_every_code_of_the_package_has_a_meaning_and_every_meaning_is_used() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "codes"]
    used = {code for path in modules for code in re.findall(r'"(TF\d{3})"', path.read_text())}
    assert used == set(CODES)


def test_meanings_are_sentences_in_the_order_of_their_codes() -> None:
    assert list(CODES) == sorted(CODES)
    assert [code for code, meaning in CODES.items() if not re.match(r"[A-Z`].+\.\Z", meaning)] == []


def test_a_rule_without_a_meaning_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="TF999"):
        release_rule("TF999", "image")
    with pytest.raises(KeyError, match="TF999"):
        fleet_rule("TF999")


def test_a_rule_says_its_severity_itself() -> None:
    assert WARNINGS - set(CODES) == set()
    assert WARNINGS & set(RULES) == set()
