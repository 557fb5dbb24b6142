"""What must hold whatever the input is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.fuzz.bench import Told
from tests.fuzz.drawn import SECRETS
from tests.fuzz.material import Files
from tritonfleet.visible import INVISIBLE

EXIT_CODES = (0, 1, 2, 3)
SECONDS = 10.0
SECONDS_PER_KIB = 0.001
MOST_OUTPUT = 11_000_000  # 10 MB of problems, and what is around them
MOST_LINES = 202
# What a terminal obeys, or a reviewer does not see. Manifests are YAML, in which text may have letters without a form.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# In the middle of a word it is none.
_SECRET = re.compile("|".join(rf"\b{secret}" for secret in SECRETS))
_PROBLEM = re.compile(r"(?:values|charts|deploy)\S*.*:\d+:\d+: TF\d{3} |… \d+ more TF")
_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


def faults(told: Told, files: Files) -> Iterator[str]:
    """Every promise that a run broke, in words."""
    yield from _of_its_end(told)
    yield from of_words(told)
    size = sum(map(len, files.values()))
    if told.seconds > SECONDS + SECONDS_PER_KIB * size / 1024:
        yield f"took {told.seconds:.1f} s"
    if len(told.out) + len(told.err) > MOST_OUTPUT:
        yield f"printed {len(told.out)} characters"
    may_be_shown = any(b"TF140" in content for content in files.values())
    is_asked_for = _SECRET.search(" ".join(told.arguments)) is not None
    if not (may_be_shown or is_asked_for) and _SECRET.search(told.out + told.err):
        yield "printed a secret"


def _of_its_end(told: Told) -> Iterator[str]:
    if told.code not in EXIT_CODES:
        yield f"ended with {told.code}"
    if "internal error" in told.err or "Traceback" in told.err:
        yield _line_with(told.err, "internal error") or "a traceback"
    elif told.code == 3:
        yield f"ended with 3: {told.err[-300:]}"
    if told.code and not (told.out or told.err):
        yield f"ended with {told.code} and without a word"


def of_words(told: Told) -> Iterator[str]:
    """Nothing that is printed commands a terminal or a workflow, or stands there as a line of its own."""
    prints_manifests = told.arguments[0] == "render"
    hidden = _CONTROL if prints_manifests else INVISIBLE
    for name, text in (("output", told.out), ("talk", told.err)):
        found = hidden.search(text.replace("\n", ""))
        if found:
            yield f"{name} has the character {found[0]!r}"
    if "github" not in told.arguments and not prints_manifests:
        found = _COMMAND.search(told.out) or _COMMAND.search(told.err)
        if found:
            yield f"a line begins with {found[0]!r}"
    if told.arguments[0] == "validate" and told.arguments[-1] == "text":
        yield from _of_lines(told.out)


def _of_lines(text: str) -> Iterator[str]:
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        yield f"printed {len(lines)} lines"
    for line in lines:
        if not _PROBLEM.match(line):
            yield f"a line is no problem: {line[:80]}"
            return


def _line_with(text: str, words: str) -> str:
    return next((line for line in text.splitlines() if words in line), "")
