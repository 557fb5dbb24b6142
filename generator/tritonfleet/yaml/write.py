"""Data to YAML text that PyYAML, ruamel and Helm's Go reader read as the same data.

Text is quoted unless every reader takes it for text, lines of text become literal blocks where that is exact,
integers stay integers, lines are never folded, and the text ends with a newline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from tritonfleet.visible import INVISIBLE, escaped

_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*\Z")
WORDS = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}
)
_ESCAPES = {"\\": "\\\\", '"': '\\"'}
_NEEDS_ESCAPE = re.compile(r"[^ !#-\[\]-~]")
# A literal block is exact when no line is blank-looking or ends in spaces, and the first begins at its margin.
_LITERAL = re.compile(r"\S(?:.*\S)?(?:\n+[ \t]*\S(?:.*\S)?)*\n?\Z")
# Readers look no further for the colon of a key without a question mark.
_LONGEST_KEY = 1000


class Constant(dict[str, Any]):
    """A mapping that many documents have and nobody changes: its text is made once for each indentation.

    The engines' options stand in every release's documents. With their text made anew, the text of a tree takes about a
    tenth longer (143 ms instead of 122 ms for 3,000 releases, 1.50 s instead of 1.40 s for 30,000).
    """

    __hash__ = object.__hash__  # type: ignore[assignment]


def to_yaml(data: Any, comment: str = "") -> str:
    """One document of mappings, lists and scalars; `comment` is set above it, a `# ` before each of its lines.

    Raises TypeError for data that YAML has no words for.
    """
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    _block(lines, data, "", "")
    return "\n".join(lines) + "\n"


def to_yaml_stream(documents: Iterable[Any], comment: str = "") -> str:
    """Several documents in one file; `comment` is set above the first."""
    first, *others = documents
    texts = [to_yaml(first, comment)]
    texts += map(to_yaml, others)
    return "---\n".join(texts)


def _block(lines: list[str], data: Any, indent: str, first: str) -> None:
    """Appends `data`; its first line begins with `first` instead of `indent` (behind a list's dash, for example)."""
    if data and isinstance(data, dict):
        _mapping(lines, data, indent, first)
    elif data and isinstance(data, list):
        for item in data:
            _block(lines, item, indent + "  ", first + "- ")
            first = indent
    else:
        lines.append(first + _leaf(data, indent))


def _mapping(lines: list[str], data: dict[str, Any], indent: str, first: str) -> None:
    """Appends a mapping that is not empty, as `_block` does; a tree has a million keys, so they are not blocks each."""
    inner = indent + "  "
    for key, value in data.items():
        name = _text(key)
        if len(name) > _LONGEST_KEY:
            lines.append(f"{first}? {name}")
            name = ""
            first = indent
        kind = type(value)
        if value and (kind is dict or kind is list):
            lines.append(f"{first}{name}:")
            _block(lines, value, inner, inner)
        elif kind is Constant:
            lines.append(f"{first}{name}:")
            lines += _constant(value, inner)
        else:
            lines.append(f"{first}{name}: {_leaf(value, inner)}")
        first = indent


@lru_cache(maxsize=100)
def _constant(data: Constant, indent: str) -> list[str]:
    lines: list[str] = []
    _block(lines, data, indent, indent)
    return lines


def _leaf(value: Any, indent: str) -> str:
    """A scalar, or an empty mapping or list; lines of text go below, at `indent`."""
    if type(value) is str:
        return literal(value, indent) or _text(value)
    return scalar(value)


def literal(text: str, indent: str) -> str:
    """Lines of text as a literal block; "" for a single line, and where a block would not be exact."""
    if "\n" not in text or not _is_exact_in_a_block(text):
        return ""
    block = "|" if text.endswith("\n") else "|-"
    margin = indent or "  "
    for line in text.removesuffix("\n").split("\n"):
        block += f"\n{margin}{line}" if line else "\n"
    return block


def _is_exact_in_a_block(text: str) -> bool:
    """Whether readers give back these lines as they are: a block has no escapes."""
    if not _LITERAL.match(text):
        return False
    return not INVISIBLE.search(text.replace("\n", "").replace("\t", ""))


def scalar(value: Any) -> str:
    """A scalar, or an empty mapping or list, in one line."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return str(value).lower()
    if kind is float:
        return _float(value)
    if kind is dict:
        return "{}"
    if kind is list:
        return "[]"
    raise TypeError(f"{kind.__name__} has no form in YAML")


# Every release has the same keys and mostly the same values: 97 of 100 texts were met before. Without this the text of
# a tree takes half as long again (186 ms instead of 122 ms for 3,000 releases).
@lru_cache(maxsize=10_000)
def _text(text: str) -> str:
    if _SAFE.match(text) and text.lower() not in WORDS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Text between double quotes, in one line."""
    return '"' + _NEEDS_ESCAPE.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    if INVISIBLE.match(character):
        return escaped(character)
    return character


def _float(value: float) -> str:
    text = repr(value)
    if "e" in text and "." not in text:
        # 1e-05 is text to older readers: a fraction needs its point.
        return text.replace("e", ".0e")
    return text
