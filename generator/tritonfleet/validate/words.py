"""A schema error in the user's words: what is wrong where, what was expected, and what was probably meant."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from tritonfleet.problem import Position, Problem, similar
from tritonfleet.validate.engine import matches
from tritonfleet.validate.expectations import (
    KINDS,
    allowed_words,
    counted,
    description,
    either,
    explained,
    form,
    kind,
    kind_by_type,
    types_of,
)
from tritonfleet.validate.schemas import Schema
from tritonfleet.validate.secrets import has_secret
from tritonfleet.values import KeyPath, dotted

if TYPE_CHECKING:
    from jsonschema import ValidationError

LONGEST_SHOWN = 60  # characters of a value
MOST_KEYS = 12  # that a message lists
KEY_FORM = "letters, digits, - _ . and, where names have it, /"


@dataclass(frozen=True, slots=True)
class Place:
    """How to find a value in what people wrote: its position, the text as written, and whose model it is about."""

    position: Callable[[KeyPath, bool], Position]
    written: Callable[[KeyPath], str]
    subject: str = ""
    depth: int = 0
    """Steps that every path begins with and no message says: `models[3]` is the entry that `subject` names."""

    def name(self, path: KeyPath) -> str:
        """A path as messages write it."""
        return dotted(path[self.depth :])

    def holder(self, path: KeyPath) -> str:
        """A mapping as messages call it."""
        name = self.name(path)
        if name:
            return f"`{name}`"
        if self.subject:
            return f"entry `{self.subject}`"
        if self.depth:
            return "a model entry"
        return "this file"


@dataclass(frozen=True, slots=True)
class Misfit:
    """One keyword of a schema that a value breaks: jsonschema's ValidationError with types."""

    path: KeyPath
    value: Any
    keyword: str
    limit: Any
    """What the keyword says: 1000 for `maximum`, a list of names for `required`."""
    schema: Schema
    steps: frozenset[str]
    """Keywords and keys on the way from the root to the schema."""
    message: str
    place: Place

    def problem(self, code: str, what: str, expectation: str = "", hint: str = "") -> Problem:
        """The problem of the value; its message is the value's name and `what`."""
        name = self.place.name(self.path)
        message = f"{name}: {what}" if name else what
        position = self.place.position(self.path, False)
        return Problem(position, code, message, expectation, hint, subject=self.place.subject)

    def problem_of(self, key: str, code: str, what: str, expectation: str, hint: str) -> Problem:
        """The problem of a key of the value."""
        position = self.place.position((*self.path, key), True)
        return Problem(position, code, what, expectation, hint, subject=self.place.subject)


def problems(error: ValidationError, place: Place) -> Iterator[Problem]:
    """The problems that an error stands for: one, or one for each unknown key."""
    misfit = Misfit(
        path=tuple(error.absolute_path),
        value=error.instance,
        keyword=str(error.validator),
        limit=error.validator_value,
        schema=cast(Schema, error.schema),
        steps=frozenset(map(str, error.absolute_schema_path)),
        message=error.message,
        place=place,
    )
    if "propertyNames" in misfit.steps:
        yield _bad_key(misfit)
    elif misfit.keyword == "additionalProperties":
        yield from _unknown_keys(misfit)
    elif _is_condition(misfit):
        # The schema's own words say what to do.
        yield misfit.problem("TF054", description(misfit.schema) or "does not go with other values")
    else:
        explain = EXPLANATIONS.get(misfit.keyword, _other)
        yield explain(misfit)


def _is_condition(misfit: Misfit) -> bool:
    if misfit.keyword == "not":
        return True
    return not misfit.steps.isdisjoint({"then", "else"}) and "description" in misfit.schema


def _bad_key(misfit: Misfit) -> Problem:
    """A key that has not the form which all keys of its mapping must have."""
    key = str(misfit.value)
    what = f"{_shown(key)} cannot be a key of {misfit.place.holder(misfit.path)}"
    return misfit.problem_of(key, "TF052", what, form(misfit.schema) or KEY_FORM, _foreign(key))


def _unknown_keys(misfit: Misfit) -> Iterator[Problem]:
    """Keys that a closed mapping does not have: not among its own, or not of the form that it asks for."""
    schemas: Mapping[str, Schema] = misfit.schema.get("properties", {})
    patterns: Mapping[str, Schema] = misfit.schema.get("patternProperties", {})
    holder = misfit.place.holder(misfit.path)
    known = [key for key, schema in schemas.items() if "not" not in schema]
    for key in misfit.value:
        if key in schemas or any(matches(pattern, key) for pattern in patterns):
            continue
        if known or not patterns:
            what = f"`{show(key)}` is not a key of {holder}"
            expectation = either(known) if len(known) <= MOST_KEYS else ""
            yield misfit.problem_of(key, "TF050", what, expectation, similar(key, known))
        else:
            what = f"{_shown(key)} cannot be a key of {holder}"
            yield misfit.problem_of(key, "TF050", what, KEY_FORM, _foreign(key))


def _missing(misfit: Misfit) -> Problem:
    # There is an error for each missing key, and only its message says which.
    match = re.match(r"'(.*)' is a required property", misfit.message)
    key = match[1] if match else ""
    path = (*misfit.path, key)
    place = misfit.place
    schema = misfit.schema.get("properties", {}).get(key, {})
    position = place.position(path, False)
    message = f"`{place.name(path)}` is missing"
    expectation, hint = explained(kind(schema), schema), ""
    if _scalar_text(place.written(path)) in {"null", "~"}:
        expectation, hint = kind(schema), "null removes the chart's own value, which it needs"
    return Problem(position, "TF053", message, expectation, hint, subject=place.subject)


def _unexpected(misfit: Misfit, code: str, what: str, expectation: str, hint: str = "") -> Problem:
    """A problem of a value; without a hint, what the value is for stands behind what was expected."""
    if not hint:
        expectation = explained(expectation, misfit.schema)
    return misfit.problem(code, what, expectation, hint)


def _type(misfit: Misfit) -> Problem:
    value = misfit.value
    if value is None or isinstance(value, dict | list):
        what = f"this is {_kind(value)}"
        return _unexpected(misfit, "TF051", what, kind(misfit.schema))
    # A number is shown as it is written: 24.10, which is 24.1.
    written = _scalar_text(misfit.place.written(misfit.path))
    what = f"{_shown(value, written)} is {_kind(value)}"
    hint = _other_type(value, written, misfit.schema)
    return _unexpected(misfit, "TF051", what, kind_by_type(misfit.schema), hint)


def _other_type(value: str | float | bool, written: str, schema: Schema) -> str:
    """How to write a scalar so that it has the right type; "" where that does not help."""
    types = types_of(schema)
    if isinstance(value, str):
        is_integer = "integer" in types and re.match(r"-?(0|[1-9][0-9]*)\Z", value)
        is_boolean = "boolean" in types and value in {"true", "false"}
        return "write it without quotes" if is_integer or is_boolean else ""
    fits = "pattern" not in schema or matches(schema["pattern"], written)
    return f'write "{written}"' if "string" in types and written and fits else ""


_TYPE_NAMES: dict[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    dict: "object",
    list: "array",
}


def _kind(value: Any) -> str:
    """What a value is, as part of a sentence."""
    if isinstance(value, bool):
        return "a boolean"
    return KINDS[_TYPE_NAMES.get(type(value), "null")]


def _enum(misfit: Misfit) -> Problem:
    words = allowed_words(misfit.limit)
    if misfit.value in ("", None):
        return misfit.problem("TF052", "this is empty", either(words))
    what = f"{_shown(misfit.value)} is unknown"
    return misfit.problem("TF052", what, either(words), similar(misfit.value, words))


def _pattern(misfit: Misfit) -> Problem:
    expectation = form(misfit.schema) or description(misfit.schema)
    what = f"{_shown(misfit.value)} is not allowed"
    return _unexpected(misfit, "TF052", what, expectation, _foreign(misfit.value))


def _foreign(text: str) -> str:
    """Names the first character that looks like an ASCII one but is none."""
    for number, character in enumerate(text, 1):
        if ord(character) > 127:
            name = unicodedata.name(character, "no character")
            return f"its character {number} is U+{ord(character):04X} {name}"
    return ""


def _length(misfit: Misfit) -> Problem:
    things: dict[type, str] = {str: "character", dict: "key", list: "item"}
    thing = things[type(misfit.value)]
    count = len(misfit.value)
    what = f"this has {counted(count, thing)}" if count else "this is empty"
    bound = "at most" if misfit.keyword.startswith("max") else "at least"
    expectation = f"{bound} {counted(misfit.limit, thing)}"
    return _unexpected(misfit, "TF052", what, expectation)


def _maximum(misfit: Misfit) -> Problem:
    what = f"{misfit.value} is too large"
    return _unexpected(misfit, "TF052", what, f"at most {misfit.limit}")


def _minimum(misfit: Misfit) -> Problem:
    what = f"{misfit.value} is too small"
    return _unexpected(misfit, "TF052", what, f"at least {misfit.limit}")


def _repeated(misfit: Misfit) -> Problem:
    return misfit.problem("TF052", "an item is listed twice", "each item once")


def _other(misfit: Misfit) -> Problem:
    return misfit.problem("TF055", f"does not fit the schema ({misfit.keyword})")


EXPLANATIONS: Mapping[str, Callable[[Misfit], Problem]] = {
    "required": _missing,
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "maxLength": _length,
    "minLength": _length,
    "maxItems": _length,
    "minItems": _length,
    "maxProperties": _length,
    "minProperties": _length,
    "maximum": _maximum,
    "minimum": _minimum,
    "uniqueItems": _repeated,
}


def _shown(value: Any, written: str = "") -> str:
    """A scalar for a message: text in quotes, anything else as it is written."""
    if not isinstance(value, str):
        return show(written or json.dumps(value))
    return "this value" if has_secret(value) else f'"{show(value)}"'


def show(text: str) -> str:
    """Text for a message: short, in one line, and never a secret."""
    if has_secret(text):
        return "this value"
    short = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return "".join(map(_visible, short))


def _visible(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]


def _scalar_text(written: str) -> str:
    """The unquoted scalar at the beginning of a line's rest; "" when a quote or bracket comes first."""
    match = re.match(r"""[^\s,\]}#"']+""", written)
    return match[0] if match else ""
