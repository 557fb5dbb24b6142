"""Schemas of charts that are not this program's: whether they can be used, and will not take forever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tritonfleet.chart_files import packaged_chart, values_schema
from tritonfleet.nouns import Chart
from tritonfleet.problem import Position, Problem
from tritonfleet.validate.ambiguity import may_take_forever
from tritonfleet.validate.schemas import inlined


def unusable_schemas(charts: Iterable[Chart]) -> Iterator[Problem]:
    """TF017: schemas that no values can be checked against."""
    ours = values_schema(packaged_chart())
    for chart in charts:
        if chart.schema == ours:
            continue
        reason = _reason(chart.schema)
        if reason:
            yield _unusable(chart, reason)


def _unusable(chart: Chart, reason: str) -> Problem:
    name = chart.path or chart.directory.name
    message = f"the chart cannot be used: {reason}"
    return Problem(Position(f"{name}/values.schema.json"), "TF017", message)


def _reason(schema: Mapping[str, Any]) -> str:
    """Why a schema cannot be used; "" for one that can."""
    from jsonschema import Draft7Validator, SchemaError

    try:
        Draft7Validator.check_schema(schema)
        return _reason_in_patterns(set(_patterns(inlined(schema))))
    except SchemaError as error:
        return f"its schema is none of JSON Schema: {error.message}"
    except RecursionError:
        return "its schema is nested too deep, or refers to itself"
    except re.error as error:
        return f"a pattern of its schema: {error}"
    except LookupError as error:
        return f"its schema refers to what it does not have: {error}"


def _reason_in_patterns(patterns: Iterable[str]) -> str:
    for pattern in patterns:
        if may_take_forever(pattern):
            return f"its pattern {pattern} repeats what is itself repeated, so that a text could take forever"
    return ""


def _patterns(schema: Any) -> Iterator[str]:
    """Every pattern anywhere in a schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from _patterns(item)
    elif isinstance(schema, dict):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            yield pattern
        of_keys = schema.get("patternProperties")
        if isinstance(of_keys, dict):
            yield from of_keys
        for value in schema.values():
            yield from _patterns(value)
