"""The picture of the README: the top of the example fleet's page.

UPDATE_GOLDEN=1 takes it anew, and so does `make golden`. Fonts differ between machines, so bytes are not compared: the
picture holds the digest of the page that it was taken of.
"""

from __future__ import annotations

import os
import struct
import zlib
from hashlib import sha256
from pathlib import Path

from tests.generator.fleets import REPOSITORY
from tests.page.browser import picture, window
from tests.page.conftest import Open

FILE = REPOSITORY / "docs" / "page.png"
WIDTH, HEIGHT = 1120, 1310
HEADER = 8 + 25  # the signature, and the chunk IHDR


def test_the_picture_is_of_this_page(opened: Open, example: Path) -> None:
    browser = opened(example)
    page = Path(browser.current_url.removeprefix("file://")).read_bytes()
    with window(browser, WIDTH):
        taken = _with_words(picture(browser, WIDTH, HEIGHT), _digest(page))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        FILE.write_bytes(taken)
    shown = FILE.read_bytes()
    assert shown[:HEADER] == taken[:HEADER]
    assert _digest(page) in shown, "the page has changed: `make golden` takes it anew"


def _digest(page: bytes) -> bytes:
    return b"SHA-256 of page.html\x00" + sha256(page).hexdigest().encode()


def _with_words(image: bytes, words: bytes) -> bytes:
    """A PNG with a chunk of text behind its header."""
    kind = b"tEXt"
    length, check = len(words), zlib.crc32(kind + words)
    chunk = struct.pack(">I", length) + kind + words + struct.pack(">I", check)
    return image[:HEADER] + chunk + image[HEADER:]
