"""What is wrong, and where."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

ERROR = "error"
WARNING = "warning"
LONGEST_WORDS = 1000  # characters of each of a problem's words, whatever they quote
MOST = 10_000  # problems of one kind that are collected; more than anybody reads
LONGEST_GUESS = 100  # characters of a word for which a similar one is looked for


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

    def __post_init__(self) -> None:
        for field in ("message", "expected", "hint"):
            words = getattr(self, field)
            if len(words) > LONGEST_WORDS:
                object.__setattr__(self, field, words[:LONGEST_WORDS] + "…")

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


def some(problems: Iterable[Problem], most: int = MOST) -> Iterator[Problem]:
    """The first problems; at the place of the next one stands that there are more (TF059)."""
    for index, problem in enumerate(problems):
        if index == most:
            yield Problem(
                problem.position,
                "TF059",
                f"there are more than {most} problems like those before",
                hint="solve those above first",
                severity=problem.severity,
            )
            return
        yield problem


def similar(word: object, words: Collection[str]) -> str:
    """A hint that names the one of `words` which was probably meant; "" when none is near, or for a very long word."""
    text = str(word)
    if len(text) > LONGEST_GUESS:
        return ""
    match = _nearest(text, tuple(words))
    return f"did you mean `{match}`?" if match else ""


# The same wrong word often stands in many releases, and to compare it with one word takes some 10 µs.
@lru_cache(maxsize=1000)
def _nearest(word: str, words: tuple[str, ...]) -> str:
    matches = difflib.get_close_matches(word, words, n=1)
    return matches[0] if matches else ""


class Guesses:
    """Hints for many unknown names among many known ones: past some work there are none, for it is their product."""

    WORK = 200_000  # comparisons, which take some two seconds

    def __init__(self) -> None:
        self.left = self.WORK

    def similar(self, word: object, words: Collection[str]) -> str:
        """What `similar` says, as long as there is work left."""
        self.left -= len(words)
        return similar(word, words) if self.left >= 0 else ""
