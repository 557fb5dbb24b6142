"""Containers of pods that share a claim: started as rendered, each in a root of its own."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.triton.harness import chart, sandbox, server
from tests.triton.harness import container as kubelet

# What the images bring beside what the sandbox has.
IMAGE = (kubelet.Mount("/s5cmd", chart.ROOT / ".tools" / "s5cmd", read_only=True),)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Ended:
    """A container that has ended: its exit code and its log."""

    code: int
    log: str


@dataclass(frozen=True)
class Running:
    """A container that was started."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait(self, limit: float = 60) -> Ended:
        """Its end; raises TimeoutExpired when it goes on."""
        try:
            code = self.process.wait(limit)
        finally:
            self.kill()
        return Ended(code, self.log.read_text())

    def kill(self) -> None:
        """As a node that loses its power: nothing is told, and nothing is cleaned up."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class Claim:
    """A volume that many pods mount, and what they may read of Secrets."""

    directory: Path
    secrets: kubelet.Secrets

    @property
    def volume(self) -> Path:
        """What is on it."""
        place = self.directory / "claim"
        if not place.exists():
            place.mkdir(parents=True)
            place.chmod(0o777)  # as fsGroup makes it
        return place

    def start(self, template: Mapping[str, Any], name: str) -> Running:
        """One container of a new pod. Its other volumes are its own."""
        pod = self.directory / f"pod-{next(_numbers)}"
        volumes = pod / "volumes"
        volumes.mkdir(parents=True)
        (volumes / "weights").symlink_to(self.volume)
        sources = kubelet.Sources({}, self.secrets)
        rendered = kubelet.prepare(template, name, sources, volumes)
        env = {**sandbox.ENVIRONMENT, **rendered.env, "HOSTNAME": pod.name}
        alone = replace(rendered, shares_processes=False)
        mounts = [*IMAGE, *rendered.mounts]
        command = sandbox.command(alone, server.TOOLS, mounts, pod / "root")
        log = pod / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Running(process, log)
