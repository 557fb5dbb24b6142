"""A schema error in the user's words: what is wrong where, what was expected, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tritonfleet.problem import Position, Problem, similar
from tritonfleet.validate.engine import matches
from tritonfleet.values import KeyPath, dotted

LONGEST_SHOWN = 60
# Keys and tokens that services issue, and private keys. They are never printed.
SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|\bhf_[A-Za-z0-9]{20,}|\bnvapi-[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bglpat-[A-Za-z0-9_-]{20,}|\bsk-[A-Za-z0-9_-]{20,}|\bxox[abpr]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{35}|AccountKey=[A-Za-z0-9+/=]{20,}"
)
# A password in a URL; one that only refers to a variable, $(NAME) or ${NAME}, is none.
PASSWORD = re.compile(r"""://[^/\s@"':]*:[^/\s@"'${<]+@""")
# What each of them contains: looking for these first is a hundred times faster.
SECRET_MARKS = tuple(
    "AKIA ASIA -----BEGIN hf_ nvapi- ghp_ gho_ ghu_ ghs_ ghr_ glpat- sk- xox AIza AccountKey=".split()  # noqa: SIM905
)
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Place:
    """How to find a value in what people wrote: its position, the text as written, and whose model it is about."""

    position: Callable[[KeyPath, bool], Position]
    written: Callable[[KeyPath], str]
    subject: str = ""
    depth: int = 0
    """Steps that every path begins with and no message says: `models[3]` is the entry that `subject` names."""

    def label(self, path: KeyPath) -> str:
        """A path as the beginning of a message."""
        return f"{named}: " if (named := dotted(path[self.depth :])) else ""

    def holder(self, path: KeyPath) -> str:
        """A mapping as people call it."""
        named = dotted(path[self.depth :])
        if named:
            return f"`{named}`"
        return (
            f"entry `{self.subject}`"
            if self.subject
            else "a model entry"
            if self.depth
            else "this file"
        )


def problems(error: Any, place: Place) -> Iterator[Problem]:
    """The problems that one ValidationError stands for; an error about unknown keys is one for each key."""
    path: KeyPath = tuple(error.absolute_path)
    steps = set(map(str, error.absolute_schema_path))
    if "propertyNames" in steps:
        yield _about_key(error, path, place)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, path, place)
    elif (steps & {"then", "else"} and "description" in error.schema) or error.validator == "not":
        yield _told(error, path, place)
    elif error.validator == "required":
        yield _missing(error, path, place)
    else:
        code, message, hint = WORDS.get(error.validator, _other)(error, path, place)
        expected = (
            ", ".join(_allowed(error)) if error.validator == "enum" else _expected(error.schema)
        )
        yield Problem(
            place.position(path, False), code, message, expected, hint, subject=place.subject
        )


def has_secret(text: str) -> bool:
    """Whether a text holds what looks like a secret."""
    found = SECRET.search(text) if any(mark in text for mark in SECRET_MARKS) else None
    return bool(found or PASSWORD.search(text))


def show(value: Any) -> str:
    """A value for a message: short, in one line, and never a secret."""
    text = value if isinstance(value, str) else str(value)
    if has_secret(text):
        return "this value"
    short = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in short
    )


def _expected(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).rstrip(".")


def _about_key(error: Any, path: KeyPath, place: Place) -> Problem:
    key = str(error.instance)
    position = place.position((*path, key), True)
    message = f"`{show(key)}` cannot be a key of {place.holder(path)}"
    expected = _expected(error.schema) or "letters, digits, - _ . and, where names have it, /"
    return Problem(position, "TF052", message, expected, _foreign(key), subject=place.subject)


def _unknown_keys(error: Any, path: KeyPath, place: Place) -> Iterator[Problem]:
    known: Mapping[str, Any] = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    for key in error.instance:
        if key in known or any(matches(pattern, key) for pattern in patterns):
            continue
        expected = "" if len(known) > 12 else ", ".join(known)
        message = f"`{show(key)}` is not a key of {place.holder(path)}"
        position = place.position((*path, key), True)
        yield Problem(
            position, "TF050", message, expected, similar(key, known), subject=place.subject
        )


def _told(error: Any, path: KeyPath, place: Place) -> Problem:
    """A condition: the schema's own words say what to do."""
    words = _expected(error.schema) or "does not go together with other values"
    return Problem(
        place.position(path, False), "TF054", f"{place.label(path)}{words}", subject=place.subject
    )


def _missing(error: Any, path: KeyPath, place: Place) -> Problem:
    key = re.match(r"'(.*)' is a required property", error.message)
    missing = key[1] if key else ""
    wanted = error.schema.get("properties", {}).get(missing, {})
    position = place.position((*path, missing), False)
    message = f"`{dotted((*path, missing)[place.depth :])}` is missing"
    removed = _scalar_text(place.written((*path, missing))) in {"null", "~"}
    hint = "null removes the chart's own value, which it needs" if removed else ""
    return Problem(position, "TF053", message, _expected(wanted), hint, subject=place.subject)


def _type(error: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    wanted = (
        error.validator_value
        if isinstance(error.validator_value, list)
        else [error.validator_value]
    )
    wanted = [kind for kind in wanted if kind != "null" or len(wanted) == 1]
    expected = " or ".join(TYPES[kind] for kind in wanted)
    value = error.instance
    scalar = not isinstance(value, dict | list)
    written = place.written(path) if scalar else ""
    shown = show(_scalar_text(written) or value) if scalar else ""
    kind = _kind(value)
    what = f"{shown} is {kind}" if scalar and value is not None else f"it is {kind}"
    hint = (
        f'write "{shown}"' if "string" in wanted and scalar and value is not None and shown else ""
    )
    if isinstance(value, str) and "integer" in wanted and re.match(r"-?[0-9]+\Z", value):
        hint = "write it without quotes"
    return "TF051", f"{place.label(path)}{what}, not {expected}", hint


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return TYPES[
        {str: "string", int: "number", float: "number", dict: "object", list: "array"}.get(
            type(value), "null"
        )
    ]


def _scalar_text(written: str) -> str:
    match = re.match(r"""[^\s,\]}#"']+""", written)
    return match[0] if match else ""


def _enum(error: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    wrong = f"there is no `{shown}`" if (shown := show(error.instance)) else "it is empty"
    return "TF052", f"{place.label(path)}{wrong}", similar(error.instance, _allowed(error))


def _allowed(error: Any) -> list[str]:
    return [str(word) for word in error.validator_value if word is not None]


def _fit(error: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    hint = _foreign(error.instance) if isinstance(error.instance, str) else ""
    return (
        "TF052",
        f"{place.label(path)}{show(repr(error.instance)[1:-1]) or 'empty text'} does not fit",
        hint,
    )


def _foreign(text: str) -> str:
    """Names the first character that looks like an ASCII one but is none."""
    import unicodedata

    for column, character in enumerate(text, 1):
        if ord(character) > 127:
            words = unicodedata.name(character, "no character")
            return f"U+{ord(character):04X} {words} at its character {column}"
    return ""


def _length(error: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    count = len(error.instance)
    if count == 0:
        return "TF052", f"{place.label(path)}empty", ""
    things = (
        "characters"
        if isinstance(error.instance, str)
        else "keys"
        if isinstance(error.instance, dict)
        else "items"
    )
    bound = "at most" if error.validator.startswith("max") else "at least"
    return (
        "TF052",
        f"{place.label(path)}{count} {things}, {bound} {error.validator_value} are allowed",
        "",
    )


def _bound(error: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    bound = "more than" if error.validator == "maximum" else "less than"
    return "TF052", f"{place.label(path)}{error.instance} is {bound} {error.validator_value}", ""


def _twice(_: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    return "TF052", f"{place.label(path)}an item is listed twice", ""


def _other(error: Any, path: KeyPath, place: Place) -> tuple[str, str, str]:
    return "TF055", f"{place.label(path)}does not fit ({error.validator})", ""


WORDS: Mapping[str, Callable[[Any, KeyPath, Place], tuple[str, str, str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _other,
    "pattern": _fit,
    "maxLength": _length,
    "minLength": _length,
    "maxItems": _length,
    "minItems": _length,
    "maxProperties": _length,
    "minProperties": _length,
    "maximum": _bound,
    "minimum": _bound,
    "uniqueItems": _twice,
}
