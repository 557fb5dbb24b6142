"""A schema error in the user's words: what is wrong where, what was expected, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tritonfleet.problem import Problem, similar
from tritonfleet.validate.engine import matches
from tritonfleet.validate.expectations import (
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
from tritonfleet.validate.misfit import Misfit, Place, misfit_of
from tritonfleet.validate.schemas import Schema
from tritonfleet.validate.shown import (
    foreign_character,
    scalar,
    shown,
    type_of,
    unquoted,
)

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_KEYS = 12  # that a message lists
KEY_FORM = "letters, digits, - _ . and, where names have it, /"


def problems(error: ValidationError, place: Place) -> Iterator[Problem]:
    """The problems that an error stands for: one, or one for each unknown key."""
    misfit = misfit_of(error, place)
    if "propertyNames" in misfit.steps:
        yield _bad_key(misfit)
    elif misfit.keyword == "additionalProperties":
        yield from _unknown_keys(misfit)
    elif _is_condition(misfit):
        # The schema's own words say what to do.
        yield misfit.problem(
            "TF054", description(misfit.schema) or "does not go with other values"
        )
    else:
        explain = EXPLANATIONS.get(misfit.keyword, _other)
        yield explain(misfit)


def _is_condition(misfit: Misfit) -> bool:
    if misfit.keyword == "not":
        return True
    is_conditional = "then" in misfit.steps or "else" in misfit.steps
    return is_conditional and "description" in misfit.schema


def _bad_key(misfit: Misfit) -> Problem:
    """A key that has not the form which all keys of its mapping must have."""
    key = str(misfit.value)
    message = f"{scalar(key)} cannot be a key of {misfit.place.holder(misfit.path)}"
    expected = form(misfit.schema) or KEY_FORM
    return misfit.key_problem(key, "TF052", message, expected, foreign_character(key))


def _unknown_keys(misfit: Misfit) -> Iterator[Problem]:
    """Keys that a closed mapping does not have: they are not among its own, or have not the form that it asks for."""
    schemas: Mapping[str, Schema] = misfit.schema.get("properties", {})
    patterns: Mapping[str, Schema] = misfit.schema.get("patternProperties", {})
    known = [key for key, schema in schemas.items() if "not" not in schema]
    holder = misfit.place.holder(misfit.path)
    for key in misfit.value:
        if key in schemas or any(matches(pattern, key) for pattern in patterns):
            continue
        if known or not patterns:
            message = f"`{shown(key)}` is not a key of {holder}"
            expected = either(known) if len(known) <= MOST_KEYS else ""
            yield misfit.key_problem(
                key, "TF050", message, expected, similar(key, known)
            )
        else:
            message = f"{scalar(key)} cannot be a key of {holder}"
            yield misfit.key_problem(
                key, "TF050", message, KEY_FORM, foreign_character(key)
            )


def _missing(misfit: Misfit) -> Problem:
    # There is an error for each missing key, and only its message says which.
    match = re.match(r"'(.*)' is a required property", misfit.message)
    key = match[1] if match else ""
    path = (*misfit.path, key)
    place = misfit.place
    schema = misfit.schema.get("properties", {}).get(key, {})
    expected = kind(schema)
    hint = ""
    if unquoted(place.written(path)) in {"null", "~"}:
        hint = "null removes the chart's own value, which it needs"
    else:
        expected = explained(expected, schema)
    position = place.position(path, False)
    message = f"`{place.name(path)}` is missing"
    return Problem(position, "TF053", message, expected, hint, subject=place.subject)


def _unexpected(
    misfit: Misfit, code: str, what: str, expected: str, hint: str = ""
) -> Problem:
    """A problem of a value; without a hint, what the value is for stands behind what was expected."""
    if not hint:
        expected = explained(expected, misfit.schema)
    return misfit.problem(code, what, expected, hint)


def _type(misfit: Misfit) -> Problem:
    value = misfit.value
    if value is None or isinstance(value, dict | list):
        return _unexpected(
            misfit, "TF051", f"this is {type_of(value)}", kind(misfit.schema)
        )
    written = unquoted(misfit.place.written(misfit.path))
    what = f"{scalar(value, written)} is {type_of(value)}"
    expected = kind_by_type(misfit.schema)
    return _unexpected(
        misfit, "TF051", what, expected, _other_quotes(value, written, misfit.schema)
    )


def _other_quotes(value: Any, written: str, schema: Schema) -> str:
    """A hint to quote a scalar or not to, where that gives it the right type and form."""
    types = types_of(schema)
    if isinstance(value, str):
        is_integer = "integer" in types and re.match(r"-?(0|[1-9][0-9]*)\Z", value)
        is_boolean = "boolean" in types and value in {"true", "false"}
        return "write it without quotes" if is_integer or is_boolean else ""
    if "string" not in types or not written:
        return ""
    if "pattern" in schema and not matches(schema["pattern"], written):
        return ""
    return f'write "{written}"'


def _enum(misfit: Misfit) -> Problem:
    words = allowed_words(misfit.limit)
    if misfit.value in ("", None):
        return misfit.problem("TF052", "this is empty", either(words))
    what = f"{scalar(misfit.value)} is unknown"
    return misfit.problem("TF052", what, either(words), similar(misfit.value, words))


def _pattern(misfit: Misfit) -> Problem:
    what = f"{scalar(misfit.value)} is not allowed"
    expected = form(misfit.schema) or description(misfit.schema)
    return _unexpected(misfit, "TF052", what, expected, foreign_character(misfit.value))


def _length(misfit: Misfit) -> Problem:
    things: dict[type, str] = {str: "character", dict: "key", list: "item"}
    thing = things[type(misfit.value)]
    what = "this is empty"
    if misfit.value:
        what = f"this has {counted(len(misfit.value), thing)}"
    bound = "at most" if misfit.keyword.startswith("max") else "at least"
    expected = f"{bound} {counted(misfit.limit, thing)}"
    return _unexpected(misfit, "TF052", what, expected)


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
