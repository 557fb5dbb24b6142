"""What `tritonfleet diff` foretells of a change, as a program reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class Named(NamedTuple):
    """An object of the environment's namespace."""

    kind: str
    name: str


@dataclass(frozen=True)
class Foretold:
    """What becomes of one release."""

    change: str
    restarts: bool
    suspended: bool
    undecided: bool
    """Whether it may be done before the engine hears of the suspension."""
    refused: tuple[Named, ...]
    objects: Mapping[Named, str]
    """What becomes of each object that is no hook: made, changed, removed or kept."""


def foretold(root: Path, reference: str) -> dict[str, Foretold]:
    """By release: what is in the directory, compared with a commit."""
    command = [sys.executable, "-m", "tritonfleet", "diff", reference, "-o", "json"]
    done = subprocess.run(
        [*command, "--root", str(root)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        each["name"]: _release(each) for each in json.loads(done.stdout)["releases"]
    }


def _release(said: Mapping[str, Any]) -> Foretold:
    assert said["failure"] == ""
    return Foretold(
        change=said["change"],
        restarts=said["restarts"],
        suspended=said["suspended"],
        undecided=said["undecided"],
        refused=tuple(_refused(each["object"]) for each in said["refused"]),
        objects={
            _named(each): each["change"] for each in said["objects"] if not each["hook"]
        },
    )


def _named(said: Mapping[str, Any]) -> Named:
    return Named(said["kind"], said["name"])


def _refused(words: str) -> Named:
    kind, name = words.split()
    return Named(kind, name)
