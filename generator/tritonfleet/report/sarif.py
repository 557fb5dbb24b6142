"""Problems as SARIF 2.1.0, which code scanning reads: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tritonfleet import __version__
from tritonfleet.codes import CODES
from tritonfleet.problem import Problem
from tritonfleet.report.problems import for_programs
from tritonfleet.report.shared import shown
from tritonfleet.visible import visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(problems: list[Problem], root: Path) -> str:
    """One run, with the codes that it has results of as its rules."""
    told = for_programs(problems, lambda problem: _result(problem, root))
    codes = {item["ruleId"] for item in told.items}
    driver = {
        "name": "tritonfleet",
        "version": __version__,
        "rules": [_rule(code) for code in sorted(codes)],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": told.items,
        "properties": {"truncated": told.is_truncated},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    return {"id": code, "shortDescription": {"text": CODES[code]}}


def _result(problem: Problem, root: Path) -> dict[str, Any]:
    """SARIF counts lines and columns from 1, as a Position does."""
    position = problem.position
    region = {"startLine": position.line, "startColumn": position.column}
    file = quote(shown(position.file, root).encode("utf-8", "surrogateescape"))
    place = {"artifactLocation": {"uri": file}, "region": region}
    return {
        "ruleId": problem.code,
        "level": problem.severity,
        "message": {"text": visible(problem.text)},
        "locations": [{"physicalLocation": place}],
    }
