"""The real tritonserver, started with the arguments and environment of a rendered Deployment.

Paths, mounts and the user are the rendered ones (see sandbox.py); the network is the machine's, so free ports stand for
the rendered ones. Each is an `Addition`; no other argument differs.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.triton.harness import container as kubelet
from tests.triton.harness import install, probes, sandbox

Object = Mapping[str, Any]
HOST = probes.HOST
TOOLS = Path(__file__).parents[3] / ".tools" / "triton"
LISTENERS = {"http": 8000, "grpc": 8001, "metrics": 8002}
"""Listener → the port tritonserver takes when no flag names one."""
START_LIMIT = 60.0
STOP_LIMIT = 60.0


@dataclass(frozen=True)
class Addition:
    """One deviation from what was rendered."""

    rendered: str
    here: str

    def __str__(self) -> str:
        return f"{self.rendered} → {self.here}"


@dataclass(frozen=True)
class Exit:
    """How a server ended."""

    code: int
    seconds: float
    """After SIGTERM, or after its start if it got none."""
    last: str
    """Its last line."""


class NotReadyError(Exception):
    """The server ended, or was not ready in time."""


@dataclass
class Server:
    """A started server. `ports` are the real ones, by listener."""

    template: Object
    container: kubelet.Container
    additions: list[Addition]
    ports: dict[str, int]
    target: probes.Target
    process: subprocess.Popen[bytes]
    log: Path
    volumes: Path
    started: float = field(default_factory=time.monotonic)
    signalled: float = field(default_factory=time.monotonic)

    def alive(self) -> bool:
        return self.process.poll() is None

    def wait_ready(self, limit: float = START_LIMIT) -> float:
        """startupProbe until it succeeds, then readinessProbe, as the kubelet; the seconds since the start.

        The server answers before it has set up what SIGTERM does, which no rollout meets: it drains first.
        """
        for name in ("startupProbe", "readinessProbe"):
            answer, _ = probes.wait(
                self.container.spec[name], self.target, self.alive, limit
            )
            if not answer.ok:
                code = self.process.poll()
                state = "still running" if code is None else f"exit code {code}"
                raise NotReadyError(
                    f"{name}: {answer.detail}; {state}\n{self.tail(20)}"
                )
        took = time.monotonic() - self.started
        while self.alive() and not self._catches_sigterm():
            time.sleep(0.01)
        return took

    def _catches_sigterm(self) -> bool:
        pid = self.pid()
        if pid is None:
            return False
        status = Path(f"/proc/{pid}/status").read_text()
        [caught] = re.findall(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
        return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)

    def probe(self, name: str) -> probes.Answer:
        """One of the rendered probes, asked once."""
        return probes.ask(self.container.spec[name], self.target)

    @property
    def drain(self) -> int:
        """Seconds of the rendered preStop sleep: nobody has this pod as an endpoint any more when they are over."""
        seconds: int = self.container.spec["lifecycle"]["preStop"]["sleep"]["seconds"]
        return seconds

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, line: str) -> None:
        """Wait until its log says so."""
        while line not in self.text():
            if not self.alive() or time.monotonic() - self.started > START_LIMIT:
                raise NotReadyError(f"it never said {line!r}\n{self.tail(20)}")
            time.sleep(0.05)

    def tail(self, lines: int = 1) -> str:
        return "\n".join(self.text().rstrip().splitlines()[-lines:])

    def pid(self) -> int | None:
        """The server's own process, once it has begun."""
        return sandbox.server_process(self.process.pid, self.container.shares_processes)

    def terminate(self) -> None:
        """SIGTERM to the server alone, as the runtime sends it."""
        pid = self.pid()
        assert pid, f"the server has not begun\n{self.tail(20)}"
        os.kill(pid, signal.SIGTERM)
        self.signalled = time.monotonic()

    def wait(self, limit: float = STOP_LIMIT) -> Exit:
        """Wait for its end; the code as Kubernetes says it, 128 + N for signal N."""
        code = self.process.wait(limit)
        return Exit(
            code if code >= 0 else 128 - code,
            time.monotonic() - self.signalled,
            self.tail(),
        )

    def end(self) -> None:
        """End what was started: the process group that was made for this server. Its root ends with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(
    manifests: Sequence[Object],
    directory: Path,
    repository: Path,
    secrets: kubelet.Secrets | None = None,
    backends: str = "",
) -> Iterator[Server]:
    """Start the server of a rendered release; `repository` stands for what its image, claim or `fetch` brings.

    `backends` is where the image has a directory of backends of its own; the server's own stand for it.
    """
    image = (
        [kubelet.Mount(backends, install.home(TOOLS) / "backends", read_only=True)]
        if backends
        else []
    )
    server = start(manifests, directory, repository, secrets or {}, image)
    try:
        yield server
    finally:
        server.end()


def start(
    manifests: Sequence[Object],
    directory: Path,
    repository: Path,
    secrets: kubelet.Secrets,
    image: Sequence[kubelet.Mount] = (),
) -> Server:
    """Everything but the waiting."""
    [deployment] = [m for m in manifests if m["kind"] == "Deployment"]
    configmaps = {
        m["metadata"]["name"]: m for m in manifests if m["kind"] == "ConfigMap"
    }
    template = deployment["spec"]["template"]
    rendered = kubelet.prepare(
        template, "triton", kubelet.Sources(configmaps, secrets), directory / "volumes"
    )
    listeners = _listeners(rendered.argv)
    ports = {name: free_port() for name in listeners}
    here = replace(rendered, argv=_arguments(rendered.argv, ports))
    mounts = [*image, *_stored(rendered, repository)]
    env = {**sandbox.ENVIRONMENT, **rendered.env}
    log = directory / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            sandbox.command(here, _tools(), mounts, directory / "root"),
            env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def enter() -> list[str]:
        pid = sandbox.server_process(process.pid, here.shares_processes)
        if pid is None:
            raise ProcessLookupError("the server has not begun")
        return sandbox.enter(pid, here)

    return Server(
        template=template,
        container=here,
        additions=_additions(rendered.argv, here.argv),
        ports=ports,
        target=probes.Target(
            {number: ports[name] for name, number in listeners.items()},
            here.ports,
            env,
            enter,
        ),
        process=process,
        log=log,
        volumes=directory / "volumes",
    )


def _tools() -> Path:
    if not install.home(TOOLS).is_dir():
        raise FileNotFoundError(f"no server in {install.home(TOOLS)}: run `make tools`")
    return TOOLS


def free_port() -> int:
    """A port below the range that the kernel gives to clients, so that no connection of a test can take it."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port


def _listeners(argv: Sequence[str]) -> dict[str, int]:
    """The listeners that are on, and the port rendered for each."""
    flags = dict(
        word.split("=", 1) for word in argv if word.startswith("--") and "=" in word
    )
    on = [
        name
        for name in LISTENERS
        if flags.get(f"--allow-{name}", "true").lower() in ("true", "on", "1")
    ]
    return {name: int(flags.get(f"--{name}-port", LISTENERS[name])) for name in on}


def _arguments(argv: Sequence[str], ports: Mapping[str, int]) -> list[str]:
    """The rendered arguments, each listener on a port of this machine."""
    flags = {f"--{name}-port": port for name, port in ports.items()}
    kept = [word for word in argv if word.partition("=")[0] not in flags]
    return kept + [f"{flag}={port}" for flag, port in flags.items()]


def _additions(rendered: Sequence[str], here: Sequence[str]) -> list[Addition]:
    old = {word.partition("=")[0]: word for word in rendered}
    return [
        Addition(old.get(word.partition("=")[0], "(default)"), word)
        for word in here
        if word not in rendered
    ]


def _stored(container: kubelet.Container, repository: Path) -> list[kubelet.Mount]:
    """The mounts, with the given repository at its path if nothing else brings it: an image, storage, or `fetch`."""
    [path] = [
        word.partition("=")[2]
        for word in container.argv
        if word.startswith("--model-repository=")
    ]
    below = [mount for mount in container.mounts if mount.path.startswith(f"{path}/")]
    if not path.startswith("/") or below:
        return container.mounts
    others = [mount for mount in container.mounts if mount.path != path]
    return [*others, kubelet.Mount(path, repository, read_only=True)]
