"""Bytes of a YAML file to its data and the place of each value."""

from __future__ import annotations

from tritonfleet.problem import Invalid, Position
from tritonfleet.source import Source
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
    problems = forbidden or list(refusals.conflicts(file, text))
    if problems:
        raise Invalid(problems)
    return Builder(file, text).build()


def _decode(file: str, content: bytes) -> str:
    """The text, without the byte order mark that some editors begin a file with."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        lines = content[: error.start].split(b"\n")
        line = len(lines)
        column = len(lines[-1]) + 1
        refusal = refusals.not_utf8(content[error.start])
        problem = refusal.at(Position(file, line, column))
        raise Invalid([problem]) from None
