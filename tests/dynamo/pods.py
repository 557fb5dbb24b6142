"""Pods of a rendered release as processes: command, environment, mounts, user and probes are the rendered ones.

The network is this machine's, so each process gets free ports for the rendered ones: in its arguments and variables,
and in its probes. A volume that pods share is one directory. With Kubernetes discovery the in-cluster token becomes a
kubeconfig of the same ServiceAccount.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.triton.harness import container as kubelet
from tests.triton.harness import probes, sandbox
from tests.triton.harness.server import TOOLS, free_port

Object = Mapping[str, Any]
DYNAMO = TOOLS.parent / "dynamo"
STAND_IN = Path(__file__).parent / "stand_in"
START_LIMIT = 120.0
# Where a port stands in a container: in an argument or in a variable.
ARGUMENTS = {"--http-port": "grpc", "--grpc-metrics-port": "http"}
VARIABLES = {
    "DYN_SYSTEM_PORT": "metrics",
    "DYN_TCP_RPC_PORT": "rpc",
    "DYN_TCP_RESPONSE_STREAM_PORT": "response",
}


class NotReadyError(Exception):
    """The process ended, or was not ready in time."""


@dataclass
class Pod:
    """A started container. `ports` are the real ones, by the container's names."""

    name: str
    container: kubelet.Container
    ports: Mapping[str, int]
    target: probes.Target
    process: subprocess.Popen[bytes]
    log: Path
    grace: int
    """The pod's terminationGracePeriodSeconds."""
    signalled: float = field(default_factory=time.monotonic)

    def alive(self) -> bool:
        return self.process.poll() is None

    def probe(self, name: str) -> probes.Answer:
        """One of the rendered probes, asked once."""
        return probes.ask(self.container.spec[name], self.target)

    def wait_ready(self, limit: float = START_LIMIT) -> None:
        """startupProbe until it succeeds, then readinessProbe, as the kubelet."""
        for name in ("startupProbe", "readinessProbe"):
            answer, _ = probes.wait(
                self.container.spec[name], self.target, self.alive, limit
            )
            if not answer.ok:
                state = self.process.poll()
                raise NotReadyError(
                    f"{self.name}: {name}: {answer.detail}; exit {state}\n{self.tail()}"
                )

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def main_process(self) -> int:
        """The container's own process, as this machine numbers it."""
        pid = self.process.pid
        for _ in range(2 if self.container.shares_processes else 1):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pid = int(children[-1])
        return pid

    def send(self, number: signal.Signals) -> None:
        os.kill(self.main_process(), number)
        self.signalled = time.monotonic()

    def wait(self, limit: float) -> tuple[int, float]:
        """Exit code, and the seconds since the signal."""
        code = self.process.wait(limit)
        return code if code >= 0 else 128 - code, time.monotonic() - self.signalled

    def end(self) -> None:
        """Everything of the pod, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class Release:
    """A rendered release, and what its pods share here."""

    manifests: Sequence[Object]
    directory: Path
    repository: Path
    env: Mapping[str, str] = field(default_factory=dict)
    """Beside what is rendered: where the kubeconfig is."""
    files: Sequence[Path] = ()
    """What pods see at the same place as here."""

    def named(self, kind: str, ending: str = "") -> Object:
        """The object of a kind that is called like the release, with this ending."""
        [found] = [
            each
            for each in self.manifests
            if each["kind"] == kind and each["metadata"]["name"] == f"release{ending}"
        ]
        return found

    @contextmanager
    def worker(self, name: str) -> Iterator[Pod]:
        """A pod of the Deployment of workers."""
        with self._pod(name, self.named("Deployment"), "triton") as pod:
            yield pod

    @contextmanager
    def frontend(self, name: str) -> Iterator[Pod]:
        """A pod of the frontend's Deployment."""
        with self._pod(name, self.named("Deployment", "-frontend"), "frontend") as pod:
            yield pod

    @contextmanager
    def _pod(self, name: str, deployment: Object, container: str) -> Iterator[Pod]:
        pod = self.start(name, deployment["spec"]["template"], container)
        try:
            yield pod
        finally:
            pod.end()

    def start(self, name: str, template: Object, container: str) -> Pod:
        """Everything but the waiting."""
        place = self.directory / name
        place.mkdir(parents=True)
        sources = kubelet.Sources({}, {})
        rendered = kubelet.prepare(template, container, sources, place / "volumes")
        ports = {each: free_port() for each in rendered.ports}
        here = replace(
            rendered,
            argv=[_argument(word, ports) for word in rendered.argv],
            mounts=[*self._mounts(rendered), *map(_seen, (*_programs(), *self.files))],
        )
        env = {
            **sandbox.ENVIRONMENT,
            "PATH": f"{DYNAMO}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": str(STAND_IN),
            **rendered.env,
            **{key: str(ports[port]) for key, port in VARIABLES.items() if key in rendered.env},
            **self.env,
            "POD_NAME": name,
        }  # fmt: skip
        log = place / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                sandbox.command(here, TOOLS, here.mounts, place / "root"),
                env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        numbers = {rendered.ports[each]: port for each, port in ports.items()}
        return Pod(
            name=name,
            container=here,
            ports=ports,
            target=probes.Target(numbers, rendered.ports, env),
            process=process,
            log=log,
            grace=template["spec"]["terminationGracePeriodSeconds"],
        )

    def _mounts(self, container: kubelet.Container) -> list[kubelet.Mount]:
        """The rendered mounts, with the models in their place, and what pods share in one directory."""
        shared = self.directory / "shared"
        if not shared.exists():
            shared.mkdir()
            shared.chmod(0o777)
        others = [
            mount
            for mount in container.mounts
            if mount.path not in ("/models", "/dynamo")
        ]
        models = kubelet.Mount("/models", self.repository, read_only=True)
        found = [*others, models]
        if any(mount.path == "/dynamo" for mount in container.mounts):
            found.append(kubelet.Mount("/dynamo", shared, read_only=False))
        return found


def _argument(word: str, ports: Mapping[str, int]) -> str:
    flag = word.partition("=")[0]
    return f"{flag}={ports[ARGUMENTS[flag]]}" if flag in ARGUMENTS else word


def _programs() -> tuple[Path, Path]:
    """What an image would bring: ai-dynamo, and the module that stands for Triton's."""
    if not DYNAMO.is_dir():
        raise FileNotFoundError(f"no ai-dynamo in {DYNAMO}: run `make test-dynamo`")
    return DYNAMO, STAND_IN


def _seen(path: Path) -> kubelet.Mount:
    return kubelet.Mount(str(path), path, read_only=True)
