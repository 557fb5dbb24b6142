"""Values as messages show them: short, in one line, and never a secret."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from tritonfleet.validate.expectations import KINDS
from tritonfleet.validate.secrets import has_secret
from tritonfleet.visible import visible

LONGEST = 60  # characters of a value
_HIDDEN = "this value"  # instead of what looks like a secret

_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    str: "string",
    int: "number",
    float: "number",
    dict: "object",
    list: "array",
}


def shown(text: str) -> str:
    """A text without quotes around it, a key for example."""
    if has_secret(text):
        return _HIDDEN
    return _short(text)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    return visible(text)


def scalar(value: Any, written: str = "") -> str:
    """Text in quotes; anything else as it is `written`: 24.10, which is 24.1."""
    if not isinstance(value, str):
        return shown(written or json.dumps(value))
    if has_secret(value):
        return _HIDDEN
    return f'"{_short(value)}"'


def unquoted(line: str) -> str:
    """The scalar that begins a line's rest; "" when a quote or bracket comes first."""
    match = re.match(r"""[^\s,\]}#"']+""", line)
    return match[0] if match else ""


def type_of(value: Any) -> str:
    """What a value is, as part of a sentence."""
    if isinstance(value, bool):
        return "a boolean"
    return KINDS[_TYPE_NAMES[type(value)]]


def foreign_character(text: str) -> str:
    """Names the first character that is none of ASCII, because it may look like one; "" when all are."""
    match = re.search(r"[^\x00-\x7f]", text)
    if not match:
        return ""
    character, number = match[0], match.start() + 1
    # The names of a Unicode that every Python knows and none adds to.
    name = unicodedata.ucd_3_2_0.name(character, "")
    code_point = f"U+{ord(character):04X}"
    return f"its character {number} is {code_point} {name}".rstrip()
