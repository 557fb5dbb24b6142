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
_COMPLETENESS = frozenset({"required", "minProperties", "maxProperties", "dependencies"})
_BY_KEY = ("properties", "patternProperties")


def inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with each local `$ref` replaced by what it names; words beside a `$ref` come before its own."""
    if isinstance(schema, list):
        return [inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    beside = {
        key: inlined(value, definitions)
        for key, value in schema.items()
        if key not in {"$ref", "definitions"}
    }
    if not isinstance(reference := schema.get("$ref"), str):
        return beside
    named = inlined(_at(reference, definitions), definitions)
    words = " ".join(each["description"] for each in (beside, named) if "description" in each)
    return {**named, **beside, **({"description": words} if words else {})}


def _at(reference: str, definitions: Mapping[str, Any]) -> Any:
    """What `#/definitions/…` points to, at any depth."""
    found: Any = definitions
    for step in reference.removeprefix("#/definitions/").split("/"):
        found = found[step]
    return found


def partial(schema: Schema) -> Schema:
    """What a layer may say of a value: as the schema, but nothing needs to be there, and null removes."""
    kept = {key: value for key, value in schema.items() if key not in _CONDITIONS | _COMPLETENESS}
    for keyword in _BY_KEY:
        if keyword in kept:
            kept[keyword] = {key: _nullable(partial(value)) for key, value in kept[keyword].items()}
    if isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = _nullable(partial(kept["additionalProperties"]))
    return kept


def _nullable(schema: Schema) -> Schema:
    kept = dict(schema)
    if "type" in kept:
        types = kept["type"] if isinstance(kept["type"], list) else [kept["type"]]
        kept["type"] = [*types, "null"]
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
        without = {
            "properties": {"tag": {"const": ""}, "digest": {"const": ""}},
            "required": ["tag", "digest"],
        }
        words = "say which server: `image.tag`, like 24.10-py3, or `image.digest`; a fleet says it in `defaults.image`"
        condition = {"if": without, "then": {"description": words, "not": {}}}
        image = properties["image"]
        properties["image"] = {**image, "allOf": [*image.get("allOf", ()), condition]}
    return {**schema, "properties": properties}


def editor_schemas(chart: Mapping[str, Any]) -> dict[str, Schema]:
    """Self-contained schemas of the files that people write: fleet, environment and models."""
    envelope = _envelope()
    definitions = {**envelope["definitions"], **_layers(chart, envelope["generatorKeys"])}
    return {
        name: _document(envelope[name], definitions) for name in ("fleet", "environment", "models")
    }


def _envelope() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("envelope.json").read_text("utf-8")
    envelope: dict[str, Any] = json.loads(text)
    return envelope


def _layers(chart: Mapping[str, Any], generator: Mapping[str, Any]) -> dict[str, Schema]:
    values = partial(inlined(chart, chart.get("definitions", {})))
    values = {key: value for key, value in values.items() if key not in {"$schema", "title"}}

    def with_keys(description: str, *keys: str, required: tuple[str, ...] = ()) -> Schema:
        said = {
            key: {"$ref": f"#/definitions/partial/properties/{key}"} for key in values["properties"]
        }
        properties = {**{key: generator[key] for key in keys}, **said}
        needed = {"required": list(required)} if required else {}
        return {**values, **needed, "description": description, "properties": properties}

    return {
        "partial": {
            **values,
            "description": "Values of the chart; what is left out comes from the layers below.",
        },
        "defaults": with_keys(
            "Values of the chart for every release; each layer above may change them.", "profile"
        ),
        "patch": with_keys(
            "Values of the chart for one entry in this environment.", "profile", "suspend"
        ),
        "entry": with_keys(
            "A model: the chart's values and `name`, `profile`, `environments`, `suspend`.",
            *generator,
            required=("name",),
        ),
    }


def _document(document: Schema, definitions: Mapping[str, Any]) -> Schema:
    """One file's schema with the definitions that it reaches, as they are named there."""
    document = {**document, "properties": _spread(document["properties"], definitions)}
    used: dict[str, Any] = {}
    _reach(document, definitions, used)
    return {**document, "definitions": {name: used[name] for name in sorted(used)}}


def _spread(properties: Any, definitions: Mapping[str, Any]) -> Any:
    """`{"properties": {"$ref": …}}` names a table of properties that two documents share; editors want it in place."""
    if not isinstance(properties, dict):
        return properties
    spread = {}
    for key, value in properties.items():
        if key == "properties" and isinstance(value, dict) and set(value) == {"$ref"}:
            value = definitions[value["$ref"].removeprefix("#/definitions/")]
        spread[key] = _spread(value, definitions)
    return spread


def _reach(schema: Any, definitions: Mapping[str, Any], used: dict[str, Any]) -> None:
    if isinstance(schema, list):
        for item in schema:
            _reach(item, definitions, used)
    if not isinstance(schema, dict):
        return
    name = str(schema.get("$ref", "")).removeprefix("#/definitions/").partition("/")[0]
    if name and name not in used:
        used[name] = definitions[name]
        _reach(definitions[name], definitions, used)
    for value in schema.values():
        _reach(value, definitions, used)
