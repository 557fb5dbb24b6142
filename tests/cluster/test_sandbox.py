"""The cluster's own begin and end: started twice, killed half-way, without disk, and nothing left when it is down.

These start and end clusters of their own, so they run by themselves: pytest tests/cluster/test_sandbox.py
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.ground.node import KERNEL
from tests.cluster.ground.sandbox import ROOT, TOOLS, Sandbox, control_group_parents

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
UP = """
import pathlib, sys
from tests.cluster.ground.sandbox import Sandbox
Sandbox(pathlib.Path(sys.argv[1])).up()
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Beside the one that people use."""
    sandbox = Sandbox(ROOT / "build" / "cluster-test")
    sandbox.down()
    yield sandbox
    sandbox.down()


def machine() -> dict[str, object]:
    """What a cluster could leave behind on the machine; the one that people use may run beside it."""
    others = set(Sandbox().processes())
    return {
        "interfaces": {path.name for path in Path("/sys/class/net").iterdir()},
        "mounts": {
            line.split(" ", 4)[4]
            for line in Path("/proc/self/mountinfo").read_text().splitlines()
        },
        "control groups": {
            path
            for parent in control_group_parents()
            for path in parent.glob("triton-fleet*")
        },
        "kernel settings": {
            setting: Path("/proc/sys", setting).read_text() for setting in KERNEL
        },
        "programs": {
            pid
            for pid, program in links("exe").items()
            if program.startswith(str(TOOLS))
        }
        - others,
        "directories": {path for path in DIRECTORIES if Path(path).exists()},
    }


def links(name: str) -> dict[int, str]:
    """Where /proc/<pid>/<name> points, by process."""
    found = {}
    for path in Path("/proc").glob(f"[0-9]*/{name}"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or it is the kernel's
            found[int(path.parts[2])] = str(path.readlink())
    return found


def namespaces() -> dict[int, set[str]]:
    """The namespaces of every process; one without processes is kept by a mount only, and mounts are looked at too."""
    kinds = [links(f"ns/{kind}") for kind in ("ipc", "mnt", "net", "pid", "uts")]
    return {pid: {kind[pid] for kind in kinds if pid in kind} for pid in kinds[0]}


# Where the programs write when nobody tells them otherwise.
DIRECTORIES = [
    "/etc/cni/net.d",
    "/etc/containerd",
    "/etc/kubernetes",
    "/etc/nri",
    "/opt/cni",
    "/opt/containerd",
    "/opt/nri",
    "/run/containerd",
    "/run/netns",
    "/usr/libexec/kubernetes",
    "/var/lib/cni",
    "/var/lib/containerd",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    "/var/run/kubernetes",
]


def kubectl(sandbox: Sandbox, *arguments: str) -> str:
    command = sandbox.enter(
        [f"{TOOLS}/bin/kubectl", f"--kubeconfig={sandbox.kubeconfig}", *arguments]
    )
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_up_twice_and_down_leaves_nothing(sandbox: Sandbox) -> None:
    before = machine()
    sandbox.up()
    first = min(sandbox.processes())
    sandbox.up()
    assert min(sandbox.processes()) == first
    kubectl(
        sandbox,
        "run",
        "pod",
        "--image=docker.io/local/triton:24.10",
        "--command",
        "sleep",
        "infinity",
    )
    kubectl(sandbox, "wait", "--for=condition=Ready", "pod/pod", "--timeout=60s")
    inside = namespaces()
    ours = set[str]().union(*(inside[pid] for pid in sandbox.processes()))
    used = ours - inside[os.getpid()]
    assert len(used) > 5
    sandbox.down()
    assert machine() == before
    assert used & set[str]().union(*namespaces().values()) == set()
    assert not sandbox.state.exists()
    sandbox.down()


@pytest.mark.parametrize("killed", ["command", "cluster"])
def test_killed_half_way_the_next_start_works(sandbox: Sandbox, killed: str) -> None:
    before = machine()
    with subprocess.Popen(
        [sys.executable, "-c", UP, sandbox.state],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
    ) as up:
        until(lambda: len(sandbox.processes()) > 3)
        os.kill(
            up.pid if killed == "command" else min(sandbox.processes()), signal.SIGKILL
        )
        _, words = up.communicate()
    assert ("the cluster ended while it started" in words.decode()) == (
        killed == "cluster"
    )
    sandbox.up()
    assert kubectl(sandbox, "get", "nodes", "--output=name") == "node/node\n"
    sandbox.down()
    assert machine() == before


def test_a_program_that_ends_is_told_and_the_next_start_works(sandbox: Sandbox) -> None:
    sandbox.up()
    [etcd] = [
        pid
        for pid in sandbox.processes()
        if Path(f"/proc/{pid}/comm").read_text() == "etcd\n"
    ]
    os.kill(etcd, signal.SIGKILL)
    until(lambda: not sandbox.is_up())
    assert "etcd ended with -9" in (sandbox.state / "node.log").read_text()
    sandbox.up()


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """On a file system of 64 MiB, in mounts of its own."""
    script = f'mount -t tmpfs -o size=64m tmpfs {tmp_path} && exec "$@"'
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
        sys.executable,
        "-c",
        UP,
        f"{tmp_path}/state",
    ]
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (
        f"{tmp_path} has 64 MiB of disk left, the cluster takes 4096 MiB" in done.stderr
    )


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)
