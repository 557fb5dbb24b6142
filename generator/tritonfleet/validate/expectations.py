"""What was expected, in words that people know: what a schema says about the value that belongs in a place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from tritonfleet.validate.schemas import Schema

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}
_CONTAINERS = {"object", "array"}


def types_of(schema: Schema) -> list[str]:
    """JSON types that a value may have; null, which removes a value in a layer, only where it is the only one."""
    types = schema.get("type", [])
    if isinstance(types, str):
        return [types]
    return [each for each in types if each != "null"]


def either(words: Iterable[object]) -> str:
    """`a`, `a or b`, `a, b or c`; empty text as two quotes."""
    shown = [str(word) or '""' for word in words]
    if not shown:
        return ""
    *others, last = shown
    if not others:
        return last
    before = ", ".join(others)
    return f"{before} or {last}"


def allowed_words(words: Iterable[Any]) -> list[str]:
    """Values of an `enum` as YAML writes them, without the null of a layer."""
    return [_as_written(word) for word in words if word is not None]


def _as_written(word: Any) -> str:
    if isinstance(word, str):
        return word
    return json.dumps(word)


def kind(schema: Schema) -> str:
    """What belongs where this schema is: one of some words, a form, or a type; "" when anything may be there."""
    if "enum" in schema:
        return either(allowed_words(schema["enum"]))
    types = types_of(schema)
    words = form(schema)
    if words and _CONTAINERS.isdisjoint(types):
        return words
    return either(KINDS[each] for each in types)


def kind_by_type(schema: Schema) -> str:
    """The same for a value of another type: a form of text says that it is text, which 600 for 600s is not."""
    words = kind(schema)
    if types_of(schema) == ["string"] and words == form(schema):
        return f"text, {words}"
    return words


def explained(expectation: str, schema: Schema) -> str:
    """An expectation, and what the value is for: `true or false (Serve HTTP)`."""
    meaning = _meaning(schema)
    if not expectation:
        return meaning
    if meaning.lower() in expectation.lower():
        return expectation
    return f"{expectation} ({meaning})"


def _meaning(schema: Schema) -> str:
    """The first statement of a description: what the value is for."""
    first_line, _, _ = description(schema).partition("\n")
    statement = re.split(r"[.;] ", first_line)[0]
    return statement.removesuffix(".")


def form(schema: Schema) -> str:
    """How a text or number must look, which is what a description's second line says; "" when it has one line."""
    _, _, words = description(schema).partition("\n")
    first, others = words[:1], words[1:]
    if others[:1].isupper():  # as in URL
        return words
    return first.lower() + others


def description(schema: Schema) -> str:
    """The description without its last full stop."""
    text = str(schema.get("description", ""))
    return text.removesuffix(".")


def counted(number: int, thing: str) -> str:
    """`one key`, `2 keys`."""
    if number == 1:
        return f"one {thing}"
    return f"{number} {thing}s"
