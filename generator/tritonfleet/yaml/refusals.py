"""What is refused in a YAML file, in words, and the limits of what is read.

Refused is what readers disagree about, and what can hide something from a reviewer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import yaml

from tritonfleet.problem import Position, Problem
from tritonfleet.source import line_of, position_at
from tritonfleet.yaml.scalars import MAXIMUM_INTEGER, Scalar

MAXIMUM_BYTES = 10 * 1024 * 1024
MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 2_000_000
MAXIMUM_KEY = 400
SHOWN_CHARACTERS = 10  # forbidden ones of a file
SHOWN_PROBLEMS = 100  # of a file's structure; then reading ends

# Control characters, line separators, byte order marks inside text, surrogates, and marks that turn the reading order.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
    "|\r(?!\n)"
)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
# In a block mapping, and so in every file of ours, no other line can begin with it.
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)


class Refusal(NamedTuple):
    """The words of a problem: its code, what is wrong, what was expected instead, and a hint."""

    code: str
    message: str
    expected: str = ""
    hint: str = ""

    def at(self, position: Position) -> Problem:
        """The problem at a place."""
        return Problem(position, self.code, self.message, self.expected, self.hint)


_SHARE = "to share values, use a profile or `defaults`"

TAB = Refusal("TF001", "a tab in the indentation", "spaces")
MERGE_KEY = Refusal("TF005", "`<<` is a merge key", "plain YAML", _SHARE)
DIRECTIVE = Refusal(
    "TF004", "a YAML directive", "plain YAML", "remove the line that begins with %"
)
KEY_NOT_SCALAR = Refusal("TF006", "a mapping or list is used as a key", "text")
KEY_OF_LINES = Refusal(
    "TF007", "a key has a tab or a line break in it", "a key in one line"
)
TOO_DEEP = Refusal("TF008", f"values are nested more than {MAXIMUM_DEPTH} levels deep")
TOO_MANY_NODES = Refusal(
    "TF008", f"the document has more than {MAXIMUM_NODES} values", "smaller files"
)
SECOND_DOCUMENT = Refusal(
    "TF010", "a second document begins", "one document in each file", "remove `---`"
)


def too_many_bytes(count: int) -> Refusal:
    return Refusal("TF008", f"the file has {count} bytes", f"at most {MAXIMUM_BYTES}")


def not_utf8(byte: int) -> Refusal:
    return Refusal("TF013", f"byte 0x{byte:02x} is not UTF-8", "a file saved as UTF-8")


def anchor(name: str) -> Refusal:
    return Refusal("TF003", f"`&{name}` is an anchor", "plain YAML", _SHARE)


def alias(name: str) -> Refusal:
    return Refusal("TF003", f"`*{name}` is an alias", "the value itself", _SHARE)


def tag(name: str) -> Refusal:
    return Refusal(
        "TF004", f"`{name}` is a tag", "plain YAML", "quote a value to make it text"
    )


def key_given_twice(key: str, first_line: int) -> Refusal:
    hint = f"first on line {first_line}"
    return Refusal("TF002", f"key `{key}` is given twice", "each key once", hint)


def key_not_text(key: str, value: Scalar) -> Refusal:
    """A key that is null, true, false or a number, unless it is quoted."""
    message = f"key {key or 'null'} is {_kind(value)}"
    return Refusal("TF006", message, "text", f'write "{key}"')


def _kind(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    return "a number"


def key_too_long(length: int) -> Refusal:
    return Refusal("TF008", f"a key has {length} characters", f"at most {MAXIMUM_KEY}")


def number_not_held(message: str) -> Refusal:
    """A number that not every reader can hold; `message` is what `scalars.plain` says of it."""
    expected = f"a number between ±{MAXIMUM_INTEGER}"
    return Refusal("TF009", message, expected, "quote it if it is text")


def character(forbidden: str, beside: str = "") -> Refusal:
    """One forbidden character, by its number and name; `beside` ends the sentence."""
    number = f"U+{ord(forbidden):04X}"
    name = unicodedata.name(forbidden, "control character")
    message = f"{number} {name} is not allowed{beside}"
    return Refusal("TF007", message, "printable text")


def forbidden_characters(file: str, text: str) -> Iterator[Problem]:
    """The first characters of a text that a reviewer cannot see or that readers disagree about."""
    first_matches = islice(FORBIDDEN.finditer(text), SHOWN_CHARACTERS)
    for match in first_matches:
        position = position_at(file, text, match.start())
        refusal = character(match[0])
        yield refusal.at(position)


def directives(file: str, text: str) -> Iterator[Problem]:
    """The first directive, wherever it stands: the parser's time grows with the square of their number."""
    match = _DIRECTIVE.search(text)
    if match:
        position = position_at(file, text, match.start())
        yield DIRECTIVE.at(position)


def conflicts(file: str, text: str) -> Iterator[Problem]:
    """The first mark that Git left where it could not merge."""
    match = _CONFLICT.search(text)
    if match:
        message = f"a merge conflict is left in the file: {match[0]}"
        position = position_at(file, text, match.start())
        yield Refusal("TF012", message).at(position)


def syntax(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """What the parser says against a text, at the place where it noticed."""
    position = _noticed(file, text, error)
    line = line_of(text, position.line)
    if "\t" in line[: position.column]:
        return TAB.at(position)
    words = _words(error)
    refusal = Refusal("TF001", f"not YAML: {words}", hint=_advice(words))
    return refusal.at(position)


# The parser has three kinds of errors, and each says where and what in fields of its own.


def _noticed(file: str, text: str, error: yaml.YAMLError) -> Position:
    """Where the parser noticed the error."""
    for field in ("problem_mark", "context_mark"):
        mark = getattr(error, field, None)
        if mark:
            return Position(file, mark.line + 1, mark.column + 1)
    index: int = getattr(error, "position", 0)
    return position_at(file, text, index)


def _words(error: yaml.YAMLError) -> str:
    for field in ("problem", "reason"):
        words = getattr(error, field, None)
        if words:
            return str(words)
    return "not YAML"


_ADVICE = {
    "mapping values are not allowed": "quote text that has `: ` in it, or check the indentation",
    "did not find expected key": "check the indentation and the quotes above",
    "found unexpected end of stream": "a quote or bracket is not closed",
    "did not find expected ',' or": "a bracket is not closed, or a comma is missing",
}


def _advice(words: str) -> str:
    """What to do about the parser's words; "" for those that say it themselves."""
    for part, advice in _ADVICE.items():
        if part in words:
            return advice
    return ""
