"""The chart's `values.schema.json` is the one contract; the schemas of what people write are derived from it.

*partial* (a layer): closed and typed, nothing required, null allowed, conditions dropped.
*entry*, *patch*, *defaults*: partial and the generator's own keys.
*complete* (chart defaults + a release's values): the chart's schema and the two things that Helm is told by `fail`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

_CONDITIONS = frozenset({"if", "then", "else", "allOf", "anyOf"})
_COMPLETENESS = frozenset(
    {"required", "minProperties", "maxProperties", "dependencies"}
)
_DEFINITIONS = "#/definitions/"


def inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with each local `$ref` replaced by what it names; keywords beside a `$ref` win.

    A description may have two lines: what the value is for, and which form it has. Of what a `$ref` names, the form is
    kept below the description beside it.
    """
    if isinstance(schema, list):
        return [inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    beside = {
        key: inlined(value, definitions)
        for key, value in schema.items()
        if key not in {"$ref", "definitions"}
    }
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return beside
    named = inlined(_definition(reference, definitions), definitions)
    merged = {**named, **beside}
    if "description" in beside and "description" in named:
        form = named["description"].rpartition("\n")[2]
        merged["description"] = beside["description"] + "\n" + form
    return merged


def _definition(reference: str, definitions: Mapping[str, Any]) -> Any:
    """What `#/definitions/…` points to, at any depth."""
    schema: Any = definitions
    for step in reference.removeprefix(_DEFINITIONS).split("/"):
        schema = schema[step]
    return schema


def partial(schema: Schema) -> Schema:
    """What a layer may say of a value: as the schema, but nothing needs to be there, and null removes."""
    dropped = _CONDITIONS | _COMPLETENESS
    kept = {
        keyword: value for keyword, value in schema.items() if keyword not in dropped
    }
    for keyword in ("properties", "patternProperties"):
        if keyword in kept:
            schemas = kept[keyword].items()
            kept[keyword] = {key: _nullable(partial(inner)) for key, inner in schemas}
    others = kept.get("additionalProperties")
    if isinstance(others, dict):
        kept["additionalProperties"] = _nullable(partial(others))
    return kept


def _nullable(schema: Schema) -> Schema:
    kept = dict(schema)
    types = kept.get("type")
    if isinstance(types, list):
        kept["type"] = [*types, "null"]
    elif types:
        kept["type"] = [types, "null"]
    if "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    return kept


def complete(chart: Mapping[str, Any]) -> Schema:
    """Schema of chart defaults and a release's values together."""
    schema: Schema = inlined(chart, chart.get("definitions", {}))
    properties = dict(schema["properties"])
    if "repository" in properties:
        properties["repository"] = {**properties["repository"], "minProperties": 1}
    if "image" in properties:
        properties["image"] = _with_tag_or_digest(properties["image"])
    return {**schema, "properties": properties}


def _with_tag_or_digest(image: Schema) -> Schema:
    neither = {
        "properties": {"tag": {"const": ""}, "digest": {"const": ""}},
        "required": ["tag", "digest"],
    }
    words = (
        "say which server to run: set `image.tag`, like 24.10-py3, or `image.digest`; "
        "a fleet sets it once, in `defaults.image`"
    )
    condition = {"if": neither, "then": {"description": words, "not": {}}}
    return {**image, "allOf": [*image.get("allOf", ()), condition]}


def editor_schemas(chart: Mapping[str, Any]) -> dict[str, Schema]:
    """Self-contained schemas of the files that people write: fleet, environment and models."""
    envelope = _envelope()
    definitions = {
        **envelope["definitions"],
        **_layers(chart, envelope["generatorKeys"]),
    }
    schemas: dict[str, Schema] = {
        name: envelope[name] for name in ("fleet", "environment", "models")
    }
    for name in ("fleet", "environment"):
        # The same keys in both, but only the fleet must have some of them: JSON Schema has no word for that.
        schemas[name]["properties"]["gitops"]["properties"] = envelope["gitopsKeys"]
    return {
        name: _self_contained(schema, definitions) for name, schema in schemas.items()
    }


def _envelope() -> dict[str, Any]:
    """What is the generator's own in those files, around the chart's values."""
    text = resources.files(__package__).joinpath("envelope.json").read_text("utf-8")
    envelope: dict[str, Any] = json.loads(text)
    return envelope


def _layers(
    chart: Mapping[str, Any], generator_keys: Mapping[str, Any]
) -> dict[str, Schema]:
    """Definitions of what sets values: a profile (`partial`), `defaults`, a `patch` and an `entry`."""
    values = partial(inlined(chart, chart.get("definitions", {})))
    for keyword in ("$schema", "title"):
        values.pop(keyword, None)  # of a file, not of a part
    # The others name the properties of `partial` instead of having them again, thousands of lines each.
    named = {
        key: {"$ref": f"{_DEFINITIONS}partial/properties/{key}"}
        for key in values["properties"]
    }

    def layer(description: str, *keys: str) -> Schema:
        properties = {key: generator_keys[key] for key in keys}
        return {
            **values,
            "description": description,
            "properties": {**properties, **named},
        }

    return {
        "partial": {
            **values,
            "description": "Values of the chart; what is left out comes from the layers below.",
        },
        "defaults": layer(
            "Values of the chart for every release; each layer above may change them.",
            "profile",
        ),
        "patch": layer(
            "Values of the chart for one entry in this environment.",
            "profile",
            "suspend",
        ),
        "entry": {
            **layer(
                "A model: the chart's values and `name`, `profile`, `environments`, `suspend`.",
                *generator_keys,
            ),
            "required": ["name"],
        },
    }


def _self_contained(schema: Schema, definitions: Mapping[str, Any]) -> Schema:
    """One file's schema with the definitions that it reaches, as they are named there."""
    reached: dict[str, Schema] = {}
    _reach(schema, definitions, reached)
    by_name = dict(sorted(reached.items()))
    return {**schema, "definitions": by_name}


def _reach(
    schema: Any, definitions: Mapping[str, Any], reached: dict[str, Schema]
) -> None:
    """Adds to `reached` what the schema refers to, and what that refers to."""
    if isinstance(schema, list):
        for item in schema:
            _reach(item, definitions, reached)
    if not isinstance(schema, dict):
        return
    reference = str(schema.get("$ref", ""))
    name = reference.removeprefix(_DEFINITIONS).partition("/")[0]
    if name and name not in reached:
        reached[name] = definitions[name]
        _reach(definitions[name], definitions, reached)
    for value in schema.values():
        _reach(value, definitions, reached)
