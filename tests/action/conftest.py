"""A fleet in a bare repository, a bot's branch of it, and a checkout of that branch as CI makes it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.host import Host, host
from tests.generator.conftest import build  # noqa: F401  # a fixture here, too
from tests.generator.fleets import Build
from tests.generator.repositories import commit, git
from tests.pages import ROOT
from tritonfleet.__main__ import main


@pytest.fixture
def git_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host, which serves acme/fleet."""
    directory = tmp_path_factory.mktemp("host")
    bare = directory / "acme/fleet"
    bare.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare")
    # GitLab's addresses end so.
    (directory / "acme/fleet.git").symlink_to(bare)
    git(bare, "config", "http.receivepack", "true")
    with host(directory) as made:
        yield made


@pytest.fixture
def checkout(
    build: Build,  # noqa: F811
    git_host: Host,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The bot's branch `renovate/triton`, in which the image is newer and deploy/ is not."""
    fleet = build()
    assert main(["generate", str(fleet), "--quiet"]) == 0
    git(fleet, "init", "--quiet")
    git(fleet, "remote", "add", "origin", str(git_host.directory))
    commit(fleet, "Begin")
    git(fleet, "push", "--quiet", "origin", "main")
    git(fleet, "checkout", "--quiet", "-b", "renovate/triton")
    assert (
        main(["set", "one", "image.tag=24.12-py3", "--root", str(fleet), "--quiet"])
        == 0
    )
    commit(fleet, "Update Triton")
    git(fleet, "push", "--quiet", "origin", "renovate/triton")
    clone = tmp_path_factory.mktemp("runner") / "checkout"
    options = ("--quiet", "--branch", "renovate/triton")
    git(clone.parent, "clone", *options, f"file://{git_host.directory}", str(clone))
    return clone


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as it is now, with a commit that pre-commit can clone."""
    made = tmp_path_factory.mktemp("source")
    files = git(
        ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"
    ).split("\0")
    archive = [
        "tar",
        "--create",
        "--",
        *(file for file in files if (ROOT / file).is_file()),
    ]
    packed = subprocess.run(archive, cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "--extract"], cwd=made, input=packed, check=True)
    git(made, "init", "--quiet")
    commit(made)
    return made
