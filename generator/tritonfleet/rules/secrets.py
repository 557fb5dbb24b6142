"""Secrets, which must not be in the files of a fleet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tritonfleet.nouns import Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import fleet_rule, on
from tritonfleet.source import Source, position_at
from tritonfleet.validate.secrets import (
    has_secret,
    is_secret_by_name,
    issued_secrets,
    may_name_secrets,
    without_secrets,
)
from tritonfleet.values import KeyPath, dotted, lookup, text_at

HINT = "put it in a Secret and name that here; once committed it is in Git's history, so replace it"


@fleet_rule("TF140", always=True)
def no_secrets(resolved: Resolved) -> Iterator[Problem]:
    """No secret is in plain text."""
    sources = resolved.sources
    for source in (sources.fleet, *sources.environments, *sources.lists):
        # Few texts can hold one, and the look at each value is for those; an escape could hide one from the text.
        text = source.text
        if has_secret(text) or may_name_secrets(text) or "\\" in text:
            yield from _in_values(source)
            yield from _beside_values(source)


def _in_values(source: Source) -> Iterator[Problem]:
    """Texts that look like a secret, or that are the value of a name which says so."""
    for value in _texts(source.data, ()):
        if has_secret(value.text) or is_secret_by_name(value.name, value.text):
            # A key on the way may hold a secret itself.
            where = without_secrets(dotted(value.path))
            message = f"{where} looks like a secret"
            name = _entry_name(source, value.path)
            position = source.position(value.path)
            yield on(position, message, HINT, subject=name)


def _beside_values(source: Source) -> Iterator[Problem]:
    """Keys and comments: what looks like a secret in the text, and is in none of the values."""
    text = source.text
    secrets = set(issued_secrets(text))
    if not secrets:
        return  # as in nearly every file, whose values need not be looked through
    texts = [value.text for value in _texts(source.data, ())]
    texts_with_one = list(filter(has_secret, texts))
    for secret in secrets:
        is_in_values = any(secret in text for text in texts_with_one)
        if not is_in_values:
            position = position_at(source.file, text, text.index(secret))
            message = "a comment or a key holds what looks like a secret"
            yield on(position, message, HINT)


class _Text(NamedTuple):
    """A text of a document: the path to it, the name of the variable that it is the value of, and itself."""

    path: KeyPath
    name: str
    text: str


def _texts(data: Any, path: KeyPath, name: str = "") -> Iterator[_Text]:
    """Every text in a document."""
    if isinstance(data, str):
        yield _Text(path, name, data)
    elif isinstance(data, dict):
        # Kubernetes writes variables as lists of `name` and `value`.
        variable = text_at(data, "name")
        for key, value in data.items():
            called = variable if key == "value" else key
            yield from _texts(value, (*path, key), called)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))


def _entry_name(source: Source, path: KeyPath) -> str:
    """The name of the model entry that a path leads into; "" when there is none."""
    if path[0] != "models":
        return ""
    name = lookup(source.data, (*path[:2], "name"))
    return name if isinstance(name, str) else ""
