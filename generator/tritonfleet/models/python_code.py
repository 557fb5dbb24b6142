"""Whether a Python model's code can be a model. It is parsed by a process of its own, and never imported or run."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any, NamedTuple

from tritonfleet.models import parser
from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import NOWHERE, Place
from tritonfleet.models.nouns import Finding, Model, Server

CLASS = "TritonPythonModel"
COMPLETION = "auto_complete_config"
ANYTHING = "*"
MAXIMUM_CHARACTERS = 2_000_000


class Code(NamedTuple):
    """What a text of Python binds, or why it is none."""

    error: str = ""
    place: Place = NOWHERE
    names: Mapping[str, Sequence[str]] = {}
    """Names with what they have; ANYTHING where nobody can tell without running it."""
    has_star: bool = False

    @property
    def methods(self) -> Sequence[str]:
        """What the model's class has."""
        return self.names.get(CLASS, [ANYTHING] if self.has_star else [])

    @property
    def may_complete(self) -> bool:
        return COMPLETION in self.methods or ANYTHING in self.methods


def python_code_is_a_model(model: Model, _: Server) -> Iterator[Finding]:
    """Of each version that is loaded, the code parses and has the class that the backend makes."""
    for file, code in _code_of(model):
        if code.error:
            message = f"the code cannot be parsed: {code.error}"
            yield Finding("TF219", message, "", file, code.place)
        elif CLASS not in code.names and not code.has_star:
            message = f"the code has no class {CLASS}"
            yield Finding("TF219", message, "the backend makes one of it", file)


def may_complete(model: Model) -> bool:
    """Whether the code may add to the model's configuration."""
    found = [code for _, code in _code_of(model)]
    # Code that was not read may do anything.
    return not found or any(code.may_complete for code in found)


def _code_of(model: Model) -> Iterator[tuple[str, Code]]:
    """The code of each version that is loaded, as far as it was read."""
    run = run_of(model)
    if run.backend != "python":
        return
    for version in model.loaded_versions:
        file = f"{model.versions[version]}/{run.file}"
        text = model.files.get(file)
        if text is not None:
            yield file, code_of(text)


# Each check of a model asks, and the same code often stands in several environments.
@lru_cache(maxsize=1000)
def code_of(text: str) -> Code:
    """What a text of Python has."""
    if len(text) > MAXIMUM_CHARACTERS:
        return Code(f"it has more than {MAXIMUM_CHARACTERS} characters")
    if not hasattr(os, "fork"):  # as on Windows, which has no limits of memory either
        return Code(names={CLASS: [ANYTHING]})
    answer = _process(os.getpid()).ask(text)
    if answer is None:
        return Code("it takes too much memory or time")
    if "error" in answer:
        return Code(answer["error"], Place(*answer["place"]))
    return Code(names=answer["names"], has_star=answer["star"])


# A forked process gets one of its own: two that ask the same one would read each other's answers. To start it takes
# 20 ms, an answer takes one.
@cache
def _process(_: int) -> _Process:
    process = _Process()
    atexit.register(process.end)
    return process


class _Process:
    """A process that parses one text after the other, and a new one after a text that ended it."""

    def __init__(self) -> None:
        self.process = _start()

    def ask(self, text: str) -> dict[str, Any] | None:
        """The answer; None when the text has ended the process."""
        line = self._line_for(text)
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.end()
        self.process = _start()
        return None

    def _line_for(self, text: str) -> bytes:
        """The line that answers; an empty one of a process that has ended."""
        requests, answers = self.process.stdin, self.process.stdout
        assert requests
        assert answers
        try:
            requests.write(json.dumps(text).encode() + b"\n")
            requests.flush()
            return answers.readline()
        except BrokenPipeError:
            return b""

    def end(self) -> None:
        """The end of its input is its end."""
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            with suppress(BrokenPipeError):  # it was gone before it read all
                stream.close()
        self.process.wait()


def _start() -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C is told by one process."""
    program = Path(parser.__file__)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(program)],
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        start_new_session=True,
    )
