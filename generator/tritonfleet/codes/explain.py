"""Why a code matters, and what it looks like before and after: what the page of rules and `rule` show."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TypeAlias

import yaml

from tritonfleet.codes.meanings import CODES

WIDTH = 98  # of a line on a terminal, without its indentation

State: TypeAlias = Mapping[str, str] | str
"""Texts of files of a fleet by their paths, or words for what no text of a file can say."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explanations/<code>.yaml` says about a code, below its meaning.

    A snippet shows the lines that matter. What else fleet.yaml or an environment needs is left out, a list is whole.
    """

    code: str
    meaning: str
    why: str
    before: State
    """The smallest thing that gives this code."""
    after: State
    """The same, mended."""


def read_explanation(code: str) -> Explanation:
    """The explanation of a code. Raises KeyError when there is no such code."""
    meaning = CODES[code]
    file = resources.files(__package__).joinpath("explanations", f"{code}.yaml")
    parts = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Explanation(code, meaning, **parts)


def explanation(code: str) -> str:
    """The explanation as text for a terminal. Raises KeyError when there is no such code."""
    explained = read_explanation(code)
    sections = {
        "Why it matters": _wrapped(explained.why),
        "Before": _shown(explained.before),
        "After": _shown(explained.after),
    }
    text = f"{code}: {explained.meaning}\n"
    for title, body in sections.items():
        text += f"\n{title}\n{body}"
    return text


def _wrapped(words: str) -> str:
    """Lines of a width that people read; a name like 24.12-vllm-python-py3 stays whole."""
    lines = textwrap.wrap(words, WIDTH, break_on_hyphens=False, break_long_words=False)
    return textwrap.indent("\n".join(lines), "  ") + "\n"


def _shown(state: State) -> str:
    if isinstance(state, str):
        return _wrapped(state)
    return "".join(_files(state))


def _files(files: Mapping[str, str]) -> Iterator[str]:
    """Each file below its path."""
    for path, text in files.items():
        yield f"  {path}:\n"
        yield textwrap.indent(text, "    ")
