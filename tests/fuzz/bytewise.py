"""Inputs without a structure: bytes of real lists, with what a slip, a merge tool or an attacker makes of them."""

from __future__ import annotations

from random import Random

from tests.fuzz.drawn import HOSTILE, NUMBERS
from tests.fuzz.material import Files, real

TRICKS = [
    b"&a ", b"*a", b"<<: *a\n", b"!!python/object:os.system ", b"!!binary ", b"%YAML 1.1\n", b"%TAG ! a\n",
    b"---\n", b"...\n", b"\t", b"\0", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\r", b"\r\n", b"\xff",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"<<<<<<< HEAD\n", b"=======\n", b"? ", b": ", b"- ", b"|+\n",
    b">-\n", b"'", b'"', b"\\", b"#", b"[", b"]", b"{", b"}", b",", b"null", b"~", b"NO", b"0o17", b"0x1F",
    b"1e999", b".inf", b".nan", b"-0", b"1" * 5000, b"12:30", b"2001-01-01", b"[" * 70, b"{a: " * 70,
    b"- " * 70, b"\x1b[31mplanted", b"\n::error::planted\n", b"\x7f", b"\x9b", b"\xe2\x80\xae",
    b"a: 1\na: 2\n", b'"\\x1b[2J"', b'"\\n::error::planted"', b'"\\ud800"', b"\xf0\x9f\xab\xa8", b" " * 5000,
    b"\n" * 500, *(text.encode("utf-8", "surrogatepass") for text in HOSTILE),
    *(str(number).encode() for number in NUMBERS),
]  # fmt: skip


def fleet(random: Random) -> Files:
    """The next input: one file of a real fleet, or two, with up to three changes."""
    files = dict(random.choice(real()))
    for _ in range(random.choice([1, 1, 2])):
        path = random.choice(sorted(files))
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            files[path] = changed(random, files[path])
    return files


def changed(random: Random, text: bytes) -> bytes:
    """The text with one change."""
    return random.choice(CHANGES)(random, text)


def _place(random: Random, text: bytes) -> int:
    return random.randrange(len(text) + 1)


def _insert(random: Random, text: bytes) -> bytes:
    place = _place(random, text)
    return text[:place] + random.choice(TRICKS) + text[place:]


def _at_a_value(random: Random, text: bytes) -> bytes:
    """In the place where a value begins, in which most tricks mean something."""
    places = [place for place in range(len(text)) if text[place - 2 : place] == b": "]
    place = random.choice(places or [0])
    end = place + random.choice([0, 1, 5])
    return text[:place] + random.choice(TRICKS) + text[end:]


def _flip(random: Random, text: bytes) -> bytes:
    changed = bytearray(text or b" ")
    for _ in range(random.choice([1, 1, 3, 20])):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(random: Random, text: bytes) -> bytes:
    begin, end = sorted([_place(random, text), _place(random, text)])
    return text[:begin] + text[end:]


def _end(random: Random, text: bytes) -> bytes:
    return text[: _place(random, text)]


def _lines(random: Random, text: bytes) -> bytes:
    """Lines twice, in another order, or moved to the right."""
    lines = text.splitlines(keepends=True) or [b""]
    begin = random.randrange(len(lines))
    some = lines[begin : begin + random.randrange(1, 9)]
    how = random.randrange(3)
    if how == 0:
        lines[begin:begin] = some * random.choice([1, 1, 50])
    elif how == 1:
        lines[begin : begin + len(some)] = reversed(some)
    else:
        lines[begin : begin + len(some)] = [b" " * random.randrange(4) + line for line in some]  # fmt: skip
    return b"".join(lines)


def _splice(random: Random, text: bytes) -> bytes:
    """The begin of this file and the end of another one."""
    other = random.choice(list(random.choice(real()).values()))
    return text[: _place(random, text)] + other[_place(random, other) :]


CHANGES = (_insert, _insert, _at_a_value, _at_a_value, _at_a_value, _flip, _cut, _end, _lines, _splice)  # fmt: skip
