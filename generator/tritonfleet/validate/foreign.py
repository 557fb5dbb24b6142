"""Schemas of charts that are not this program's: whether they can be used, and will not take forever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

# What `re` itself parses patterns with; there is no other way to ask it how a pattern is built.
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from tritonfleet.chart_files import packaged_chart, values_schema
from tritonfleet.nouns import Chart
from tritonfleet.problem import Position, Problem
from tritonfleet.validate.schemas import inlined

# More often than this is as good as without an end.
_OFTEN = 20
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}


def unusable_schemas(charts: Iterable[Chart]) -> Iterator[Problem]:
    """TF017: schemas that no values can be checked against."""
    ours = values_schema(packaged_chart())
    for chart in charts:
        if chart.schema == ours:
            continue
        known = frozenset(_patterns(ours))
        reason = _reason(chart.schema, known)
        if reason:
            yield _unusable(chart, reason)


def _unusable(chart: Chart, reason: str) -> Problem:
    name = chart.path or chart.directory.name
    message = f"the chart cannot be used: {reason}"
    return Problem(Position(f"{name}/values.schema.json"), "TF017", message)


def _reason(schema: Mapping[str, Any], known: frozenset[str]) -> str:
    """Why a schema cannot be used; "" for one that can. `known` are patterns that need no look."""
    from jsonschema import Draft7Validator, SchemaError

    try:
        Draft7Validator.check_schema(schema)
        return _reason_in_patterns(set(_patterns(inlined(schema))) - known)
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
        if _may_take_forever(pattern):
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


def _may_take_forever(pattern: str) -> bool:
    """Whether `re` may try a number of ways that doubles with each character. Raises re.error for no pattern at all.

    Helm's engine and the fast one take time in proportion to the text. Some patterns that are refused here would do so
    with `re`, too, but nobody can tell in general.
    """
    re.compile(pattern)
    return _nests(_parser.parse(pattern), inside=False)


def _nests(parts: Any, *, inside: bool) -> bool:
    """Whether a part repeats a repetition or an alternative; `inside` of one that is repeated without an end."""
    return any(_part_nests(kind, argument, inside) for kind, argument in parts)


def _part_nests(kind: Any, argument: Any, inside: bool) -> bool:
    """The same of one part, as `re` has it: what it is, and how often and what, where it repeats something."""
    is_endless = kind in _REPEATS and argument[1] > _OFTEN
    if inside and (is_endless or kind is _constants.BRANCH):
        return True
    inside = inside or is_endless
    return any(_nests(each, inside=inside) for each in _inner(argument))


def _inner(argument: Any) -> Iterator[Any]:
    """The patterns inside of a group, an alternative or a look-around."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for each in argument:
            yield from _inner(each)
