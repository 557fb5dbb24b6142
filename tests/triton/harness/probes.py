"""A probe as the kubelet performs it, against the pod's address 127.0.0.1; only its period is sped up."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc  # type: ignore[import-untyped]

from tests.triton.harness.container import expand

Object = Mapping[str, Any]
HOST = "127.0.0.1"
PERIOD = 0.1


@dataclass(frozen=True)
class Target:
    """Where probes go: container port → port here, port names, and the environment of exec."""

    ports: Mapping[int, int]
    names: Mapping[str, int]
    env: Mapping[str, str]
    enter: Callable[[], Sequence[str]] = tuple
    """The command that runs another one inside of the container, nothing where none of its probes runs a command.

    Raises OSError where there is no container.
    """

    def port(self, wanted: int | str) -> int:
        """A name is looked up in the container's ports; a number nothing was told to listen on stays as it is."""
        number = self.names[wanted] if isinstance(wanted, str) else wanted
        return self.ports.get(number, number)

    def url(self, text: str) -> str:
        """A word of a command with the port of a URL in it translated."""
        return re.sub(
            r"(?<=://)([^/:]+):(\d+)",
            lambda match: f"{match[1]}:{self.port(int(match[2]))}",
            text,
        )


@dataclass(frozen=True)
class Answer:
    """What one probe found."""

    ok: bool
    detail: str


def ask(probe: Object, target: Target) -> Answer:
    """Perform a probe once."""
    [(kind, action)] = [(kind, probe[kind]) for kind in _KINDS if kind in probe]
    try:
        return _KINDS[kind](action, target, probe.get("timeoutSeconds", 1))
    except (OSError, http.client.HTTPException) as error:
        return Answer(False, str(error))


def wait(
    probe: Object, target: Target, alive: Callable[[], bool], limit: float
) -> tuple[Answer, float]:
    """Ask until it succeeds; gives up when its own period × threshold, `limit` or the container has ended."""
    start = time.monotonic()
    allowed = min(
        limit, probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
    )
    answer = ask(probe, target)
    while not answer.ok and alive() and time.monotonic() - start < allowed:
        time.sleep(PERIOD)
        answer = ask(probe, target)
    return answer, time.monotonic() - start


def _http(action: Object, target: Target, timeout: float) -> Answer:
    connection = http.client.HTTPConnection(
        HOST, target.port(action["port"]), timeout=timeout
    )
    headers = {
        header["name"]: header["value"] for header in action.get("httpHeaders", [])
    }
    try:
        connection.request(
            "GET", action.get("path", "/"), headers={"Connection": "close", **headers}
        )
        status = connection.getresponse().status
    finally:
        connection.close()
    return Answer(200 <= status < 400, str(status))


def _tcp(action: Object, target: Target, timeout: float) -> Answer:
    socket.create_connection((HOST, target.port(action["port"])), timeout).close()
    return Answer(True, "open")


def _exec(action: Object, target: Target, timeout: float) -> Answer:
    # The kubelet expands such a command, too: two dollars are one.
    command = [target.url(expand(word, {})) for word in action["command"]]
    try:
        done = subprocess.run(
            [*target.enter(), *command],
            env=target.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(False, f"timed out after {timeout} s")
    return Answer(done.returncode == 0, done.stderr.strip() or str(done.returncode))


def _grpc(action: Object, target: Target, timeout: float) -> Answer:
    """grpc.health.v1, whose two messages are small enough to write by hand: field 1 text, field 1 SERVING = 1."""
    service = action.get("service", "").encode()
    with grpc.insecure_channel(f"{HOST}:{target.port(action['port'])}") as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        try:
            reply: bytes = check(
                b"\x0a" + bytes([len(service)]) + service if service else b"",
                timeout=timeout,
            )
        except grpc.RpcError as error:
            return Answer(False, str(error.code()))
    return Answer(reply == b"\x08\x01", reply.hex())


_KINDS = {"httpGet": _http, "tcpSocket": _tcp, "exec": _exec, "grpc": _grpc}
