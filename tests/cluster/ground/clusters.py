"""The three ways to a cluster, chosen by CLUSTER: unset, `kind`, or the kubeconfig file of one that exists."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.cluster.ground.sandbox import ROOT, TOOLS, Failed, Sandbox


class Cluster(Protocol):
    @property
    def kubeconfig(self) -> Path: ...
    def up(self) -> None: ...
    def down(self) -> None: ...
    def is_up(self) -> bool: ...
    def enter(self, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` where the API server can be reached."""


@dataclass(frozen=True)
class Existing:
    """Somebody's cluster, with the image docker.io/local/triton:24.10 on its nodes; it is never ended."""

    kubeconfig: Path

    def up(self) -> None:
        if not self.is_up():
            raise Failed(f"no API server answers to {self.kubeconfig}")

    def down(self) -> None:
        print(f"{self.kubeconfig} is not ours to end")

    def is_up(self) -> bool:
        command = [
            program("kubectl"),
            f"--kubeconfig={self.kubeconfig}",
            "get",
            "--raw=/readyz",
        ]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def enter(self, command: Sequence[str]) -> list[str]:
        return list(command)


@dataclass(frozen=True)
class Kind(Existing):
    """One that kind makes in Docker; KIND_IMAGE says which Kubernetes, as its node image."""

    kubeconfig: Path = ROOT / "build" / "cluster" / "kind.kubeconfig"

    def up(self) -> None:
        if self.is_up():
            return
        self.down()
        image = (
            [f"--image={os.environ['KIND_IMAGE']}"]
            if os.environ.get("KIND_IMAGE")
            else []
        )
        self._kind(
            "create",
            "cluster",
            f"--kubeconfig={self.kubeconfig}",
            "--wait=180s",
            *image,
        )
        self._kind("load", "image-archive", str(TOOLS / "triton.tar"))

    def down(self) -> None:
        self._kind("delete", "cluster", f"--kubeconfig={self.kubeconfig}")

    def _kind(self, *arguments: str) -> None:
        if subprocess.run(
            [program("kind"), *arguments, "--name=triton-fleet"], check=False
        ).returncode:
            raise Failed(
                f"kind could not {' '.join(arguments[:2])}; its words are above"
            )


def chosen() -> Cluster:
    where = os.environ.get("CLUSTER", "")
    clusters: dict[str, Cluster] = {"": Sandbox(), "kind": Kind()}
    return clusters.get(where) or Existing(Path(where).absolute())


def program(name: str) -> str:
    """The one that was built here, or else the one on PATH."""
    built = TOOLS / "bin" / name
    return str(built) if built.exists() else name
