"""The cluster from outside: a network, mounts and processes of its own, of which nothing stays when it ends.

The first process of the namespaces is `tests.cluster.ground.node`; when it ends, all do. Two processes hold a lock for
as long as it lives, so that a lock that can be taken means that no cluster runs, however the last one ended.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / ".tools" / "cluster"
DISK = 4 << 30
START = 180  # seconds; it takes 20 on two idle cores
PACKAGES = {
    "conntrack": "conntrack",
    "ip": "iproute2",
    "iptables": "iptables",
    "nft": "nftables",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "runc": "runc",
    "unshare": "util-linux",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
}
"""Program → Debian package."""


class Failed(Exception):
    """The cluster did not start or end; the message says why."""


@dataclass(frozen=True)
class Sandbox:
    """One cluster; `state` is a directory that belongs to it alone."""

    state: Path = ROOT / "build" / "cluster"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "admin.kubeconfig"

    @property
    def control_group(self) -> str:
        """Named after where the state lies: two checkouts may each have a cluster."""
        return f"triton-fleet-{sha256(str(self.state).encode()).hexdigest()[:8]}"

    @property
    def _lock(self) -> Path:
        return self.state.with_name(f"{self.state.name}.lock")

    def up(self) -> None:
        """Start it and wait until its node is Ready; a running one is left as it is, a starting one is waited for."""
        _require(self.state)
        if lock := self._take():
            self._sweep()
            self.state.mkdir(parents=True)
            try:
                self._start(lock)
            finally:
                os.close(lock)
        self._wait()

    def down(self) -> None:
        """End it, and remove what a killed one left as well."""
        if holder := self._holder():
            os.kill(
                holder, signal.SIGKILL
            )  # its child, the first process, is killed with it
        _until(
            lambda: self._holder() is None,
            30,
            f"process {holder} holds {self._lock} still",
        )
        _until(
            lambda: not self.processes(),
            30,
            f"processes are left in the cluster's namespaces: {self.processes()}",
        )
        self._sweep()
        self._lock.unlink(missing_ok=True)

    def is_up(self) -> bool:
        return self._holder() is not None and (self.state / "ready").exists()

    def enter(self, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` inside, in the current directory."""
        holder = f"/proc/{self._holder()}/ns"
        namespaces = [
            f"--net={holder}/net",
            f"--mount={holder}/mnt",
            f"--pid={holder}/pid_for_children",
        ]
        return ["nsenter", *namespaces, "env", f"--chdir={Path.cwd()}", *command]

    def processes(self) -> list[int]:
        """Its own, by their namespace, and those of pods, by their control groups."""
        groups = [path / "cgroup.procs" for path in self.control_groups()]
        found = {
            int(pid)
            for path in groups
            if path.exists()
            for pid in path.read_text().split()
        }
        if (self.state / "namespace").exists():
            namespace = (self.state / "namespace").read_text()
            found |= {
                int(path.parts[2])
                for path in Path("/proc").glob("[0-9]*/ns/pid")
                if _link(path) == namespace
            }
        return sorted(found)

    def control_groups(self) -> list[Path]:
        """Its control groups, innermost first, in every hierarchy of cgroup v1 or in the one of v2."""
        found = [
            Path(path)
            for parent in control_group_parents()
            for path, _, _ in os.walk(parent / self.control_group)
        ]
        return sorted(found, key=lambda path: len(path.parts), reverse=True)

    def _take(self) -> int | None:
        """The lock, or None when a cluster holds it."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _holder(self) -> int | None:
        """The process that keeps the namespaces, or None when none runs."""
        while (lock := self._take()) is None:
            if number := self._lock.read_text():
                return int(number)
            time.sleep(0.05)  # it has only just been started
        os.close(lock)
        return None

    def _start(self, lock: int) -> None:
        """Let go of it; its first word is its own number, before anything can go wrong."""
        os.ftruncate(lock, 0)
        begin = [
            "setsid",
            "--fork",
            "sh",
            "-c",
            'echo $$ >"$0" && exec "$@"',
            str(self._lock),
        ]
        namespaces = [
            "unshare",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ]
        node = [
            sys.executable,
            "-m",
            "tests.cluster.ground.node",
            str(self.state),
            self.control_group,
        ]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.state / "node.log").open("wb") as log:
            subprocess.run(
                [*begin, *namespaces, *node],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=env,
                pass_fds=[lock],
                check=True,
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START
        while not self.is_up():
            if (lock := self._take()) is not None:
                os.close(lock)
                raise Failed(
                    f"the cluster ended while it started; {self.state} has its logs:\n{self._words()}"
                )
            if time.monotonic() > deadline:
                raise Failed(
                    f"the cluster is not ready after {START} s; {self.state} has its logs:\n{self._words()}"
                )
            time.sleep(0.2)

    def _words(self) -> str:
        return "\n".join(
            (self.state / "node.log").read_text(errors="replace").splitlines()[-20:]
        )

    def _sweep(self) -> None:
        for path in self.control_groups():
            _until(
                partial(_removed, path),
                10,
                f"the control group {path} can't be removed",
            )
        shutil.rmtree(self.state, ignore_errors=True)


def control_group_parents() -> list[Path]:
    """The root of every hierarchy: one with cgroup v2, one per controller with v1."""
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        return [root]
    return [path for path in root.iterdir() if path.is_dir() and not path.is_symlink()]


def _require(state: Path) -> None:
    """Everything that is missing, at once."""
    missing = list(_missing(state))
    if missing:
        raise Failed(
            "a cluster of its own can't be started here:\n"
            + "\n".join(f"- {each}" for each in missing)
        )


def _missing(state: Path) -> Iterator[str]:
    if sys.platform != "linux" or os.geteuid() != 0:
        yield "it needs Linux and root; elsewhere take CLUSTER=kind, or CLUSTER=<a kubeconfig file>"
    packages = {
        package
        for program, package in PACKAGES.items()
        if shutil.which(program) is None
    }
    if packages:
        yield f"Debian packages are missing: apt-get install {' '.join(sorted(packages))}"
    if not (TOOLS / "bin" / "kubelet").exists() or not (TOOLS / "triton.tar").exists():
        yield "programs or images are missing below .tools/cluster: make cluster makes them"
    existing = next(path for path in [state, *state.parents] if path.exists())
    free = shutil.disk_usage(existing).free
    if free < DISK:
        yield f"{existing} has {free >> 20} MiB of disk left, the cluster takes {DISK >> 20} MiB"


def _until(done: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise Failed(otherwise)
        time.sleep(0.05)


def _removed(cgroup: Path) -> bool:
    try:
        cgroup.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""  # it ended meanwhile
