"""One keyword of a schema that a value breaks, and where in people's files the value is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from tritonfleet.problem import Position, Problem
from tritonfleet.validate.schemas import Schema
from tritonfleet.values import KeyPath, dotted

if TYPE_CHECKING:
    from jsonschema import ValidationError


@dataclass(frozen=True, slots=True)
class Place:
    """How to find a value in what people wrote: its position, the text as written, and whose model it is about."""

    position: Callable[[KeyPath, bool], Position]
    """Where the value at a path begins; with True, its key."""
    written: Callable[[KeyPath], str]
    """The rest of the line from there."""
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

    def problem(
        self, code: str, what: str, expected: str = "", hint: str = ""
    ) -> Problem:
        """A problem of the value; its message is the value's name and `what`."""
        name = self.place.name(self.path)
        message = f"{name}: {what}" if name else what
        position = self.place.position(self.path, False)
        return Problem(
            position, code, message, expected, hint, subject=self.place.subject
        )

    def key_problem(
        self, key: str, code: str, message: str, expected: str, hint: str = ""
    ) -> Problem:
        """A problem of one of the value's keys."""
        position = self.place.position((*self.path, key), True)
        return Problem(
            position, code, message, expected, hint, subject=self.place.subject
        )


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
