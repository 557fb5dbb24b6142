"""The chart's `values.schema.json` is the one contract; the schemas of what people write are derived from it.

*partial* (a layer): closed and typed, nothing required, null allowed, conditions dropped.
*entry*, *patch*, *defaults*: partial and the generator's own keys.
*complete* (chart defaults + a release's values): the chart's schema and the two things that Helm is told by `fail`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple, TypeAlias

Schema: TypeAlias = dict[str, Any]

_CONDITIONS = frozenset({"if", "then", "else", "allOf", "anyOf"})
_COMPLETENESS = frozenset(
    {"required", "minProperties", "maxProperties", "dependencies"}
)
_DEFINITIONS = "#/definitions/"
_NEITHER_TAG_NOR_DIGEST: Schema = {
    "properties": {"tag": {"const": ""}, "digest": {"const": ""}},
    "required": ["tag", "digest"],
}
_SAY_WHICH_SERVER = (
    "say which server to run: set `image.tag`, like 24.10-py3, or `image.digest`; "
    "a fleet sets it once, in `defaults.image`"
)


def inlined(schema: Mapping[str, Any]) -> Schema:
    """The schema with each local `$ref` replaced by what it names; keywords beside a `$ref` win."""
    whole: Schema = _inlined(schema, schema.get("definitions", {}))
    return whole


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The same of any part of it."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    beside = {
        key: _inlined(value, definitions)
        for key, value in schema.items()
        if key not in {"$ref", "definitions"}
    }
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return beside
    named = _inlined(_definition(reference, definitions), definitions)
    return {**named, **beside, **_description(named, beside)}


def _definition(reference: str, definitions: Mapping[str, Any]) -> Any:
    """What `#/definitions/…` points to, at any depth."""
    schema: Any = definitions
    for step in reference.removeprefix(_DEFINITIONS).split("/"):
        schema = schema[step]
    return schema


def _description(named: Schema, beside: Schema) -> Schema:
    """The description beside a `$ref` with the form below it that the named schema's gives.

    A description may have two lines: what the value is for, and which form it has.
    """
    if "description" not in named or "description" not in beside:
        return {}
    _, _, form = named["description"].rpartition("\n")
    meaning = beside["description"]
    return {"description": f"{meaning}\n{form}"}


def partial(schema: Schema) -> Schema:
    """What a layer may say of a value: as the schema, but nothing needs to be there, and null removes."""
    kept = _without_demands(schema)
    for keyword in ("properties", "patternProperties"):
        if keyword in kept:
            schemas = kept[keyword].items()
            kept[keyword] = {key: _removable(inner) for key, inner in schemas}
    others = kept.get("additionalProperties")
    if isinstance(others, dict):
        kept["additionalProperties"] = _removable(others)
    return kept


def _without_demands(schema: Schema) -> Schema:
    """What a schema says of values that are there: nothing about those that must be, or go together."""
    dropped = _CONDITIONS | _COMPLETENESS
    return {key: value for key, value in schema.items() if key not in dropped}


def _removable(schema: Schema) -> Schema:
    """The same for a value with a key: null removes it."""
    kept = partial(schema)
    if "type" in kept:
        types = kept["type"]
        if not isinstance(types, list):
            types = [types]
        kept["type"] = [*types, "null"]
    if "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    return kept


def complete(chart: Mapping[str, Any]) -> Schema:
    """Schema of chart defaults and a release's values together."""
    schema = inlined(chart)
    properties = dict(schema["properties"])
    repository = properties.get("repository")
    image = properties.get("image")
    if repository is not None:
        properties["repository"] = {**repository, "minProperties": 1}
    if image is not None:
        properties["image"] = _with_tag_or_digest(image)
    return {**schema, "properties": properties}


def _with_tag_or_digest(image: Schema) -> Schema:
    never = {"description": _SAY_WHICH_SERVER, "not": {}}
    condition = {"if": _NEITHER_TAG_NOR_DIGEST, "then": never}
    conditions = [*image.get("allOf", ()), condition]
    return {**image, "allOf": conditions}


def editor_schemas(chart: Mapping[str, Any]) -> dict[str, Schema]:
    """Self-contained schemas of the files that people write: fleet, environment and models."""
    envelope = _envelope()
    layers = _layers(chart, envelope["generatorKeys"])
    definitions = {**envelope["definitions"], **layers}
    return {
        name: _self_contained(envelope[name], definitions)
        for name in ("fleet", "environment", "models")
    }


def _envelope() -> dict[str, Any]:
    """What is the generator's own in those files, around the chart's values."""
    file = resources.files(__package__) / "envelope.json"
    envelope: dict[str, Any] = json.loads(file.read_text("utf-8"))
    for name in ("fleet", "environment"):
        # The same keys in both, but only the fleet must have some of them: JSON Schema has no word for that.
        gitops = envelope[name]["properties"]["gitops"]
        gitops["properties"] = envelope["gitopsKeys"]
    return envelope


class _Layer(NamedTuple):
    """A part of those files that sets values: what is said of it, and the generator's keys that it has besides."""

    description: str
    own_keys: tuple[str, ...]


_PARTIAL = "Values of the chart; what is left out comes from the layers below."
_LAYERS = {
    "defaults": _Layer(
        "Values of the chart for every release; each layer above may change them.",
        ("profile", "gitops"),
    ),
    "patch": _Layer(
        "Values of the chart for one entry in this environment.",
        ("profile", "suspend", "gitops"),
    ),
    "entry": _Layer(
        "A model: the chart's values and `name`, `profile`, `environments`, `suspend`, `gitops`.",
        ("name", "profile", "environments", "suspend", "gitops"),
    ),
}


def _layers(
    chart: Mapping[str, Any], generator_keys: Mapping[str, Any]
) -> dict[str, Schema]:
    """Definitions of what sets values: a profile (`partial`), `defaults`, a `patch` and an `entry`."""
    values = partial(inlined(chart))
    for keyword in ("$schema", "title"):
        values.pop(keyword, None)  # of a file, not of a part
    # The others name the properties of `partial` instead of having them again, thousands of lines each.
    references = {
        key: {"$ref": f"{_DEFINITIONS}partial/properties/{key}"}
        for key in values["properties"]
    }

    profile = {**values["properties"], "gitops": generator_keys["gitops"]}
    layers: dict[str, Schema] = {}
    layers["partial"] = {**values, "description": _PARTIAL, "properties": profile}
    for name, layer in _LAYERS.items():
        own = {key: generator_keys[key] for key in layer.own_keys}
        properties = {**own, **references}
        words = {"description": layer.description, "properties": properties}
        layers[name] = {**values, **words}
    layers["entry"]["required"] = ["name"]
    return layers


def _self_contained(schema: Schema, definitions: Mapping[str, Any]) -> Schema:
    """One file's schema with the definitions that it reaches, as they are named there."""
    reached: dict[str, Schema] = {}
    _reach(schema, definitions, reached)
    by_name = dict(sorted(reached.items()))
    return {**schema, "definitions": by_name}


def _reach(
    schema: Any, definitions: Mapping[str, Any], reached: dict[str, Schema]
) -> None:
    """Adds to `reached` the definitions that the schema names, and those that they name."""
    for name in _names(schema):
        if name not in reached:
            reached[name] = definitions[name]
            _reach(definitions[name], definitions, reached)


def _names(schema: Any) -> Iterator[str]:
    """The definitions that a schema, or a part of one, names anywhere."""
    if isinstance(schema, list):
        for item in schema:
            yield from _names(item)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            reference = schema["$ref"].removeprefix(_DEFINITIONS)
            name, _, _ = reference.partition("/")
            yield name
        for value in schema.values():
            yield from _names(value)
