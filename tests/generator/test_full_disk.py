"""A disk without room: every command that writes says so, ends with 3, and leaves each file as it was or whole."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.generator.fleets import Build
from tritonfleet.present import MARKER, STAGED

PROD = "after: dev\nnamespace: models-prod\ncluster: {name: prod}\n"
DEV = "patches: {one: {modelVersion: b}}\n"
# Each command, and the place for which there is no room.
WRITERS = {
    "generate": (["generate"], "INCOMPLETE"),
    "set": (["set", "one", "replicas=2"], "values/models"),
    "add": (["add", "two", "repository.image.path=/two"], "values/models"),
    "promote": (["promote", "one", "--to", "prod"], "values/models"),
    "page": (["page", "--out", "site"], "page.html"),
    "render": (["render", "--out", "rendered"], "dev"),
    "init": (["init", "new"], ".gitattributes"),
}


def run(root: Path, *arguments: str, room: int = -1) -> tuple[int, str]:
    """Exit code and talk of a command that may write no file of more bytes than `room`; -1 is any."""
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, room))
    command = [sys.executable, "-m", "tritonfleet", *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        preexec_fn=limit,
    )
    return done.returncode, done.stderr


def files(root: Path) -> Mapping[str, bytes]:
    """What the fleet has beside its chart."""
    found = {path for path in root.rglob("*") if path.is_file()}
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(found - set((root / "charts").rglob("*")))
    }


@pytest.mark.parametrize("room", [0, 60])
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_and_leaves_nothing_half(
    name: str, room: int, build: Build
) -> None:
    root = build(dev=DEV, files={"values/environments/prod.yaml": PROD})
    before = files(root)
    command, place = WRITERS[name]
    assert run(root, *command, room=room) == (3, f"{place}: file too large\n")
    assert files(root) == before
    # With room again, the command does what it would have done at once.
    assert run(root, *command)[0] == 0
    assert run(root, "validate")[0] == 0


def test_a_disk_that_is_full_soon_leaves_a_tree_that_says_so(build: Build) -> None:
    root = build()
    code, told = run(root, "generate", room=400)
    left = files(root / "deploy")
    assert (code, told, MARKER in left) == (3, "bootstrap: file too large\n", True)
    assert not any(path.endswith(STAGED) for path in left)
    assert run(root, "generate")[0] == 0
    assert run(root, "generate", "--check")[0] == 0


def test_a_new_fleet_that_finds_no_room_can_be_made_again(build: Build) -> None:
    root = build()
    assert run(root, "init", "new", room=6000)[0] == 3
    assert [path for path in (root / "new").rglob("*") if path.is_file()] == []
    assert run(root, "init", "new")[0] == 0
