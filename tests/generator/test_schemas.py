"""The schemas: derived from the chart's alone, self-contained, and the same verdict from both engines."""

from __future__ import annotations

import json
from typing import Any

import helm_python
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generator.fleets import CHART
from tritonfleet.validate.engine import errors, matches, verdict
from tritonfleet.validate.schemas import complete, editor_schemas, inlined
from tritonfleet.yaml import read

CHART_SCHEMA = json.loads((CHART / "values.schema.json").read_text())
EDITOR = editor_schemas(CHART_SCHEMA)
MODELS = inlined(EDITOR["models"])
COMPLETE = complete(CHART_SCHEMA)
DEFAULTS = read("values.yaml", (CHART / "values.yaml").read_bytes()).data


def nodes(schema: Any) -> Any:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def _reached(schema: Any, reference: str) -> bool:
    """Whether a pointer ends at a schema of this document."""
    first, *steps = reference.split("/")
    for step in steps:
        schema = schema.get(step, {})
    return first == "#" and bool(schema)


@pytest.mark.parametrize("name", EDITOR)
def test_editor_schemas_reach_nothing_outside(name: str) -> None:
    schema = EDITOR[name]
    references = {
        node["$ref"] for node in nodes(schema) if isinstance(node.get("$ref"), str)
    }
    assert {
        reference for reference in references if not _reached(schema, reference)
    } == set()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "description" in schema


def test_every_key_that_people_write_is_described() -> None:
    of_chart = {"partial", "entry", "patch", "defaults"}
    for name, schema in EDITOR.items():
        own = {
            key: value
            for key, value in schema["definitions"].items()
            if key not in of_chart
        }
        for node in nodes({**schema, "definitions": own}):
            for key, value in (
                node.get("properties", {}).items()
                if isinstance(node.get("properties"), dict)
                else ()
            ):
                named = schema["definitions"].get(
                    str(value.get("$ref", "")).removeprefix("#/definitions/"), {}
                )
                assert "description" in value or "description" in named, (
                    f"{name}: {key}"
                )


def test_an_entry_is_the_charts_values_and_five_keys() -> None:
    entry = EDITOR["models"]["definitions"]["entry"]["properties"]
    assert set(entry) - set(CHART_SCHEMA["properties"]) == {
        "name",
        "profile",
        "environments",
        "suspend",
        "gitops",
    }


def test_a_network_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    schema = {"properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        verdict(schema)({"a": 1})
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        list(errors(schema, {"a": 1}))


@pytest.mark.parametrize("tail", ["\n", "\r", "\u0661", " "])
def test_a_pattern_means_the_whole_text(tail: str) -> None:
    assert matches("^[a-z0-9]+$", "abc")
    assert not matches("^[a-z0-9]+$", "abc" + tail)
    schema = {"pattern": "^([a-z]+|[0-9]+)$"}
    assert not verdict(schema)("abc" + tail)
    assert list(errors(schema, "abc" + tail))


PROPERTIES = st.sampled_from(sorted(CHART_SCHEMA["properties"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-1, 2**54)
    | st.sampled_from(
        [
            "",
            "1Gi",
            "5s",
            "10m",
            "auto",
            "a",
            "A b",
            "x\n",
            "24.10-py3",
            "0.5",
            "/m",
            "s3://bucket/x",
            "TIMESTAMPS",
            1.5,
        ]
    )
)


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """The chart's defaults with one or two values replaced, deep inside or whole."""
    values = json.loads(json.dumps(DEFAULTS))
    values["repository"], values["image"]["tag"] = (
        {"image": {"path": "/m"}},
        "24.10-py3",
    )
    for _ in range(draw(st.integers(1, 2))):
        key, target = draw(PROPERTIES), values
        while isinstance(target.get(key), dict) and target[key] and draw(st.booleans()):
            target = target[key]
            key = draw(st.sampled_from(sorted(target)))
        target[key] = draw(
            SCALARS
            | st.lists(SCALARS, max_size=2)
            | st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2)
        )
    return values


@settings(max_examples=150, deadline=None)
@given(changed())
def test_both_engines_have_the_same_verdict(values: Any) -> None:
    assert verdict(COMPLETE)(values) == (not list(errors(COMPLETE, values)))


@settings(max_examples=100, deadline=None)
@given(changed())
def test_helm_has_the_same_verdict(values: Any) -> None:
    chart = helm_python.Chart.load(CHART)
    try:
        chart.validate_schema(values)
    except helm_python.HelmError:
        fits = False
    else:
        fits = True
    assert verdict(inlined(CHART_SCHEMA))(_as_helm_sees(values)) == fits


def _as_helm_sees(values: Any, defaults: Any = DEFAULTS) -> Any:
    """Helm lays values over the chart's defaults, where null removes; without a default there, null is a value."""
    merged = dict(defaults)
    for key, value in values.items():
        if value is None and key in defaults:
            del merged[key]
        elif isinstance(value, dict) and isinstance(defaults.get(key), dict):
            merged[key] = _as_helm_sees(value, defaults[key])
        else:
            merged[key] = value
    return merged
