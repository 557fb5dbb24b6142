"""What is wrong, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file that people edit; the file's path is relative to the fleet's root."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, a stable code, what, what was expected instead, and a hint."""

    position: Position
    code: str
    message: str
    expected: str = ""
    hint: str = ""
    severity: str = ERROR
    subject: str = ""
    """The model entry that it is about, so that `ignore` can name it."""
    environment: str = ""

    @property
    def text(self) -> str:
        """All words of the problem in one line."""
        text = self.message
        if self.expected:
            text += f"; expected: {self.expected}"
        if self.hint:
            text += f" ({self.hint})"
        return text


class Invalid(Exception):
    """The input is not usable. Carries every problem that was found, sorted, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(f"{len(self.problems)} problems")


class Missing(Exception):
    """A program or package that a command needs is not installed; the message says which."""


def similar(word: object, words: Iterable[str]) -> str:
    """A hint that names the one of `words` which was probably meant; "" when none is near."""
    matches = difflib.get_close_matches(str(word), list(words), n=1)
    if not matches:
        return ""
    return f"did you mean `{matches[0]}`?"
