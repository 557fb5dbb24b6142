"""Good and bad values: the same verdict and the same key from Python's validator and from real Helm 3 and 4."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.helm import (
    CHART,
    SMALLEST,
    Refused,
    defaults,
    merged,
    refused_keys,
    schema,
    template,
)
from tests.generator.conftest import build as build
from tests.generator.fleets import Build, problems
from tritonfleet.problem import ERROR
from tritonfleet.validate.engine import errors, matches

TOPICS = sorted(Path(__file__).parent.glob("cases/*.yaml"))
CASES = {
    f"{topic.stem}: {case['case']}": case
    for topic in TOPICS
    for case in yaml.load(topic.read_text(), yaml.CSafeLoader)
}
# Too long to be read in a file.
CASES["repository: inline models that are too large"] = {
    "values": {
        "repository": {
            "image": None,
            "configMap": {"models": {"m": {"1/a": "a" * 262144}}},
        }
    },
    "refused": "fail",
    "code": "TF152",
    "key": "repository.configMap.models",
    "says": "262160 bytes are more than the 262144 that a ConfigMap and its reviewers can take: use another source",
}
CASES["reachability: a request that no command can take"] = {
    "values": {"test": {"inference": {"model": "m", "body": "ä" * 65001}}},
    "refused": "fail",
    "code": "TF171",
    "key": "test.inference",
    "says": "130002 bytes are more than the 130000 that a command can take: choose a smaller request",
}
FAILS = {name: case for name, case in CASES.items() if case.get("refused") == "fail"}
FLEET = """\
name: acme
gitops: {engine: argocd, repository: "https://git.acme.test/ml/models.git"}
"""
Case = Mapping[str, Any]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("helm", ["3", "4"])
def test_helm_gives_the_verdict(case: Case, helm: str) -> None:
    verdict = helm_verdict(values_of(case), helm, name_of(case))
    assert verdict == expected(case)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_python_gives_the_same_verdict(case: Case) -> None:
    found = list(errors(schema(), merged(defaults(), values_of(case))))
    keys = {key for error in found for key in keys_of(error)}
    assert keys == (keys_expected(case) if case.get("refused") == "schema" else set())
    if case.get("refused") == "schema" and "says" in case:
        schemas = [error.schema for error in found]
        said = [each["description"] for each in schemas if isinstance(each, dict)]
        assert said == [case["says"]]


@pytest.mark.parametrize("case", FAILS.values(), ids=FAILS)
def test_a_rule_refuses_before_the_chart_does(case: Case, build: Build) -> None:
    entry = {"name": name_of(case), **values_of(case)}
    root = build(json.dumps({"models": [entry]}), FLEET, dev="podSecurity: privileged")
    found = {each.code for each in problems(root) if each.severity == ERROR}
    assert case["code"] in found


def test_every_refusal_of_the_chart_has_a_case() -> None:
    """A sentence of the chart is known by its format; what stands inside comes from the values."""
    sentences = [str(expected(case)[1]) for case in FAILS.values()]
    without = [
        each
        for each in formats_of_refusals()
        if not any(re.match(pattern(each), sentence) for sentence in sentences)
    ]
    # No row of files/flags.json has an `until`: no flag has gone away yet.
    assert without == ["%s %s: %s: leave it out"]


def formats_of_refusals() -> Iterator[str]:
    """What the templates' `fail`s say, as they are written there."""
    templates = sorted((CHART / "templates").glob("**/*.tpl"))
    text = "".join(template.read_text() for template in templates)
    for literal in re.findall(r'\bfail (?:\(printf )?("(?:[^"\\]|\\.)*")', text):
        yield json.loads(literal)


def pattern(format: str) -> str:
    return re.sub(r"%[sdqv]", ".*", re.escape(format))


def test_every_topic_says_who_refuses() -> None:
    wrong = [
        name
        for name, case in CASES.items()
        if name.startswith("good: ") == ("refused" in case)
    ]
    assert wrong == []


def values_of(case: Case) -> dict[str, Any]:
    """The smallest values with the case's over them; a null at the root stays, for Helm to see."""
    values: dict[str, Any] = case["values"]
    return merged(SMALLEST, values) | {
        key: None for key, value in values.items() if value is None
    }


def name_of(case: Case) -> str:
    """The release's name."""
    return str(case.get("name", "rel"))


def keys_expected(case: Case) -> set[str]:
    return {case["key"]} if isinstance(case["key"], str) else set(case["key"])


def expected(case: Case) -> tuple[str, Any]:
    refused = case.get("refused")
    if refused == "schema":
        return "schema", keys_expected(case)
    if refused == "fail":
        return "fail", f"{case['code']} {case['key']}: {case['says']}"
    return "renders", None


def helm_verdict(values: Mapping[str, Any], helm: str, name: str) -> tuple[str, Any]:
    try:
        template(values, helm, name=name)
    except Refused as refusal:
        message = str(refusal)
        if "values don't meet the specifications" in message:
            return "schema", refused_keys(message)
        return "fail", message.split("): ", 1)[-1].split("\n")[0]
    return "renders", None


def keys_of(error: Any) -> list[str]:
    """The keys that an error of Python's validator is about, in dots."""
    path = [str(step) for step in error.absolute_path]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return [
            ".".join([*path, key]) for key in missing if f"'{key}'" in error.message
        ]
    if error.validator == "additionalProperties":
        known, patterns = (
            error.schema.get("properties", {}),
            error.schema.get("patternProperties", {}),
        )
        extra = [
            key
            for key in error.instance
            if key not in known and not any(matches(each, key) for each in patterns)
        ]
        return [".".join([*path, key]) for key in extra]
    return [".".join(path)]
