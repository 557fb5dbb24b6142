"""A schema error in the user's words: what is wrong where, what was expected, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from tritonfleet.problem import Problem, similar
from tritonfleet.validate.expectations import (
    allowed_words,
    counted,
    description,
    either,
    explained,
    form,
    kind,
    kind_by_type,
)
from tritonfleet.validate.hints import other_quotes, own_endpoint
from tritonfleet.validate.misfit import Misfit, Place, misfit_of
from tritonfleet.validate.secrets import is_secret_by_name
from tritonfleet.validate.shown import (
    foreign_character,
    scalar,
    shown,
    type_of,
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
        what = description(misfit.schema) or "does not go with other values"
        yield misfit.problem("TF054", what)
    else:
        explain = EXPLANATIONS.get(misfit.keyword, _other)
        yield explain(misfit)


def _is_condition(misfit: Misfit) -> bool:
    if misfit.keyword == "not":
        return True
    is_conditional = not misfit.steps.isdisjoint({"then", "else"})
    return is_conditional and "description" in misfit.schema


def _bad_key(misfit: Misfit) -> Problem:
    """A key that has not the form which all keys of its mapping must have."""
    expected = form(misfit.schema) or KEY_FORM
    return _no_key(misfit, str(misfit.value), "TF052", expected)


def _no_key(misfit: Misfit, key: str, code: str, expected: str) -> Problem:
    """A key whose form is wrong, perhaps by a character that only looks like a right one."""
    message = f"{scalar(key)} cannot be a key of {misfit.holder}"
    hint = foreign_character(key)
    return misfit.key_problem(key, code, message, expected, hint)


def _unknown_keys(misfit: Misfit) -> Iterator[Problem]:
    """Keys that a closed mapping does not have: they are not among its own, or have not the form that it asks for."""
    known = [key for key, schema in misfit.properties.items() if "not" not in schema]
    has_names = known or not misfit.patterns
    for key in misfit.value:
        if misfit.has_place_for(key):
            continue
        if has_names:
            yield _unknown_key(misfit, key, known)
        else:
            yield _no_key(misfit, key, "TF050", KEY_FORM)


def _unknown_key(misfit: Misfit, key: str, known: list[str]) -> Problem:
    message = f"`{shown(key)}` is not a key of {misfit.holder}"
    expected = ""
    if len(known) <= MOST_KEYS:
        expected = either(known)
    hint = similar(key, known)
    return misfit.key_problem(key, "TF050", message, expected, hint)


def _missing(misfit: Misfit) -> Problem:
    """A key that must be there, and was left out or removed by null."""
    key = _missing_key(misfit)
    path = (*misfit.path, key)
    place = misfit.place
    schema = misfit.properties.get(key, {})
    expected = kind(schema)
    hint = ""
    if place.scalar(path) in {"null", "~"}:
        hint = "null removes the chart's own value, which it needs"
    else:
        expected = explained(expected, schema)
    message = f"`{place.name(path)}` is missing"
    return place.problem(path, "TF053", message, expected, hint)


def _missing_key(misfit: Misfit) -> str:
    """There is an error for each missing key, and only its message says which."""
    match = re.match(r"'(.*)' is a required property", misfit.message)
    return match[1] if match else ""


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
        what = f"this is {type_of(value)}"
        return _unexpected(misfit, "TF051", what, kind(misfit.schema))
    return _scalar_type(misfit)


def _scalar_type(misfit: Misfit) -> Problem:
    """A scalar of another type, as it is written; a secret is named by nothing but its type."""
    its_type = type_of(misfit.value)
    expected = kind_by_type(misfit.schema)
    written = misfit.place.scalar(misfit.path)
    if _is_secret(misfit, written):
        what = f"this value is {its_type}"
        return _unexpected(misfit, "TF051", what, expected)
    what = f"{scalar(misfit.value, written)} is {its_type}"
    hint = other_quotes(misfit, written)
    return _unexpected(misfit, "TF051", what, expected, hint)


def _is_secret(misfit: Misfit, written: str) -> bool:
    """Whether the name of a value says that no message may show it."""
    if not misfit.path:
        return False
    return is_secret_by_name(str(misfit.path[-1]), written)


def _enum(misfit: Misfit) -> Problem:
    value = misfit.value
    words = allowed_words(misfit.limit)
    expected = either(words)
    if value in ("", None):
        return misfit.problem("TF052", "this is empty", expected)
    what = f"{scalar(value)} is unknown"
    hint = similar(value, words)
    return misfit.problem("TF052", what, expected, hint)


def _pattern(misfit: Misfit) -> Problem:
    """A form in words, where somebody wrote them; a pattern tells people nothing."""
    value = misfit.value
    schema = misfit.schema
    what = f"{scalar(value)} is not allowed"
    expected = form(schema) or description(schema)
    hint = foreign_character(value) or own_endpoint(value)
    return _unexpected(misfit, "TF052", what, expected, hint)


def _too_many(misfit: Misfit) -> Problem:
    return _length(misfit, "at most")


def _too_few(misfit: Misfit) -> Problem:
    return _length(misfit, "at least")


_THINGS: Mapping[type, str] = {str: "character", dict: "key", list: "item"}


def _length(misfit: Misfit, bound: str) -> Problem:
    """Too few or too many characters, keys or items."""
    value = misfit.value
    thing = _THINGS[type(value)]
    what = "this is empty"
    if value:
        what = f"this has {counted(len(value), thing)}"
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
    "maxLength": _too_many,
    "minLength": _too_few,
    "maxItems": _too_many,
    "minItems": _too_few,
    "maxProperties": _too_many,
    "minProperties": _too_few,
    "maximum": _maximum,
    "minimum": _minimum,
    "uniqueItems": _repeated,
}
