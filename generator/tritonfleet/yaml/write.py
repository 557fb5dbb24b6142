"""Data to YAML text that PyYAML, ruamel and Helm's Go reader read as the same data.

Text is quoted unless every reader takes it for text, lines of text become literal blocks where that is exact,
integers stay integers, lines are never folded, and the text ends with a newline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeAlias

_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_NEEDS_ESCAPE = re.compile(r"[^ !#-\[\]-~]")
# A literal block is exact when no line is blank-looking or ends in spaces, and the first begins at its margin.
_LITERAL = re.compile(r"\S(?:.*\S)?(?:\n+[ \t]*\S(?:.*\S)?)*\n?\Z")
_LONGEST_KEY = 1000  # readers look no further for the colon of a key without a question mark


class Constant(dict[str, Any]):
    """A mapping that is the same in many documents and that nobody changes: its text is made once."""

    __hash__ = object.__hash__  # type: ignore[assignment]


Known: TypeAlias = dict[int, tuple[Any, list[str]]]
"""Lines of mappings that several documents share, by identity; it keeps them alive, so that no identity comes twice."""


def to_yaml(data: Any, comment: str = "", known: Known | None = None) -> str:
    """One document; `comment` is set above it, a `# ` before each of its lines.

    Documents that share the mappings right below their roots are faster with one `known` for all of them.
    """
    lines: list[str] = [f"# {line}".rstrip() for line in comment.splitlines()]
    if known is None or type(data) is not dict or not data:
        _block(lines, data, "", "")
    else:
        _shared(lines, data, known)
    return "\n".join(lines) + "\n"


def _shared(lines: list[str], data: dict[str, Any], known: Known) -> None:
    for key, value in data.items():
        if type(value) is dict and value:
            if id(value) not in known:
                known[id(value)] = value, _lines(value, "  ")
            lines.append(f"{_text(key)}:")
            lines += known[id(value)][1]
        else:
            _mapping(lines, {key: value}, "", "")


def _lines(data: Any, indent: str) -> list[str]:
    lines: list[str] = []
    _block(lines, data, indent, indent)
    return lines


@lru_cache(maxsize=100)
def _constant(data: Constant, indent: str) -> list[str]:
    return _lines(dict(data), indent)


def to_yaml_stream(documents: Iterable[Any], comment: str = "") -> str:
    """Several documents in one file."""
    first, *rest = documents
    return to_yaml(first, comment) + "".join("---\n" + to_yaml(document) for document in rest)


def _block(lines: list[str], data: Any, indent: str, first: str) -> None:
    """Appends `data`; its first line begins with `first` instead of `indent` (behind a list's dash, for example)."""
    if type(data) is dict and data:
        _mapping(lines, data, indent, first)
    elif type(data) is list and data:
        for item in data:
            _block(lines, item, indent + "  ", first + "- ")
            first = indent
    else:
        lines.append(first + _leaf(data, indent))


def _mapping(lines: list[str], data: dict[str, Any], indent: str, first: str) -> None:
    inner = indent + "  "
    for key, value in data.items():
        name = _text(key)
        if len(name) > _LONGEST_KEY:
            lines.append(f"{first}? {name}")
            name, first = "", indent
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


def _leaf(value: Any, indent: str) -> str:
    if type(value) is not str:
        return scalar(value)
    if "\n" in value and (literal := _literal(value, indent)):
        return literal
    return _text(value)


def _literal(text: str, indent: str) -> str | None:
    if not _LITERAL.match(text) or not text.replace("\n", "").replace("\t", "").isprintable():
        return None
    head = "|" if text.endswith("\n") else "|-"
    margin = "\n" + (indent or "  ")
    body = "".join(margin + line if line else "\n" for line in text.removesuffix("\n").split("\n"))
    return head + body


def scalar(value: Any) -> str:
    """A value in one line."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return _float(value)
    return "{}" if kind is dict else "[]"


@lru_cache(maxsize=10_000)  # keys and most values repeat
def _text(text: str) -> str:
    return text if _SAFE.match(text) and text.lower() not in _WORDS else _quoted(text)


def _float(value: float) -> str:
    text = repr(value)
    # Older readers take 1e-05 for text: a fraction needs its point.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _quoted(text: str) -> str:
    return f'"{_NEEDS_ESCAPE.sub(_escape, text)}"' if _NEEDS_ESCAPE.search(text) else f'"{text}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
