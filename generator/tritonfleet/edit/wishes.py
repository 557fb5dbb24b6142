"""What people ask for as KEY=VALUE: the path that a key means, and the value that the schema wants there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tritonfleet.problem import Invalid
from tritonfleet.validate import Schema, editor_schemas, inlined
from tritonfleet.values import STEP, KeyPath, parse_path
from tritonfleet.yaml import read

_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A value that is wanted at a path of a model's values; `is_gone` when none is wanted there."""

    path: KeyPath
    value: Any = None
    is_gone: bool = False


def key_path(key: str) -> KeyPath:
    """The path that a key means. Raises ValueError for what is no key."""
    rest = STEP.sub("", key).replace(".", "")
    path = parse_path(key)
    if rest or not path or isinstance(path[0], int):
        raise ValueError(f"`{key}` is not a key like image.tag or tolerations[0].key")
    return path


def wish(words: str, schema: Schema) -> Wish:
    """What KEY=VALUE asks for; `schema` is the one of the model's values. Raises ValueError for other words."""
    key, equals, text = words.partition("=")
    if not equals:
        raise ValueError(f"`{words}` is not KEY=VALUE")
    path = key_path(key)
    return Wish(path, _typed(text, _schema_at(schema, path)))


def entry_schema(chart: Mapping[str, Any]) -> Schema:
    """The schema of an entry, of a chart's schema of values."""
    models = inlined(editor_schemas(chart)["models"])
    entry: Schema = models["properties"]["models"]["items"]
    return entry


def _schema_at(schema: Schema, path: KeyPath) -> Schema:
    """The schema of the value at a path; an empty one, which everything fits, where nothing is said of it."""
    for step in path:
        schema = _inner(schema, step)
    return schema


def _inner(schema: Schema, step: str | int) -> Schema:
    """Of a key what is said of it by name, else by its form, else of all others."""
    if isinstance(step, int):
        return _schema(schema.get("items"))
    properties = schema.get("properties", {})
    if step in properties:
        return _schema(properties[step])
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, step):
            return _schema(inner)
    return _schema(schema.get("additionalProperties"))


def _schema(schema: Any) -> Schema:
    return schema if isinstance(schema, dict) else {}


def _typed(text: str, schema: Schema) -> Any:
    """Text where the schema wants text, and else what the text says as YAML."""
    wanted = _types_of(schema)
    is_text = wanted - {"null"} == {"string"}
    if is_text or text in schema.get("enum", ()):
        return text
    value = _as_yaml(text)
    if value is None or "string" not in wanted:
        return value
    # Where text is one of several types, it is what none of the others takes.
    own_type = _TYPES[type(value)]
    return value if own_type in wanted else text


def _types_of(schema: Schema) -> set[str]:
    """The types that a value may have; none where nothing is said of it."""
    types = schema.get("type", [])
    if isinstance(types, str):
        return {types}
    return set(types)


def _as_yaml(text: str) -> Any:
    """What a text says as YAML; the text itself where it says nothing."""
    try:
        return read("", text.encode()).data
    except (Invalid, UnicodeEncodeError):
        return text
