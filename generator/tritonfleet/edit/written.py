"""How a value is written into a text of somebody else: in the style of what it replaces, or of its neighbours."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tritonfleet.visible import INVISIBLE
from tritonfleet.yaml.scalars import plain
from tritonfleet.yaml.write import WORDS, literal, quoted, scalar

LONGEST_LINE = 100
"""Characters of a mapping or list in brackets, with what is before it; a longer one is written below its key."""
STEP = 2  # of indentation
_WORD = r"[A-Za-z0-9_./@%+=-]+"
_BARE = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_./-]*\Z")
# What may stay without quotes where there were none before. In brackets not every reader takes a colon.
_BARE_WORDS = re.compile(rf"[A-Za-z0-9/]{_WORD}(?: {_WORD})*\Z")
_BARE_WORDS_BELOW = re.compile(rf"[A-Za-z0-9/]{_WORD}(?:[ :]{_WORD})*\Z")


def has_parts(value: Any) -> bool:
    """Whether it is a mapping or a list that is not empty."""
    return isinstance(value, dict | list) and bool(value)


def in_line(value: Any, *, quote: bool = False) -> str:
    """A value in one line, mappings and lists in brackets; with `quote`, all text is between quotes as in JSON."""
    if isinstance(value, str):
        return _text_in_line(value, quote=quote)
    if isinstance(value, dict) and value:
        pairs = _pairs(value, quote=quote)
        return f"{{{pairs}}}"
    if isinstance(value, list) and value:
        items = [in_line(item, quote=quote) for item in value]
        return f"[{', '.join(items)}]"
    return scalar(value)


def _pairs(mapping: dict[str, Any], *, quote: bool) -> str:
    """What stands between the brackets of a mapping."""
    pairs = []
    for key, inner in mapping.items():
        name = key_of(key, quote=quote)
        value = in_line(inner, quote=quote)
        pairs.append(f"{name}: {value}")
    return ", ".join(pairs)


def _text_in_line(text: str, *, quote: bool) -> str:
    """Text in quotes, where it needs them or they are asked for."""
    if quote or not _is_bare(text, _BARE):
        return quoted(text)
    return text


def key_of(key: str, *, quote: bool = False) -> str:
    """A key as it is written."""
    if quote:
        return quoted(key)
    return scalar(key)


def like(old: str, value: Any, column: int, *, flow: bool) -> str:
    """A scalar in the style of the one that it replaces: the first mark of that, "" for one without quotes.

    `column` is the indentation of lines of text, `flow` says whether it stands in brackets.
    """
    if not isinstance(value, str):
        return in_line(value)
    if old == "'" and not INVISIBLE.search(value):
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    if old == '"':
        return quoted(value)
    if not flow and old in {"|", ">"}:
        block = literal(value, " " * column)
        if block:
            return block
    form = _BARE_WORDS if flow else _BARE_WORDS_BELOW
    if _is_bare(value, form):
        return value
    return in_line(value)


def behind_key(value: Any, column: int, *, below: bool = False) -> str:
    """What follows the colon of a key that stands in this column, counted from 0.

    A mapping or list goes below its key where that is wanted, and where it is too long for a line.
    """
    if isinstance(value, str):
        return " " + _block_or_line(value, column + STEP)
    line = in_line(value)
    if not has_parts(value):
        return " " + line
    is_long = column + len(line) > LONGEST_LINE
    if below or is_long or _has_lines(value):
        return "\n" + block_of(value, column + STEP)
    return " " + line


def _block_or_line(text: str, column: int) -> str:
    """Text with line breaks as lines in this column, other text in one."""
    block = literal(text, " " * column)
    return block or in_line(text)


def block_of(value: Any, column: int) -> str:
    """A mapping or list that is not empty as lines which begin in this column."""
    margin = " " * column
    parts = []
    if isinstance(value, dict):
        for key, inner in value.items():
            behind = behind_key(inner, column)
            parts.append(f"{margin}{key_of(key)}:{behind}")
    else:
        for item in value:
            parts.append(f"{margin}- {_item(item, column)}")
    return "\n".join(parts)


def block_behind(value: Any, column: int) -> str:
    """The same, where its first line has something else before this column."""
    return block_of(value, column)[column:]


def _item(item: Any, column: int) -> str:
    """An item of a list, as it stands behind its dash."""
    line = behind_key(item, column)
    if line.startswith("\n"):
        dash = column + STEP  # and what is before it
        return line[1 + dash :]
    return line[1:]


def _has_lines(value: Any) -> bool:
    """Whether any text in it has a line break."""
    if isinstance(value, dict):
        return any(map(_has_lines, value.values()))
    if isinstance(value, list):
        return any(map(_has_lines, value))
    return isinstance(value, str) and "\n" in value


def _is_bare(text: str, form: re.Pattern[str]) -> bool:
    """Whether text has this form, and every reader takes it for text without quotes."""
    if not form.match(text) or text.lower() in WORDS:
        return False
    try:
        is_text = plain(text) == text
    except ValueError:
        return False
    return is_text and not _is_other_to_old_readers(text)


def _is_other_to_old_readers(text: str) -> bool:
    """Whether YAML 1.1 has a number, a date or a truth value of this form."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], [])
    return any(form.match(text) for _, form in resolvers)
