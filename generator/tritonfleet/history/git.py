"""Questions to git about what commits hold.

It runs no hook and no filter, fetches nothing, enters no submodule, and touches neither the index nor the files that
people work on.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tritonfleet.problem import Missing

# Hooks set the first ones, for a repository that need not be the one that the fleet is in.
_OF_ANOTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
_CAREFUL = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def ask(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Asks git a question. Raises Missing where there is no git."""
    with started(root, *arguments) as process:
        output, errors = process.communicate()
        return subprocess.CompletedProcess(
            arguments, process.returncode, output, errors
        )


@contextmanager
def started(root: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Git at work, for as long as the context lasts. Raises Missing where there is no git."""
    try:
        process = subprocess.Popen(
            ["git", "-C", os.fspath(root), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
        )
    except FileNotFoundError:
        raise Missing("there is no git in PATH to ask for commits") from None
    with process:
        try:
            yield process
        finally:
            process.kill()


def _environment() -> dict[str, str]:
    """The user's environment, in which git is careful and finds the fleet's own repository."""
    environment = {**os.environ, **_CAREFUL}
    for name in _OF_ANOTHER_REPOSITORY:
        environment.pop(name, None)
    return environment


def words(output: bytes) -> str:
    """What git printed, as text."""
    return output.decode("utf-8", "replace").strip()
