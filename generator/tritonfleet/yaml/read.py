"""Bytes of a YAML file to its data and the place of each value."""

from __future__ import annotations

from tritonfleet.problem import Invalid
from tritonfleet.source import Source
from tritonfleet.yaml import refusals
from tritonfleet.yaml.builder import Builder


def read(file: str, content: bytes) -> Source:
    """The document in `content`; `file` is what problems call it. Raises Invalid with all problems that can be seen.

    Reads one YAML 1.2 document of mappings, lists and scalars.
    """
    if len(content) > refusals.MAXIMUM_BYTES:
        raise Invalid([refusals.too_many_bytes(len(content)).at(file, 1, 1)])
    text = _decode(file, content)
    # What the parser would stumble over first, it would call by a name that helps nobody.
    problems = list(refusals.forbidden_characters(file, text))
    if not problems:
        problems = list(refusals.conflicts(file, text))
    if problems:
        raise Invalid(problems)
    return Builder(file, text).build()


def _decode(file: str, content: bytes) -> str:
    """The text, without the byte order mark that some editors begin a file with."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - before.rfind(b"\n")
        problem = refusals.not_utf8(content[error.start]).at(file, line, column)
        raise Invalid([problem]) from None
