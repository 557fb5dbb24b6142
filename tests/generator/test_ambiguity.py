"""Which patterns of a foreign chart may take forever: those with a loop that one text goes through in two ways."""

from __future__ import annotations

import json
import re
import time

import pytest

from tests.generator.fleets import CHART, Build, words
from tritonfleet.validate.ambiguity import may_take_forever
from tritonfleet.validate.foreign import _patterns

OURS = sorted(set(_patterns(json.loads((CHART / "values.schema.json").read_text()))))
FINE = [
    "", "^a+$", "^(a|b)*$", "^(/[^/]+)*$", "(a*b)*", "(ab?)*", r"^[a-z]+([._/-]+[a-z0-9]+)*$", "^(a{1,9}b{1,70})*$",
    r"(\.{0,2}a)+", "^[^x]*x", r"\Aa\Z", "é+x", r"^\d{1,3}(\.\d{1,3}){3}$",
]  # fmt: skip
ENDLESS = [
    "(a+)+b", "(a*)*b", "^([a-z]*[a-z]*)*$", r"^(\.[a-z]*[a-z]*)*$", "(/+a*)*b", "(a|aa)+b", "(x+x+)+y", r"^(\w+\s?)*$",
    "(a?){30}b", "(a*b*)*c", "(a|b*)*c", "^(.*,)*$", "([a-z0-9]+-?)+_",
    "^(a{1,9}b{0,70})*$",
]  # fmt: skip
NOT_LOOKED_AT = [r"(a)\1", "(?=a)a*", "(?<!a)b", ".*" * 300, "(" + ".*" * 100 + ")*"]


@pytest.mark.parametrize("pattern", [*OURS, *FINE])
def test_a_pattern_that_reads_each_text_in_one_way_is_taken(pattern: str) -> None:
    """Every pattern of ours is: a fleet may keep the copy of a chart that is older than this program."""
    assert not may_take_forever(pattern)


@pytest.mark.parametrize("pattern", [*ENDLESS, *NOT_LOOKED_AT])
def test_a_pattern_that_may_take_forever_is_refused(pattern: str) -> None:
    began = time.process_time()
    assert may_take_forever(pattern)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("pattern", ["(a", "[z-a]", "*"])
def test_what_is_no_pattern_is_told_by_the_library(pattern: str) -> None:
    with pytest.raises(re.error):
        may_take_forever(pattern)


def test_an_older_copy_of_our_chart_is_taken(build: Build) -> None:
    root = build()
    path = root / "charts" / "triton" / "values.schema.json"
    older = path.read_text().replace("(/[A-Za-z0-9_@+-]", "(/[A-Za-z0-9_@+]")
    assert older != path.read_text()
    path.write_text(older)
    assert words(root) == []
