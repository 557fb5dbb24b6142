"""What the pages of the repository say: their blocks, commands, links and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "charts/triton/README.md",
    "values/README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    *(
        f"docs/examples/{path.name}"
        for path in sorted((ROOT / "docs/examples").glob("*.md"))
    ),
)
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language, and its text without the indentation of the fence."""

    language: str
    text: str


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[Block]:
    """The fenced blocks of one language."""
    return [each for each in _blocks(page(name)) if each.language == language]


def _blocks(text: str) -> Iterator[Block]:
    for indentation, language, content in _BLOCK.findall(text):
        yield Block(
            language, re.sub(f"^{indentation}", "", content, flags=re.MULTILINE)
        )


def commands(name: str) -> list[str]:
    """The lines of a page's console blocks, without their comments."""
    lines = [
        line for block in blocks(name, "console") for line in block.text.splitlines()
    ]
    return [
        line for line in (re.sub(r"(^|\s+)#.*", "", line) for line in lines) if line
    ]


def inline(name: str) -> list[str]:
    """The code inside sentences and tables."""
    return [span.replace("\\|", "|") for span in _INLINE.findall(_prose(name))]


def links(name: str) -> list[str]:
    """Where the page's links lead, as written."""
    return _LINK.findall(_INLINE.sub("", _prose(name)))


def anchors(name: str) -> set[str]:
    """What a link to a part of the page may say: its headings, as GitHub writes them into addresses."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(_prose(name))
    }


def _prose(name: str) -> str:
    """The page without its fenced blocks."""
    return _BLOCK.sub("", page(name))
