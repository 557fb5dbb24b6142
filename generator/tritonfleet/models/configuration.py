"""Whether a config.pbtxt can be read: its grammar, its fields, and the words of its enumerations."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models import grammar
from tritonfleet.models.message import UNKNOWN, Kind, fields_of, since, words_of
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.models.said import Field, Misread, Said, Word
from tritonfleet.problem import similar

MAXIMUM_CHARACTERS = 1_000_000
_TEMPLATE = "${"


def unreadable(model: Model, server: Server) -> list[Finding]:
    """Why the server cannot read the configuration; it looks no further then, and so do we."""
    text = model.files.get(CONFIG)
    if text is None:
        return []
    if len(text) > MAXIMUM_CHARACTERS:
        message = f"{CONFIG} has more than {MAXIMUM_CHARACTERS} characters"
        return [Finding("TF200", message, file=CONFIG)]
    reading = model.reading
    if isinstance(reading, Misread):
        # Whether it is wrong, protobuf's parser says, where it is there; our words say more than its.
        is_wrong = grammar.refusal(text) or not grammar.is_installed()
        return [_ungrammatical(reading, text)] if is_wrong else []
    unknown = list(_unknown(reading, server))
    if unknown:
        return unknown
    refused = grammar.refusal(text)
    return [_ungrammatical(refused, text)] if refused else []


def _ungrammatical(misread: Misread, text: str) -> Finding:
    hint = ""
    if _TEMPLATE in text:
        hint = "it is a template: fill in what stands in ${…} before Triton reads it"
    words = misread.why.replace('"inference.', '"').removesuffix(".")
    return Finding("TF200", words, hint, CONFIG, misread.place)


def _unknown(said: Said, server: Server) -> Iterator[Finding]:
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


def _unknown_field(said: Said, field: Field) -> Finding:
    message = f"`{field.name}` is not a field of {_short(said.kind)}"
    hint = similar(field.name, fields_of(said.kind))
    return Finding("TF201", message, hint, CONFIG, field.place)


def _too_new(kind: Kind, field: Field, server: Server) -> Iterator[Finding]:
    came = since(kind, field.name)
    if came and server.version and server.version < came:
        message = f"`{field.name}` came with Triton {came}, and the server is {server.version}"
        hint = "remove it, or use a newer image"
        yield Finding("TF203", message, hint, CONFIG, field.place)


def _short(kind: Kind) -> str:
    return kind.rsplit(".", 1)[-1]


def _unknown_word(word: Word, kind: Kind) -> Iterator[Finding]:
    words = words_of(kind)
    if words and not word.quoted and not _is_number(word) and word.text not in words:
        message = f"`{word.text}` is not a {_short(kind)}"
        yield Finding("TF202", message, similar(word.text, words), CONFIG, word.place)


def _is_number(word: Word) -> bool:
    """protobuf takes an enumeration's numbers for its words."""
    return word.text.lstrip("-")[:1].isdigit()
