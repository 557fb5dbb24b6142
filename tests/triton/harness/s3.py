"""A real S3 server on this machine: versitygw, whose buckets are directories and whose objects are files."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.triton.harness import chart
from tests.triton.harness.certificates import Certificates
from tests.triton.harness.server import HOST, free_port

GATEWAY = chart.ROOT / ".tools" / "versitygw"
ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "not-a-real-secret-key"


@contextmanager
def serving(
    directory: Path, buckets: Path, tls: Certificates | None = None
) -> Iterator[str]:
    """Serve the directories below `buckets`; yields the endpoint as the chart's values write it."""
    port = free_port()
    files = (
        ["--cert", str(tls.path("server.crt")), "--key", str(tls.path("server.key"))]
        if tls
        else []
    )
    command = [
        str(GATEWAY),
        f"--port={HOST}:{port}",
        f"--access={ACCESS}",
        f"--secret={SECRET}",
        *files,
    ]
    with (directory / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command, "posix", str(buckets)],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, directory / "s3.log")
        yield f"{'https' if tls else 'http'}://{HOST}:{port}"
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise ChildProcessError(f"{GATEWAY.name} ended: {log.read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{GATEWAY.name} does not listen: {log.read_text()}")
