"""YAML text to data and positions.

Reads one YAML 1.2 document of mappings, lists and scalars, with one difference: a number with leading zeros stays text,
because `012` is an octal number to some readers, a decimal one to others, and a version or an identifier to people.
What readers disagree about, or what can hide something from a reviewer, is refused with its place.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from tritonfleet.problem import Invalid, Position, Problem
from tritonfleet.source import Marks, Source, pack

MAXIMUM_BYTES = 10 * 1024 * 1024
MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 2_000_000
MAXIMUM_KEY = 400
MAXIMUM_INTEGER = 2**53  # Helm reads every number as a 64-bit float
SHOWN = 10  # of one kind of problem in one file

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

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
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_NUMBER_STARTS = frozenset("0123456789+-.")

# Control characters, line separators, byte order marks inside text, surrogates, and marks that turn the reading order.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
    "|\r(?!\n)"
)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)


def read(file: str, content: bytes) -> Source:
    """The document in `content`; `file` is what problems call it. Raises Invalid with all problems that can be seen."""
    if len(content) > MAXIMUM_BYTES:
        raise Invalid(
            [
                _problem(
                    file,
                    1,
                    1,
                    "TF008",
                    f"the file has {len(content)} bytes",
                    f"at most {MAXIMUM_BYTES}",
                )
            ]
        )
    text = _decode(file, content)
    found = list(_forbidden(file, text)) or list(_conflicts(file, text))
    if found:
        raise Invalid(found)
    return _Builder(file, text).build()


def _place_of(event: Event) -> int:
    mark: Any = event.start_mark
    return (int(mark.line) + 1) << 24 | (int(mark.column) + 1)


def _problem(
    file: str, line: int, column: int, code: str, message: str, expected: str = "", hint: str = ""
) -> Problem:
    return Problem(Position(file, line, column), code, message, expected, hint)


def _decode(file: str, content: bytes) -> str:
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - before.rfind(b"\n")
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise Invalid(
            [_problem(file, line, column, "TF013", message, "a file saved as UTF-8")]
        ) from None


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _character(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def _forbidden(file: str, text: str) -> Iterator[Problem]:
    for _, match in zip(range(SHOWN), _FORBIDDEN.finditer(text), strict=False):
        line, column = _place(text, match.start())
        yield _problem(
            file, line, column, "TF007", f"{_character(match[0])} is not allowed", "printable text"
        )


def _conflicts(file: str, text: str) -> Iterator[Problem]:
    if match := _CONFLICT.search(text):
        line, column = _place(text, match.start())
        yield _problem(
            file, line, column, "TF012", f"a merge conflict is left in the file: {match[0]}"
        )


class _Container:
    """A mapping or list while its children are read."""

    __slots__ = ("data", "is_mapping", "key", "key_place", "marks", "place")

    def __init__(self, data: Any, place: int) -> None:
        self.data = data
        self.is_mapping = type(data) is dict
        self.marks: Any = {} if self.is_mapping else []
        self.place = place
        self.key: str | None = None
        self.key_place = 0


class _Stop(Exception):
    """Reading on would only yield follow-up problems."""


class _Builder:
    """Builds one document from the parser's events. A bad node is noted and read as null, so that reading goes on."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.found: list[Problem] = []
        self.open: list[_Container] = []
        self.nodes = 0
        self.documents = 0
        self.data: Any = None
        self.marks: Marks = pack(1, 1)
        self.good_keys: set[str] = set()
        self.plain_values: dict[str, Any] = {}
        self.handlers: dict[type[Event], Any] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }

    def build(self) -> Source:
        try:
            next_event = _LOADER(self.text).get_event
            while (event := next_event()) is not None and type(event) is not StreamEndEvent:
                if handler := self.handlers.get(type(event)):
                    handler(event)
        except _Stop:
            pass
        except yaml.YAMLError as error:
            self.found.append(_syntax(self.file, self.text, error))
        if self.found:
            raise Invalid(self.found)
        return Source(self.file, self.text, self.data, self.marks)

    def _note(
        self, event: Event, code: str, message: str, expected: str = "", hint: str = ""
    ) -> None:
        place = _place_of(event)
        self.found.append(
            _problem(self.file, place >> 24, place & 0xFFFFFF, code, message, expected, hint)
        )
        if len(self.found) > 100:
            raise _Stop

    def _document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._note(
                event,
                "TF010",
                "a second document begins",
                "one document in each file",
                "remove `---`",
            )
            raise _Stop
        if event.version or event.tags:
            self._note(
                event,
                "TF004",
                "a YAML directive",
                "plain YAML",
                "remove the line that begins with %",
            )

    def _alias(self, event: AliasEvent) -> None:
        self._note(
            event,
            "TF003",
            f"alias *{event.anchor}",
            "the value itself",
            "profiles and defaults share values",
        )
        self._add(None, _place_of(event))

    def _node(self, event: Any) -> int:
        """Counts a node, refuses its anchor and tag, and returns its place."""
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            self._note(
                event,
                "TF008",
                f"the document has more than {MAXIMUM_NODES} values",
                "smaller files",
            )
            raise _Stop
        if event.anchor is not None:
            self._note(
                event,
                "TF003",
                f"anchor &{event.anchor}",
                "plain YAML",
                "profiles and defaults share values",
            )
        if event.tag is not None:
            self._note(
                event, "TF004", f"tag {event.tag}", "plain YAML", "quote a value to make it text"
            )
        return _place_of(event)

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        place = self._node(event)
        if len(self.open) >= MAXIMUM_DEPTH:
            self._note(event, "TF008", f"values are nested more than {MAXIMUM_DEPTH} deep")
            raise _Stop
        if self._expects_key():
            self._note(event, "TF006", "a mapping or list is used as a key", "text")
        self.open.append(_Container({} if isinstance(event, MappingStartEvent) else [], place))

    def _end(self, _: Event) -> None:
        container = self.open.pop()
        self._add(container.data, (container.place, container.marks))

    def _scalar(self, event: Any) -> None:
        if event.anchor is None and event.tag is None and self.nodes < MAXIMUM_NODES:
            self.nodes += 1  # the way of nearly every scalar, without a call
            mark = event.start_mark
            place = (mark.line + 1) << 24 | (mark.column + 1)
        else:
            place = self._node(event)
        if event.style == '"' and (match := _FORBIDDEN.search(event.value)):
            self._note(
                event,
                "TF007",
                f"{_character(match[0])} is not allowed, not even escaped",
                "printable text",
            )
        container = self.open[-1] if self.open else None
        if container is None or not container.is_mapping:
            self._add(event.value if event.style else self._plain(event), place)
        elif container.key is None:
            self._key(event, place)
        else:
            container.data[container.key] = event.value if event.style else self._plain(event)
            container.marks[container.key] = (container.key_place, place)
            container.key = None

    def _expects_key(self) -> bool:
        return bool(self.open) and self.open[-1].key is None and self.open[-1].is_mapping

    def _key(self, event: ScalarEvent, place: int) -> None:
        container, key = self.open[-1], event.value
        if event.style or key not in self.good_keys:
            self._check_key(event, key)
        if key in container.data:
            first = container.marks[key][0] >> 24
            self._note(
                event,
                "TF002",
                f"key `{key}` is given twice",
                "each key once",
                f"first in line {first}",
            )
        container.key, container.key_place = key, place

    def _check_key(self, event: ScalarEvent, key: str) -> None:
        noted = len(self.found)
        if not event.style and key == "<<":
            self._note(
                event, "TF005", "merge key <<", "plain YAML", "profiles and defaults share values"
            )
        elif not event.style and not isinstance(value := self._plain(event), str):
            self._note(
                event,
                "TF006",
                f"key {key or 'null'} is {describe(value)}",
                "text",
                f'write "{key}"',
            )
        if "\n" in key or "\t" in key:
            self._note(event, "TF007", "a key has a tab or a line break in it", "a key in one line")
        if len(key) > MAXIMUM_KEY:
            self._note(event, "TF008", f"a key has {len(key)} characters", f"at most {MAXIMUM_KEY}")
        if len(self.found) == noted and not event.style:
            self.good_keys.add(key)

    def _plain(self, event: ScalarEvent) -> Any:
        text = event.value
        try:
            return self.plain_values[text]
        except KeyError:
            pass
        try:
            value = self.plain_values[text] = plain(text)
        except ValueError as error:
            self._note(
                event,
                "TF009",
                str(error),
                f"a number between ±{MAXIMUM_INTEGER}",
                "quote it if it is text",
            )
            return None
        return value

    def _add(self, data: Any, marks: Marks) -> None:
        if not self.open:
            self.data, self.marks = data, marks
            return
        container = self.open[-1]
        if not container.is_mapping:
            container.data.append(data)
            container.marks.append(marks)
        elif container.key is None:
            container.key, container.key_place = (
                f"(not text: {self.nodes})",
                pack(1, 1),
            )  # noted when it began
        else:
            container.data[container.key] = data
            container.marks[container.key] = (container.key_place, marks)
            container.key = None


def plain(text: str) -> Any:
    """What an unquoted scalar means. Raises ValueError for a number that not every reader can hold."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.match(text):
        return _integer(text, 10)
    if _BASED.match(text):
        return _integer(text[2:], 8 if text[1] == "o" else 16)
    if _NOT_FINITE.match(text):
        raise ValueError(f"{text} is not a finite number")
    return _number(text) if _FLOAT.match(text) else text


def _integer(digits: str, base: int) -> int:
    if len(digits) > 60 or abs(number := int(digits, base)) > MAXIMUM_INTEGER:
        raise ValueError(f"{digits[:20]}{'…' if len(digits) > 20 else ''} is too large a number")
    return number


def _number(text: str) -> float | int:
    number = float(text)
    if math.isinf(number) or abs(number) > MAXIMUM_INTEGER:
        raise ValueError(f"{text[:20]}{'…' if len(text) > 20 else ''} is too large a number")
    return (
        int(number) if number.is_integer() else number
    )  # 1.0 is an integer to JSON Schema and to Helm


def describe(value: Any) -> str:
    """The kind of a value in words."""
    if isinstance(value, bool):
        return "true or false"
    kinds: dict[type, str] = {
        str: "text", int: "a number", float: "a number", dict: "a mapping", list: "a list", type(None): "null",
    }  # fmt: skip
    return kinds[type(value)]


def _syntax(file: str, text: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (
        (mark.line + 1, mark.column + 1) if mark else _place(text, getattr(error, "position", 0))
    )
    words = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    rest = text.split("\n", line)[line - 1 : line]
    if rest and "\t" in rest[0][:column]:
        return _problem(file, line, column, "TF001", "a tab in the indentation", "spaces")
    return _problem(file, line, column, "TF001", f"not YAML: {words}", hint=_advice(words))


def _advice(words: str) -> str:
    advice = {
        "mapping values are not allowed": "quote text that has `: ` in it, or check the indentation",
        "did not find expected key": "check the indentation and the quotes above",
        "found unexpected end of stream": "a quote or bracket is not closed",
        "did not find expected ',' or": "a bracket is not closed, or a comma is missing",
    }
    return next((hint for part, hint in advice.items() if part in words), "")
