"""Problems in the forms of other programs: the fields that those programs read.

The published schemas are not here: their licences do not say that they may be copied. What is checked is what GitHub's
code scanning, GitLab's code quality and readers of JUnit ask for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from tests.generator.test_report import many
from tritonfleet.problem import WARNING, Position, Problem
from tritonfleet.report.forms import in_form
from tritonfleet.report.problems import MOST_ITEMS

ERROR = Problem(Position("values/a b.yaml", 3, 5), "TF050", "`x` is no key\n]]>", "y")
AGAIN = Problem(Position("values/a b.yaml", 9, 5), "TF050", "`x` is no key\n]]>", "y")
LATER = Problem(Position("values/c.yaml", 1), "TF115", "<b>small</b>", severity=WARNING)
PROBLEMS = [ERROR, AGAIN, LATER]
TEXT = "`x` is no key\\n]]>; expected: y"


def document(form: str, problems: list[Problem]) -> Any:
    return json.loads(in_form(problems, form, Path()))


def test_sarif_has_what_code_scanning_reads() -> None:
    found = document("sarif", PROBLEMS)
    [run] = found["runs"]
    assert found["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["TF050", "TF115"]
    assert all(
        rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]
    )
    assert [result["level"] for result in run["results"]] == [
        "error",
        "error",
        "warning",
    ]
    assert run["results"][0] == {
        "ruleId": "TF050",
        "level": "error",
        "message": {"text": TEXT},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "values/a%20b.yaml"},
                    "region": {"startLine": 3, "startColumn": 5},
                }
            }
        ],
    }
    assert document("sarif", [])["runs"][0]["results"] == []


def test_codeclimate_has_what_gitlab_reads() -> None:
    found = document("codeclimate", PROBLEMS)
    assert len({issue["fingerprint"] for issue in found}) == 3
    assert [{**issue, "fingerprint": ""} for issue in found[1:]] == [
        {
            "description": TEXT,
            "check_name": "TF050",
            "fingerprint": "",
            "severity": "major",
            "location": {"path": "values/a b.yaml", "lines": {"begin": 9}},
        },
        {
            "description": "<b>small</b>",
            "check_name": "TF115",
            "fingerprint": "",
            "severity": "minor",
            "location": {"path": "values/c.yaml", "lines": {"begin": 1}},
        },
    ]
    moved = Problem(Position("values/a b.yaml", 4, 5), "TF050", ERROR.message, "y")
    assert document("codeclimate", [moved])[0]["fingerprint"] == found[0]["fingerprint"]
    assert document("codeclimate", []) == []


def test_junit_has_a_case_for_each_problem() -> None:
    suites = Xml.fromstring(in_form(PROBLEMS, "junit", Path()))
    [suite] = suites
    assert (suites.tag, suite.get("tests"), suite.get("failures")) == (
        "testsuites",
        "3",
        "2",
    )
    first, _, last = suite.iter("testcase")
    assert first.get("name") == "TF050 values/a b.yaml:3:5"
    assert [each.text for each in first.iter("failure")] == [TEXT]
    assert [each.text for each in last] == ["warning: <b>small</b>"]
    [passed] = Xml.fromstring(in_form([], "junit", Path())).iter("testcase")
    assert list(passed) == []


def test_markdown_has_as_many_as_a_step_shows() -> None:
    told = in_form([LATER, *many(500)], "markdown", Path())
    assert told.startswith("<!-- tritonfleet-validate -->\n### 500 errors, 1 warning\n")
    assert told.count("TF050 no\n") == 500
    assert "warning: <b>small</b>\n```\n" in told
    told = in_form(many(100_000), "markdown", Path())
    assert len(told.encode()) <= 1024 * 1024
    assert "more lines; `tritonfleet validate` shows them" in told


@pytest.mark.parametrize("form", ["sarif", "codeclimate", "junit"])
def test_what_programs_read_is_bounded_and_says_so(form: str) -> None:
    told = in_form([LATER, *many(MOST_ITEMS)], form, Path())
    assert "small" not in told
    said = {
        "sarif": '"truncated": true',
        "codeclimate": "there are 1 more problems than a report holds",
        "junit": '<property name="truncated" value="true" />',
    }
    assert said[form] in told
