"""Text in which nothing is hidden: what cannot be seen, breaks a line or commands a terminal stands there as an escape.

The ranges are our own and not Python's: its tables of Unicode grow, and the same input must give the same bytes on
every version.
"""

from __future__ import annotations

import re

# Controls, formats, separators but the space, private use, surrogates, what is no character, and letters without form.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u1680\u180e"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe-\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U0001fffe-\U0001ffff\U0002fffe-\U0002ffff\U0003fffe-\U0003ffff\U0004fffe-\U0004ffff\U0005fffe-\U0005ffff"
    "\U0006fffe-\U0006ffff\U0007fffe-\U0007ffff\U0008fffe-\U0008ffff\U0009fffe-\U0009ffff\U000afffe-\U000affff"
    "\U000bfffe-\U000bffff\U000cfffe-\U000cffff\U000dfffe-\U000e0fff\U000efffe-\U0010ffff]"
)
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
# Wherever it stands in a line, GitHub's runner takes this for the begin of a command, as `::` at the line's begin.
OLD_COMMAND = "##["


def visible(text: str) -> str:
    """One line of text that people can see whole, for a terminal or a log."""
    seen = INVISIBLE.sub(_escape, text)
    return seen.replace(OLD_COMMAND, "#\\x23[")


def line_of_log(text: str) -> str:
    """The same for text that begins a line, where `::` would begin a command of GitHub's runner."""
    seen = visible(text)
    if seen.lstrip().startswith("::"):
        return "\\" + seen.lstrip()
    return seen


def _escape(match: re.Match[str]) -> str:
    return escaped(match[0])


def escaped(character: str) -> str:
    """The escape of a character between YAML's double quotes."""
    return _ESCAPES.get(character) or _number(ord(character))


def _number(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\U{code:08x}"
