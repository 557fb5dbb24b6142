"""The container of these tests is one: what the chart renders for the pod's security holds for the server in it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.triton.harness import chart, repositories, sandbox, server


def test_the_server_runs_as_rendered(tmp_path: Path) -> None:
    """User, rights, a root that can't be written, and as much shared memory as said."""
    small = {
        "image": {"tag": chart.TAG},
        "repository": {"image": {"path": "/models"}},
        "sharedMemory": {"size": "64Mi"},
    }
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(chart.render(small), tmp_path, repository) as running:
        running.wait_ready()
        process = Path(f"/proc/{running.pid()}")
        status = dict(
            re.findall(r"^(\w+):\s*(.*)$", (process / "status").read_text(), re.M)
        )
        options = dict(
            re.findall(r"^\S+ (\S+) \S+ (\S+)", (process / "mounts").read_text(), re.M)
        )
        memory = os.statvfs(process / "root" / "dev" / "shm")
    read_only = {
        path: options[path].startswith("ro")
        for path in ("/", "/models", "/tmp", "/dev/shm")
    }
    user = "1000" if os.geteuid() == 0 else str(os.geteuid())
    rights = (status["Uid"].split()[0], status["NoNewPrivs"], int(status["CapBnd"], 16))
    assert (rights, read_only, memory.f_blocks * memory.f_frsize) == (
        (user, "1", 0), {"/": True, "/models": True, "/tmp": False, "/dev/shm": False}, 64 * 2**20
    )  # fmt: skip


def test_without_the_right_to_namespaces_the_tests_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses = tmp_path / "unshare"
    refuses.write_text("#!/bin/sh\nexit 1\n")
    refuses.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        PermissionError, match="run these tests as root, or let users make namespaces"
    ):
        sandbox.namespace()
