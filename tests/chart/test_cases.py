"""Good and bad values: the same verdict and the same key from Python's validator and from real Helm 3 and 4."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.helm import (
    SMALLEST,
    Refused,
    defaults,
    merged,
    refused_keys,
    schema,
    template,
)
from tritonfleet.validate.engine import errors, matches

TOPICS = sorted(Path(__file__).parent.glob("cases/*.yaml"))
CASES = {
    f"{topic.stem}: {case['case']}": case
    for topic in TOPICS
    for case in yaml.load(topic.read_text(), yaml.CSafeLoader)
}
Case = Mapping[str, Any]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("helm", ["3", "4"])
def test_helm_gives_the_verdict(case: Case, helm: str) -> None:
    assert helm_verdict(values_of(case), helm) == expected(case)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_python_gives_the_same_verdict(case: Case) -> None:
    found = list(errors(schema(), merged(defaults(), values_of(case))))
    keys = {key for error in found for key in keys_of(error)}
    assert keys == (keys_expected(case) if case.get("refused") == "schema" else set())
    if case.get("refused") == "schema" and "says" in case:
        schemas = [error.schema for error in found]
        said = [each["description"] for each in schemas if isinstance(each, dict)]
        assert said == [case["says"]]


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


def keys_expected(case: Case) -> set[str]:
    return {case["key"]} if isinstance(case["key"], str) else set(case["key"])


def expected(case: Case) -> tuple[str, Any]:
    refused = case.get("refused")
    if refused == "schema":
        return "schema", keys_expected(case)
    if refused == "fail":
        return "fail", f"{case['key']}: {case['says']}"
    return "renders", None


def helm_verdict(values: Mapping[str, Any], helm: str) -> tuple[str, Any]:
    try:
        template(values, helm)
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
