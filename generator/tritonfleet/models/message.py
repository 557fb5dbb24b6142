"""NVIDIA's message ModelConfig: which fields a config.pbtxt may have, which words they take, and since which server.

`message.json` beside this module is made from tritonclient's wheels by `tools/model_message.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

Kind: TypeAlias = str
"""The full name of a message or an enumeration, as descriptors write it; "" for numbers, texts and the unknown."""

MODEL: Kind = ".inference.ModelConfig"
UNKNOWN: Kind = "?"


@dataclass(frozen=True)
class _Messages:
    """By message, the kind of each field; by enumeration, its words; by a part's name, the server it came with."""

    fields: dict[Kind, dict[str, Kind]] = field(default_factory=dict)
    words: dict[Kind, dict[str, int]] = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)
    newest: str = ""


def field_kind(kind: Kind, name: str) -> Kind:
    """The kind of a field; UNKNOWN inside of what is unknown itself, and for a name that no field has."""
    return _messages().fields.get(kind, {}).get(name, UNKNOWN)


def fields_of(kind: Kind) -> list[str]:
    """Names of the fields of a message; none for what is no message."""
    return list(_messages().fields.get(kind, {}))


def words_of(kind: Kind) -> list[str]:
    """The words of an enumeration; none for what is none."""
    return list(_messages().words.get(kind, {}))


def word_of(kind: Kind, text: str) -> str:
    """An enumeration's word for its number, which protobuf takes as well; any other text as it is."""
    words = _messages().words.get(kind, {})
    if text.isdecimal():
        for word, number in words.items():
            if str(number) == text:
                return word
    return text


def since(kind: Kind, name: str) -> str:
    """YY.MM of the server that a field or word came with; "" when it was always there."""
    return _messages().since.get(f"{kind}.{name}", "")


def newest() -> str:
    """YY.MM of the server whose message this is."""
    return _messages().newest


def file_descriptor() -> Mapping[str, Any]:
    """The message's file, as JSON of protobuf's FileDescriptorProto."""
    file: Mapping[str, Any] = _written()["file"]
    return file


@cache
def _written() -> Any:
    """message.json as it is; read when a config.pbtxt is met, and once."""
    text = resources.files(__package__).joinpath("message.json").read_text("utf-8")
    return json.loads(text)


@cache
def _messages() -> _Messages:
    written = _written()
    file = written["file"]
    messages = _Messages(since=written["since"], newest=written["newest"])
    prefix = f".{file['package']}"
    _enter_enums(messages, file, prefix)
    for message in file["messageType"]:
        _enter(messages, message, prefix)
    return messages


def _enter(messages: _Messages, message: Mapping[str, Any], prefix: str) -> None:
    """Adds a message with the messages and enumerations inside of it, whose names begin with its own."""
    name = f"{prefix}.{message['name']}"
    fields = message.get("field", [])
    messages.fields[name] = {each["name"]: each.get("typeName", "") for each in fields}
    _enter_enums(messages, message, name)
    for nested in message.get("nestedType", []):
        _enter(messages, nested, name)


def _enter_enums(messages: _Messages, around: Mapping[str, Any], prefix: str) -> None:
    """A number that JSON leaves out is 0, protobuf's default."""
    for enum in around.get("enumType", []):
        words = {each["name"]: each.get("number", 0) for each in enum["value"]}
        messages.words[f"{prefix}.{enum['name']}"] = words
