"""Problems as a JUnit report, which every CI shows: https://github.com/testmoapp/junitxml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from tritonfleet.problem import ERROR, Problem
from tritonfleet.report.problems import for_programs
from tritonfleet.report.shared import place, shown
from tritonfleet.visible import visible

_PASSED: dict[str, Any] = {
    "file": "",
    "name": "validate",
    "words": "",
    "fails": False,
}


def junit(problems: list[Problem], root: Path) -> str:
    """A test case for each problem: for an error one that failed, for a warning one that passed, with its words.

    Without any problem there is one case, which passed: some programs take a report without cases for a broken one.
    """
    told = for_programs(problems, lambda problem: _item(problem, root))
    cases = told.items or [_PASSED]
    counts = _counts(cases)
    suites = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(suites, "testsuite", {"name": "tritonfleet", **counts})
    _add_property(suite, "truncated", str(told.is_truncated).lower())
    for case in cases:
        _add(suite, case)
    Xml.indent(suites)
    text = Xml.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(cases: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Attributes of the suite, and of the suites that hold it."""
    tests = str(len(cases))
    failures = str(sum(case["fails"] for case in cases))
    # An error is a test that could not run, and `validate` itself always does.
    return {"tests": tests, "failures": failures, "errors": "0"}


def _add_property(suite: Xml.Element, name: str, value: str) -> None:
    """The properties of a suite, which are one."""
    properties = Xml.SubElement(suite, "properties")
    Xml.SubElement(properties, "property", {"name": name, "value": value})


def _item(problem: Problem, root: Path) -> dict[str, Any]:
    position = problem.position
    return {
        "file": visible(shown(position.file, root)),
        "name": f"{problem.code} {place(position, root)}",
        "words": visible(problem.text),
        "fails": problem.severity == ERROR,
        "code": problem.code,
    }


def _add(suite: Xml.Element, case: dict[str, Any]) -> None:
    """One more test case."""
    words = case["words"]
    about = {"classname": case["file"] or "tritonfleet", "name": case["name"]}
    element = Xml.SubElement(suite, "testcase", about)
    if case["fails"]:
        about_failure = {"message": words, "type": case["code"]}
        failure = Xml.SubElement(element, "failure", about_failure)
        failure.text = words
    elif words:
        output = Xml.SubElement(element, "system-out")
        output.text = f"warning: {words}"
