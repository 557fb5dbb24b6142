"""Entries that hypothesis draws: values that the schema describes, and real entries with something changed.

What the schema leaves open to Kubernetes (affinity, volumes, podTemplate, …) is taken from real entries: the files of
charts/triton/ci, the chart's good and bad cases and the golden fleets, and then changed like everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.chart.helm import CHART, ROOT

Values = dict[str, Any]

SMALLEST: Values = {"repository": {"image": {"path": "/models"}}}
# What people get wrong, or what other readers of YAML read differently.
ODD_TEXTS = [
    "", "no", "null", "y", "1", "0", "1e3", "-", "a..b", "a.-b", ".", "A b", "é", "x" * 64, "x" * 300, "$(HOME)",
    "{{ . }}", "tmp", "shm", "models", "triton", "fetch", "/tmp", "/dev/shm", "0s", "100%", "999%", "Never", "http",
    "host", "1.5Gi", "10Mi",
]  # fmt: skip
ODD_NUMBERS = [-1, 0, 1, 2, 65535, 65536, 2**31, 2**53, 0.5, 1e-5]
# The reader refuses other characters before anybody sees an entry.
VISIBLE = st.characters(exclude_categories=["C", "Z"])
ASCII = st.characters(codec="ascii", exclude_categories=["C"])


@cache
def schema() -> Mapping[str, Any]:
    """The chart's own schema."""
    found: Mapping[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    return found


@cache
def real() -> tuple[Values, ...]:
    """Values that people could have written, each with what it needs to stand alone."""
    return tuple(_with_smallest(values) for values in _found() if values)


def _found() -> Iterator[Values]:
    for path in sorted((CHART / "ci").glob("*-values.yaml")):
        yield yaml.safe_load(path.read_text())
    for path in sorted((ROOT / "tests" / "chart" / "cases").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            yield case.get("values")
    lists = [
        *(ROOT / "values" / "models").rglob("*.yaml"),
        *(ROOT / "tests" / "generator" / "cases" / "valid").glob(
            "*/values/models/**/*.yaml"
        ),
        *(ROOT / "tests" / "field").glob("*.yaml"),
    ]
    for path in sorted(lists):
        yield from yaml.safe_load(path.read_text()).get("models") or ()


def _with_smallest(values: Values) -> Values:
    generator_keys = ("name", "profile", "environments", "suspend")
    kept = {key: value for key, value in values.items() if key not in generator_keys}
    if not kept.get("repository"):
        kept = {**kept, **SMALLEST}
    return kept


@cache
def _examples() -> Mapping[str, list[Any]]:
    """Real values by the name of their key, wherever it stands: for what the schema leaves open."""
    found: dict[str, list[Any]] = {}

    def collect(values: Any) -> None:
        if isinstance(values, dict):
            for key, value in values.items():
                found.setdefault(key, []).append(value)
                collect(value)
        elif isinstance(values, list):
            for value in values:
                collect(value)

    for values in real():
        collect(values)
    return found


@st.composite
def entries(draw: DrawFn) -> Values:
    """A model entry's values: half of them described by the schema, half real ones with one to three changes."""
    if draw(st.booleans()):
        values = _described(draw)
    else:
        values = deepcopy(draw(st.sampled_from(real())))
        for _ in range(draw(st.integers(1, 3))):
            _change(draw, values)
    return values


def _described(draw: DrawFn) -> Values:
    """The smallest entry and one to four root keys as the schema describes them."""
    properties = schema()["properties"]
    keys = draw(
        st.lists(
            st.sampled_from(sorted(properties)), min_size=1, max_size=4, unique=True
        )
    )
    values = deepcopy(SMALLEST)
    for key in keys:
        values[key] = draw(fitting(properties[key], key))
    return values


def fitting(part: Mapping[str, Any], key: str) -> SearchStrategy[Any]:
    """Values that a part of the schema describes; conditions between keys are left to the judge."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return fitting(schema()["definitions"][name], key)
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    kinds = part.get("type", "object")
    kind = kinds if isinstance(kinds, str) else sorted(kinds)[0]
    if isinstance(kinds, list):
        return st.one_of([fitting({**part, "type": each}, key) for each in kinds])
    if kind == "boolean":
        return st.booleans()
    if kind in ("integer", "number"):
        return _numbers(part, kind)
    if kind == "string":
        return _texts(part)
    if kind == "array":
        return _lists(part, key)
    if kind == "object":
        return _mappings(part, key)
    return st.none()


def _numbers(part: Mapping[str, Any], kind: str) -> SearchStrategy[Any]:
    least = part.get("minimum", part.get("exclusiveMinimum", 0))
    most = part.get("maximum", part.get("exclusiveMaximum", 2**31))
    edges = [least, most, min(least + 1, most)]
    if kind == "integer":
        return st.one_of(st.sampled_from(edges), st.integers(int(least), int(most)))
    return st.one_of(st.sampled_from(edges), st.floats(least, most))


def _texts(part: Mapping[str, Any]) -> SearchStrategy[str]:
    longest = part.get("maxLength", 40)
    if "pattern" not in part:
        return st.one_of(
            st.sampled_from(ODD_TEXTS), st.text(VISIBLE, max_size=min(longest, 40))
        )
    text = st.from_regex(part["pattern"], fullmatch=True, alphabet=ASCII)
    return text.filter(lambda each: len(each) <= longest)


def _lists(part: Mapping[str, Any], key: str) -> SearchStrategy[list[Any]]:
    if "items" not in part:
        return _open(key, [])
    items = st.lists(
        fitting(part["items"], key), min_size=part.get("minItems", 0), max_size=3
    )
    return st.one_of(items, _open(key, []))


def _mappings(part: Mapping[str, Any], key: str) -> SearchStrategy[Any]:
    described = part.get("properties", {})
    patterns = part.get("patternProperties", {})
    others = part.get("additionalProperties", True)
    if not described and not patterns:
        if not isinstance(others, Mapping):
            return _open(key, {})
        names = part.get("propertyNames", {"type": "string", "pattern": "^[a-z]{1,9}$"})
        return st.dictionaries(_texts(names), fitting(others, key), max_size=2)
    required = {
        name: fitting(described[name], name)
        for name in part.get("required", ())
        if name in described
    }
    # Not all at once: most of what goes wrong is between two keys.
    return st.one_of(
        [_some(required, described, patterns, name) for name in sorted(described)]
        or [_some(required, described, patterns, "")]
    )


@st.composite
def _some(
    draw: DrawFn,
    required: Mapping[str, SearchStrategy[Any]],
    described: Mapping[str, Any],
    patterns: Mapping[str, Any],
    first: str,
) -> Values:
    """What must be there, one key that is asked for, and perhaps another two."""
    values = {name: draw(strategy) for name, strategy in required.items()}
    names = [first] if first else []
    if described:
        names += draw(st.lists(st.sampled_from(sorted(described)), max_size=2))
    for name in names:
        values.setdefault(name, draw(fitting(described[name], name)))
    for pattern, part in patterns.items():
        if not described or draw(st.booleans()):
            values[draw(_texts({"pattern": pattern}))] = draw(fitting(part, pattern))
    return values


def _open(key: str, empty: Any) -> SearchStrategy[Any]:
    """A real value of the key, or nothing."""
    found = [each for each in _examples().get(key, ()) if type(each) is type(empty)]
    return st.sampled_from([empty, *found]).map(deepcopy)


def _change(draw: DrawFn, values: Values) -> None:
    """One thing becomes another: a leaf, a key that goes or comes, an item that is there twice."""
    holder, key = draw(st.sampled_from(list(_places(values))))
    how = draw(st.sampled_from(["odd", "odd", "remove", "twice", "example", "add"]))
    value = holder[key]
    if how == "remove" and not (holder is values and key == "repository"):
        del holder[key]
    elif how == "twice" and isinstance(value, list) and value:
        value.append(deepcopy(draw(st.sampled_from(value))))
    elif how == "example":
        found = _examples().get(str(key), [value])
        holder[key] = deepcopy(draw(st.sampled_from(found)))
    elif how == "add":
        name = draw(st.sampled_from(sorted(schema()["properties"])))
        values[name] = draw(fitting(schema()["properties"][name], name))
    elif isinstance(value, str):
        holder[key] = draw(st.sampled_from(ODD_TEXTS))
    elif isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, (int, float)):
        holder[key] = draw(st.sampled_from(ODD_NUMBERS))


def _places(values: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what holds it, and its key or index."""
    pairs: Any = ()
    if isinstance(values, dict):
        pairs = list(values.items())
    elif isinstance(values, list):
        pairs = list(enumerate(values))
    for key, value in pairs:
        yield values, key
        yield from _places(value)
