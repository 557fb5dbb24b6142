"""docs/walk.md is what happens: its files are written, its commands run, and what they print is what it shows.

UPDATE_GOLDEN=1 writes what is printed into the page, where something indented stands already.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generator.fleets import CHART
from tests.pages import ROOT, page

NAME = "docs/walk.md"
# A fenced block, or what the commands before it printed, which is indented.
PIECE = re.compile(
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$|^(?P<output>    [^\n]*\n(?:    [^\n]*\n|\n(?=    ))*)",
    re.MULTILINE | re.DOTALL,
)
COMMIT = re.compile(r"\b[0-9a-f]{7,12}\b")
IDENTITY = {
    f"GIT_{who}_{what}": "test@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A clone in which nothing is yet but the chart, with a remote that takes pushes."""
    root = tmp_path / "fleet"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin")
    git(tmp_path, "clone", "--quiet", "origin", "fleet")
    git(root, "switch", "--quiet", "--create", "main")
    shutil.copytree(CHART, root / "charts/triton")
    return root


def git(directory: Path, *arguments: str) -> None:
    environment = {**os.environ, **IDENTITY}
    subprocess.run(["git", *arguments], cwd=directory, env=environment, check=True)


def test_each_step_prints_what_the_page_shows(fleet: Path) -> None:
    walked = "".join(_walk(fleet))
    if os.environ.get("UPDATE_GOLDEN"):
        (ROOT / NAME).write_text(walked)
    assert walked == page(NAME)


def _walk(fleet: Path) -> Iterator[str]:
    """The page as it is when it is walked: each piece with what came of it."""
    text, place, printed = page(NAME), 0, ""
    for piece in PIECE.finditer(text):
        yield text[place : piece.start()]
        place = piece.end()
        if piece["output"]:
            yield "".join(
                f"    {line}".rstrip() + "\n" for line in printed.splitlines()
            )
            printed = ""
            continue
        yield piece[0]
        if piece["language"] == "console":
            printed += _run(fleet, piece["text"])
        elif piece["language"] == "diff":
            _apply(fleet, piece["text"])
        else:
            _begin(fleet, piece["text"])
    yield text[place:]


def _begin(fleet: Path, text: str) -> None:
    """Writes the files, and makes them the first commit, as they were before anything happened."""
    _, *parts = re.split(r"^# (values/\S+)\n", text, flags=re.MULTILINE)
    for file, content in zip(parts[::2], parts[1::2], strict=True):
        (fleet / file).parent.mkdir(parents=True, exist_ok=True)
        (fleet / file).write_text(content)
    _run(fleet, "tritonfleet validate --strict\ntritonfleet generate\n")
    git(fleet, "add", "--all")
    git(fleet, "commit", "--quiet", "--message", "Serve one model in two environments")
    git(fleet, "push", "--quiet", "--set-upstream", "origin", "main")
    git(fleet, "remote", "set-head", "origin", "main")


def _apply(fleet: Path, change: str) -> None:
    command = ["git", "apply", "--unidiff-zero"]
    subprocess.run(command, cwd=fleet, input=change, text=True, check=True)


def _run(fleet: Path, commands: str) -> str:
    """What the commands print. Commits have other names each time: the page shows one for all."""
    script = f'tritonfleet() {{ "{sys.executable}" -m tritonfleet "$@"; }}\n{commands}'
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=fleet,
        env={**os.environ, **IDENTITY, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.sub(
        r"^(\[main | Date: | \d+ files? changed).*\n", "", done.stdout, flags=re.M
    )
    return COMMIT.sub("1a2b3c4d5e6f", told)
