"""Secrets, which must not be in the files of a fleet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tritonfleet.nouns import Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import fleet_rule, on
from tritonfleet.source import Source
from tritonfleet.validate.secrets import has_secret
from tritonfleet.values import KeyPath, dotted, lookup


@fleet_rule("TF140", always=True)
def no_secrets(resolved: Resolved) -> Iterator[Problem]:
    """No secret is in plain values."""
    sources = resolved.sources
    for source in (sources.fleet, *sources.environments, *sources.lists):
        # Few texts can hold one, and the look at each value is for those; an escape could hide one from the text.
        if has_secret(source.text) or "\\" in source.text:
            yield from _secrets(source)


def _secrets(source: Source) -> Iterator[Problem]:
    hint = "put it in a Secret and name that here; once committed it is in Git's history, so replace it"
    for path, text in _texts(source.data, ()):
        if has_secret(text):
            message = f"{dotted(path)} looks like a secret"
            name = _entry_name(source, path)
            yield on(source.position(path), message, hint, subject=name)


def _texts(data: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Every text in a document, with the path to it."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))


def _entry_name(source: Source, path: KeyPath) -> str:
    """The name of the model entry that a path leads into; "" when there is none."""
    if path[0] != "models":
        return ""
    name = lookup(source.data, (*path[:2], "name"))
    return name if isinstance(name, str) else ""
