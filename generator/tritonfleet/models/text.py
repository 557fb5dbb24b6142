"""A text of protobuf's text format as fields with their places.

protobuf's own parser decides what is right, and keeps no place of what it read. So a text is walked
a second time, here: only which field stands where, never whether a value fits. https://protobuf.dev/reference/protobuf/textformat-spec/
"""

from __future__ import annotations

import codecs
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tritonfleet.models.fields import NOWHERE, Field, Message, Misread, Place, Word
from tritonfleet.models.message import Kind, field_kind, word_of

MAXIMUM_DEPTH = 50  # messages inside messages; NVIDIA's go to six
_TOKEN = re.compile(
    r"""(?P<skipped>[ \t\r\n\f\v]+|\#[^\n]*)
      | (?P<quoted>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<mark>[{}<>\[\]:,;])
      | (?P<word>[^\s{}<>\[\]:,;"'\#]+)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"{": "}", "<": ">"}
# A backslash and what follows it: what the server's parser knows of C's escapes, and the rest.
_ESCAPE = re.compile(r"\\(?:[abfnrtvxXuU\\?'\"0-7]|(?P<unknown>.))", re.DOTALL)


# The same configuration often stands in several environments.
@lru_cache(maxsize=1000)
def read(text: str, kind: Kind) -> Message | Misread:
    """What a text says, as a message of this kind."""
    try:
        return _Walker(text).message(kind)
    except _Stop as stop:
        return stop.misread


class _Token(NamedTuple):
    """A mark, a word or a quoted text; "" is the end."""

    text: str
    place: Place
    quoted: bool

    def is_mark(self, text: str) -> bool:
        return self.text == text and not self.quoted


_END = ""


class _Stop(Exception):
    """Nothing behind this place can be walked."""

    def __init__(self, why: str, place: Place, *, is_sure: bool = False) -> None:
        super().__init__(why)
        self.misread = Misread(why, place, is_sure)


class _Walker:
    """Goes through the tokens of a text once, with one token ahead."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.token = next(self.tokens)
        self.depth = 0

    def message(self, kind: Kind, place: Place = NOWHERE, close: str = _END) -> Message:
        """Fields up to the mark that closes the message, which begins at this place."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise _Stop(f"messages are more than {MAXIMUM_DEPTH} deep", place)
        fields: list[Field] = []
        while not self._is(close):
            fields += self._field(kind)
        self.depth -= 1
        return Message(kind, place, tuple(fields))

    def _field(self, kind: Kind) -> Iterator[Field]:
        """A field, as often as it has values; what may end it, a comma or a semicolon, goes with it."""
        name = self._name()
        has_colon = self._took(":")
        of = field_kind(kind, name.text)
        if self._took("["):
            yield from self._list(name, of)
        elif has_colon or self.token.text in _CLOSES:
            yield Field(name.text, of, name.place, self._value(of, name.place))
        else:  # only before a message or a list the colon may be left out
            raise _unexpected(f"`:` behind `{name.text}`", self.token)
        _ = self._took(",") or self._took(";")

    def _name(self) -> _Token:
        token = self._next()
        if token.quoted or token.text in "{}<>[]:,;":
            raise _unexpected("a field's name", token)
        return token

    def _list(self, name: _Token, kind: Kind) -> Iterator[Field]:
        """A field for each value up to the bracket; here, a comma behind the last one is wrong."""
        if self._took("]"):
            return
        while True:
            place = self.token.place
            yield Field(name.text, kind, place, self._value(kind, place))
            if self._took("]"):
                return
            if not self._took(","):
                raise _unexpected("`,` or `]`", self.token)

    def _value(self, kind: Kind, place: Place) -> Word | Message:
        """A message, whose fields go up to its closing mark, or else a word or a text."""
        token = self._next()
        if token.quoted:
            return self._quoted(token)
        if token.text in _CLOSES:
            close = _CLOSES[token.text]
            said = self.message(kind, place, close)
            self._next()
            return said
        if token.text in "}>[]:,;":
            raise _unexpected("a value", token)
        if token.text.startswith("+"):
            raise _Stop("a number has no `+`", token.place, is_sure=True)
        text = word_of(kind, token.text)
        if text == "-":  # the number stands behind a space
            text += self._next().text
        return Word(text, token.place, quoted=False)

    def _quoted(self, token: _Token) -> Word:
        """Texts that follow each other are one."""
        text = _content(token)
        while self.token.quoted:
            text += _content(self._next())
        return Word(text, token.place, quoted=True)

    def _is(self, text: str) -> bool:
        """Whether a mark is next, which must come before the text ends."""
        token = self.token
        if text != _END and token.text == _END:
            raise _Stop(f"the text ends where `{text}` is expected", token.place)
        return token.is_mark(text)

    def _took(self, text: str) -> bool:
        """Whether a mark was next; it is passed then."""
        took = self.token.is_mark(text)
        if took:
            self._next()
        return took

    def _next(self) -> _Token:
        """The token that is next, which is passed."""
        token = self.token
        if token.text == _END:
            raise _Stop("the text ends too early", token.place)
        self.token = next(self.tokens)
        return token


def _tokens(text: str) -> Iterator[_Token]:
    """What is not a space or a comment. Lines are counted on the way: a text may have a million characters."""
    line, begin, offset = 1, 0, 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        place = Place(line, offset - begin + 1)
        if match is None:
            raise _Stop(f"the quote {text[offset]} is not closed in its line", place)
        token = match[0]
        if match.lastgroup != "skipped":
            yield _Token(token, place, match.lastgroup == "quoted")
        if "\n" in token:
            line += token.count("\n")
            begin = offset + token.rindex("\n") + 1
        offset = match.end()
    yield _Token(_END, Place(line, offset - begin + 1), quoted=False)


def _content(quoted: _Token) -> str:
    """What stands between quotes, with its escapes replaced."""
    text = quoted.text[1:-1]
    if "\\" not in text:
        return text
    for match in _ESCAPE.finditer(text):
        if match["unknown"]:
            why = f"`{match[0]}` is no escape"
            raise _Stop(why, quoted.place, is_sure=True)
    try:
        with warnings.catch_warnings():
            # Python warns of escapes of protobuf's own.
            warnings.simplefilter("ignore")
            content, _ = codecs.escape_decode(text.encode())  # as C writes it
    except ValueError as error:
        raise _Stop(str(error), quoted.place) from None
    return content.decode(errors="replace")


def _unexpected(expected: str, token: _Token) -> _Stop:
    return _Stop(f"expected {expected}, not {_shown(token)}", token.place)


def _shown(token: _Token) -> str:
    return f"`{token.text[:30]}`" if token.text else "the end"
