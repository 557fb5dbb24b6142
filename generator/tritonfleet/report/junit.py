"""Problems as a JUnit report, which every CI shows: https://github.com/testmoapp/junitxml."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from tritonfleet.problem import ERROR, Problem
from tritonfleet.report.problems import for_programs
from tritonfleet.report.shared import place, shown
from tritonfleet.visible import visible


def junit(problems: list[Problem], root: Path) -> str:
    """A test case for each problem: for an error one that failed, for a warning one that passed, with its words.

    Without any problem there is one case, which passed: some programs take a report without cases for a broken one.
    """
    told = for_programs(problems, lambda problem: _item(problem, root))
    failures = sum(item["fails"] for item in told.items)
    cases = told.items or [
        {"file": "", "name": "validate", "words": "", "fails": False}
    ]
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    suites = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(suites, "testsuite", {"name": "tritonfleet", **counts})
    properties = Xml.SubElement(suite, "properties")
    truncated = str(told.is_truncated).lower()
    Xml.SubElement(properties, "property", {"name": "truncated", "value": truncated})
    for case in cases:
        _add(suite, case)
    Xml.indent(suites)
    text = Xml.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _item(problem: Problem, root: Path) -> dict[str, Any]:
    return {
        "file": visible(shown(problem.position.file, root)),
        "name": f"{problem.code} {place(problem.position, root)}",
        "words": visible(problem.text),
        "fails": problem.severity == ERROR,
        "code": problem.code,
    }


def _add(suite: Xml.Element, case: dict[str, Any]) -> None:
    about = {"classname": case["file"] or "tritonfleet", "name": case["name"]}
    element = Xml.SubElement(suite, "testcase", about)
    if case["fails"]:
        failure = {"message": case["words"], "type": case["code"]}
        Xml.SubElement(element, "failure", failure).text = case["words"]
    elif case["words"]:
        Xml.SubElement(element, "system-out").text = f"warning: {case['words']}"
