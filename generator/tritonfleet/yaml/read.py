"""Bytes of a YAML file to its data and the place of each value."""

from __future__ import annotations

from tritonfleet.problem import Invalid, Position
from tritonfleet.source import Source, position_at
from tritonfleet.yaml import refusals
from tritonfleet.yaml.builder import Builder


def read(file: str, content: bytes) -> Source:
    """The document in `content`; `file` is what problems call it. Raises Invalid with all problems that can be seen.

    Reads one YAML 1.2 document of mappings, lists and scalars.
    """
    if len(content) > refusals.MAXIMUM_BYTES:
        refusal = refusals.too_many_bytes(len(content))
        raise Invalid([refusal.at(Position(file))])
    text = _decode(file, content)
    # What the parser would stumble over first, it would call by a name that helps nobody.
    forbidden = list(refusals.forbidden_characters(file, text))
    problems = forbidden or [
        *refusals.conflicts(file, text),
        *refusals.directives(file, text),
    ]
    if problems:
        raise Invalid(problems)
    return Builder(file, text).build()


def _decode(file: str, content: bytes) -> str:
    """The text, without the byte order mark that some editors begin a file with."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        bytes_as_text = content.decode("latin-1")  # a character for each
        position = position_at(file, bytes_as_text, error.start)
        refusal = refusals.not_utf8(content[error.start])
        raise Invalid([refusal.at(position)]) from None
