"""One keyword of a schema that a value breaks, and where in people's files the value is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from tritonfleet.problem import Position, Problem
from tritonfleet.validate.engine import matches
from tritonfleet.validate.schemas import Schema
from tritonfleet.validate.shown import unquoted
from tritonfleet.values import KeyPath, dotted

if TYPE_CHECKING:
    from jsonschema import ValidationError


class Written(Protocol):
    """What people wrote: one file (a Source), or a Release, whose values come from several."""

    def position(self, path: KeyPath = (), *, key: bool = False) -> Position:
        """Where the value at a path begins (its key with `key=True`)."""

    def written(self, path: KeyPath) -> str:
        """The line of text from there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to find the values that a schema is asked about, and whose model they are about."""

    text: Written
    subject: str = ""
    depth: int = 0
    """Steps that every path begins with and no message says: `models[3]` is the entry that `subject` names."""

    def name(self, path: KeyPath) -> str:
        """A path as messages write it."""
        return dotted(path[self.depth :])

    def holder(self, path: KeyPath) -> str:
        """A mapping as messages call it."""
        name = self.name(path)
        if name:
            return f"`{name}`"
        if self.subject:
            return f"entry `{self.subject}`"
        if self.depth:
            return "a model entry"
        return "this file"

    def scalar(self, path: KeyPath) -> str:
        """The value at a path as it is written; "" for one in quotes, a mapping or a list."""
        return unquoted(self.text.written(path))

    def problem(
        self,
        path: KeyPath,
        code: str,
        message: str,
        expected: str = "",
        hint: str = "",
        *,
        key: bool = False,
    ) -> Problem:
        """A problem of the value at a path (of its key with `key=True`)."""
        position = self.text.position(path, key=key)
        return Problem(position, code, message, expected, hint, subject=self.subject)


@dataclass(frozen=True, slots=True)
class Misfit:
    """jsonschema's ValidationError with types, and the place of its value."""

    path: KeyPath
    value: Any
    keyword: str
    limit: Any
    """What the keyword says: 1000 for `maximum`, a list of names for `required`."""
    schema: Schema
    steps: frozenset[str]
    """Keywords and keys on the way from the root to the schema."""
    message: str
    place: Place

    @property
    def holder(self) -> str:
        """The value as messages call it when one of its keys is wrong."""
        return self.place.holder(self.path)

    @property
    def properties(self) -> Mapping[str, Schema]:
        """The schemas of the keys that the value may have."""
        schemas: Mapping[str, Schema] = self.schema.get("properties", {})
        return schemas

    @property
    def patterns(self) -> Sequence[str]:
        """The forms of further keys that it may have."""
        return list(self.schema.get("patternProperties", {}))

    def has_place_for(self, key: str) -> bool:
        """Whether the value may have this key."""
        if key in self.properties:
            return True
        return any(matches(pattern, key) for pattern in self.patterns)

    def problem(
        self, code: str, what: str, expected: str = "", hint: str = ""
    ) -> Problem:
        """A problem of the value; its message is the value's name and `what`."""
        name = self.place.name(self.path)
        message = f"{name}: {what}" if name else what
        return self.place.problem(self.path, code, message, expected, hint)

    def key_problem(
        self, key: str, code: str, message: str, expected: str, hint: str = ""
    ) -> Problem:
        """A problem of one of the value's keys."""
        path = (*self.path, key)
        return self.place.problem(path, code, message, expected, hint, key=True)


def misfit_of(error: ValidationError, place: Place) -> Misfit:
    return Misfit(
        path=tuple(error.absolute_path),
        value=error.instance,
        keyword=str(error.validator),
        limit=error.validator_value,
        schema=cast(Schema, error.schema),
        steps=frozenset(map(str, error.absolute_schema_path)),
        message=error.message,
        place=place,
    )
