"""JSON Schema validators: a fast verdict, and every error in detail. Neither ever asks a network for a `$ref`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from tritonfleet.validate.schemas import Schema


def verdict(schema: Schema) -> Callable[[Any], bool]:
    """A function that says whether data fits; in Rust where jsonschema-rs is installed (extra `fast`)."""
    try:
        import jsonschema_rs
    except ImportError:
        validator = _validator(schema)
        return lambda data: bool(validator.is_valid(data))
    return jsonschema_rs.Draft7Validator(schema, retriever=_refuse, validate_formats=False).is_valid


def errors(schema: Schema, data: Any) -> Iterator[Any]:
    """Every error, as jsonschema's ValidationError."""
    return iter(_validator(schema).iter_errors(data))


def _refuse(uri: str) -> Any:
    raise LookupError(f"{uri} is not part of the schema")


def _validator(schema: Schema) -> Any:
    from referencing import Registry

    return _class()(schema, registry=Registry())


@lru_cache(maxsize=1)
def _class() -> Any:
    """Draft 7, but `$` is the end of the text and nothing else: a trailing line break does not fit."""
    from jsonschema import Draft7Validator
    from jsonschema.validators import extend

    make: Any = extend
    return make(Draft7Validator, {"pattern": _pattern, "patternProperties": _pattern_properties})


def _pattern(_: Any, pattern: str, instance: Any, __: Schema) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Schema], instance: Any, _: Schema
) -> Iterator[Any]:
    for pattern, schema in patterns.items() if isinstance(instance, dict) else ():
        for key, value in instance.items():
            if matches(pattern, key):
                yield from validator.descend(value, schema, path=key, schema_path=pattern)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"(?<!\\)\$(?=\)|\||\Z)", r"\\Z", pattern), re.ASCII)


def matches(pattern: str, text: str) -> bool:
    """Whether a schema's pattern fits, with `$` as the end of the text and classes of ASCII."""
    return _compiled(pattern).search(text) is not None
