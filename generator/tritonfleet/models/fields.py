"""What a text of protobuf's text format says: messages and fields, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tritonfleet.models.message import Kind

MAXIMUM_DIGITS = 60  # Python takes long to convert many
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|[0-9]+)\Z")
_TRUE = frozenset({"true", "True", "t", "1"})


class Place(NamedTuple):
    """A line and a column of a text; both count from 1."""

    line: int
    column: int


NOWHERE = Place(1, 1)


class Misread(NamedTuple):
    """A text that cannot be walked: why, and where."""

    why: str
    place: Place
    is_sure: bool = False
    """Whether the server's parser, in C++, refuses it even where the one in Python does not."""


class Word(NamedTuple):
    """A value as it is written: a word or number, or the content of quotes."""

    text: str
    place: Place
    quoted: bool


class Field(NamedTuple):
    """A field that is given: its name and its value, an item for each of a list in brackets."""

    name: str
    kind: Kind
    place: Place
    value: Word | Message


@dataclass(frozen=True)
class Message:
    """A message that is written. What is not there reads as protobuf's defaults: "", 0, false, nothing."""

    kind: Kind
    place: Place
    fields: tuple[Field, ...] = field(default=())

    @property
    def name(self) -> str:
        """What most of NVIDIA's messages call themselves by: tensors, models, controls."""
        return self.text("name")

    def given(self, name: str) -> list[Field]:
        """A field as often as it is written: protobuf lists what a text repeats."""
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> Mapping[str, list[Field]]:
        """Checks ask for a few names very often, and a configuration may have very many fields."""
        found: dict[str, list[Field]] = {}
        for each in self.fields:
            found.setdefault(each.name, []).append(each)
        return found

    def has(self, name: str) -> bool:
        return name in self._by_name

    def at(self, name: str) -> Place:
        """Where a field is first given; where the message begins, if it is not."""
        given = self.given(name)
        return given[0].place if given else self.place

    def messages(self, name: str) -> list[Message]:
        """A field's messages, in the order of the text."""
        return [
            each.value for each in self.given(name) if isinstance(each.value, Message)
        ]

    def message(self, name: str) -> Message:
        """A field's message, an empty one where it is not given."""
        messages = self.messages(name)
        return messages[-1] if messages else Message(self.kind, self.place)

    def words(self, name: str) -> list[Word]:
        """A field's numbers or texts, each with its place."""
        return [each.value for each in self.given(name) if isinstance(each.value, Word)]

    def texts(self, name: str) -> list[str]:
        return [word.text for word in self.words(name)]

    def text(self, name: str) -> str:
        """A field of text or an enumeration's word; of a field that is given twice, the last counts."""
        return "".join(self.texts(name)[-1:])

    def numbers(self, name: str) -> list[int]:
        return [number_of(word) for word in self.words(name)]

    def number(self, name: str) -> int:
        """A whole number; again the last that is given."""
        return sum(self.numbers(name)[-1:])

    def flag(self, name: str) -> bool:
        return self.text(name) in _TRUE


def number_of(word: Word) -> int:
    """The integer that a word means; 0 for what is none, which protobuf's parser refuses."""
    if len(word.text) > MAXIMUM_DIGITS or not _NUMBER.match(word.text):
        return 0
    digits = word.text.removeprefix("-")
    try:
        number = int(digits, _base(digits))
    except ValueError:  # 8 and 9 are no octal digits
        return 0
    return number if digits == word.text else -number


def _base(digits: str) -> int:
    """As C reads digits: 0 begins an octal number; for Python, base 0 tells decimal and 0x apart."""
    is_octal = len(digits) > 1 and digits.isdigit() and digits.startswith("0")
    return 8 if is_octal else 0
