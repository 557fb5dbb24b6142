"""What an unquoted scalar means: the core schema of YAML 1.2, with one difference.

A number with leading zeros stays text, because `012` is an octal number to some readers, a decimal one to others,
and a version or an identifier to people.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

MAXIMUM_INTEGER = 2**53  # Helm reads every number as a 64-bit float
# Python takes long to convert many digits, and refuses more than 4,300.
MAXIMUM_DIGITS = 60

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_NUMBER_STARTS = frozenset("0123456789+-.")


def plain(text: str) -> Scalar:
    """What an unquoted scalar means: null, true or false, a number, or its text (YAML 1.2.2, section 10.3.2).

    Raises ValueError for a number that not every reader can hold; its message says what is wrong.
    """
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text[0] in _NUMBER_STARTS:
        return _number_or_text(text)
    return text  # as most is, and told without a regular expression


def _number_or_text(text: str) -> Scalar:
    if _INTEGER.match(text):
        return _integer(text, 10)
    if _OCTAL.match(text):
        return _integer(text[2:], 8)
    if _HEXADECIMAL.match(text):
        return _integer(text[2:], 16)
    if _NOT_FINITE.match(text):
        raise ValueError(f"{text} is not a finite number")
    if _FLOAT.match(text):
        return _fraction(text)
    return text


def _integer(digits: str, base: int) -> int:
    if len(digits) <= MAXIMUM_DIGITS:
        number = int(digits, base)
        if abs(number) <= MAXIMUM_INTEGER:
            return number
    raise _too_large(digits)


def _fraction(text: str) -> float | int:
    number = float(text)  # infinity for 1e999
    if abs(number) > MAXIMUM_INTEGER:
        raise _too_large(text)
    if number.is_integer():
        return int(number)  # 1.0 is an integer to JSON Schema and to Helm
    return number


def _too_large(number: str) -> ValueError:
    shown = number if len(number) <= 20 else number[:20] + "…"
    return ValueError(f"{shown} is too large a number")
