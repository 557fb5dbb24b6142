"""Whether a config.pbtxt can be read: its grammar, its fields, and the words of its enumerations."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models import grammar
from tritonfleet.models.fields import NOWHERE, Field, Message, Misread, Word
from tritonfleet.models.message import UNKNOWN, Kind, fields_of, since, words_of
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server, in_config
from tritonfleet.problem import similar

MAXIMUM_CHARACTERS = 1_000_000
_TEMPLATE = "${"


def unreadable(model: Model, server: Server) -> Iterator[Finding]:
    """Why the server cannot read the configuration; it looks no further then, and so do we."""
    text = model.files.get(CONFIG)
    if text is None:
        return
    if len(text) > MAXIMUM_CHARACTERS:
        message = f"{CONFIG} has more than {MAXIMUM_CHARACTERS} characters"
        yield in_config(NOWHERE, "TF200", message)
        return
    is_known = True
    for finding in _unknown_of(model, server):
        is_known = False
        yield finding
    misread = _misread(model, text) if is_known else None
    if misread:
        yield _ungrammatical(misread, text)


def _unknown_of(model: Model, server: Server) -> Iterator[Finding]:
    reading = model.reading
    if isinstance(reading, Message):
        yield from _unknown(reading, server)


def _misread(model: Model, text: str) -> Misread | None:
    """Whether a text is wrong, protobuf's parser says, where it is there; our words say more than its."""
    reading = model.reading
    if isinstance(reading, Misread) and reading.is_sure:
        return reading
    refused = grammar.refusal(text)
    if isinstance(reading, Message):
        return refused
    is_wrong = refused or not grammar.is_installed()
    return reading if is_wrong else None


def _ungrammatical(misread: Misread, text: str) -> Finding:
    """The parser's words without its package's name, which people do not write."""
    hint = ""
    if _TEMPLATE in text:
        hint = "it is a template: fill in what stands in ${…} before Triton reads it"
    words = misread.why.replace('"inference.', '"').removesuffix(".")
    return in_config(misread.place, "TF200", words, hint)


def _unknown(said: Message, server: Server) -> Iterator[Finding]:
    """Fields and words that NVIDIA's message does not have, or not yet in the server's version."""
    for each in said.fields:
        if each.kind == UNKNOWN:
            yield _unknown_field(said, each)
            continue
        too_new = list(_too_new(said.kind, each, server))
        yield from too_new
        if too_new:
            continue  # what is inside of it is no older
        if isinstance(each.value, Word):
            yield from _unknown_word(each.value, each.kind)
        elif fields_of(each.kind):
            yield from _unknown(each.value, server)


def _unknown_field(said: Message, field: Field) -> Finding:
    kind, name = said.kind, field.name
    message = f"`{name}` is not a field of {_short(kind)}"
    hint = similar(name, fields_of(kind))
    return in_config(field.place, "TF201", message, hint)


def _too_new(kind: Kind, field: Field, server: Server) -> Iterator[Finding]:
    """A field that the server's parser does not know yet; YY.MM sorts as text."""
    name, version = field.name, server.version
    came = since(kind, name)
    if came and version and version < came:
        message = f"`{name}` came with Triton {came}, and the server is {version}"
        hint = "remove it, or use a newer image"
        yield in_config(field.place, "TF203", message, hint)


def _short(kind: Kind) -> str:
    """ModelInput of .inference.ModelInput."""
    return kind.rsplit(".", 1)[-1]


def _unknown_word(word: Word, kind: Kind) -> Iterator[Finding]:
    """A word that its enumeration does not have. What is in quotes is refused by the parser, in its words."""
    words = words_of(kind)
    text, place, is_quoted = word
    if not words or is_quoted or _is_number(word):
        return
    if text not in words:
        message = f"`{text}` is not a {_short(kind)}"
        yield in_config(place, "TF202", message, similar(text, words))


def _is_number(word: Word) -> bool:
    """protobuf takes an enumeration's numbers for its words."""
    return word.text.lstrip("-")[:1].isdigit()
