"""An API server alone: etcd and kube-apiserver on this machine, in a directory of their own, while a test needs them.

Nothing runs the objects; they are only looked at. Pod Security, validation and the schemas of custom resources are all
in the API server. It needs no root.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from socket import socket

import yaml

from tests.verdict.api import Api, Unreachable

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".tools" / "cluster" / "bin"
DEFINITIONS = ROOT / ".tools" / "cluster" / "crds"
LEVELS = ("restricted", "baseline", "privileged")
START = 60  # seconds
READER = "reader"
"""A person without any rights, until somebody gives them. The token is the admin's with `-reader` at its end."""


@contextmanager
def api_server(directory: Path) -> Iterator[Api]:
    """A server with the custom resources of the chart, and a namespace for each Pod Security level, named by it."""
    etcd, peer, port = _free_ports(3)
    token = token_hex(16)
    accounts = (
        f"{token},admin,admin,system:masters\n{token}-{READER},{READER},{READER}\n"
    )
    (directory / "token.csv").write_text(accounts)
    key = directory / "accounts.key"
    subprocess.run(
        ["openssl", "genrsa", "-out", str(key)], check=True, capture_output=True
    )
    with ExitStack() as running:
        running.enter_context(
            _program(
                directory,
                "etcd",
                f"--data-dir={directory / 'etcd'}",
                f"--listen-client-urls=http://127.0.0.1:{etcd}",
                f"--advertise-client-urls=http://127.0.0.1:{etcd}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}",
                "--unsafe-no-fsync",
                "--log-level=warn",
            )
        )
        running.enter_context(
            _program(
                directory,
                "kube-apiserver",
                f"--etcd-servers=http://127.0.0.1:{etcd}",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                f"--cert-dir={directory}",
                f"--token-auth-file={directory / 'token.csv'}",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={key}",
                f"--service-account-signing-key-file={key}",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=RBAC",
                "--allow-privileged",
                "--enable-priority-and-fairness=false",
            )
        )
        api = _reached(directory, port, token)
        _install_definitions(api)
        for level in LEVELS:
            _create_namespace(api, level)
        yield api
        api.close()


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until the last is found, so that none comes twice."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _program(directory: Path, name: str, *arguments: str) -> Iterator[None]:
    """One of the proving ground's programs, ended with the block; its log is in the directory."""
    program = PROGRAMS / name
    if not program.exists():
        raise FileNotFoundError(f"{program} is not there: `make verdict` builds it")
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _reached(directory: Path, port: int, token: str) -> Api:
    """The server, when it is ready. Raises TimeoutError with the end of its log."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        certificate = directory / "apiserver.crt"
        if certificate.exists():
            api = Api(port, token, certificate)
            try:
                if api.get_text("/readyz") == "ok":
                    return api
                api.close()
            except Unreachable:
                pass
            api.close()
        time.sleep(0.2)
    log = (directory / "kube-apiserver.log").read_text(errors="replace")
    raise TimeoutError(f"no API server after {START} s:\n{log[-2000:]}")


def _install_definitions(api: Api) -> None:
    """The custom resources, and the wait until their kinds are served."""
    wanted = set()
    for path in sorted(DEFINITIONS.glob("*.yaml")):
        for definition in yaml.load_all(path.read_bytes(), yaml.CSafeLoader):
            if definition and definition["kind"] == "CustomResourceDefinition":
                api.create(definition)
                wanted.add(definition["spec"]["names"]["kind"])
    deadline = time.monotonic() + START
    while not wanted <= api.kinds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not served: {sorted(wanted - api.kinds())}")
        time.sleep(0.5)


def _create_namespace(api: Api, level: str) -> None:
    """With the account that pods have when nothing else is asked for, which a controller would make."""
    labels = {"pod-security.kubernetes.io/enforce": level}
    metadata = {"name": level, "labels": labels}
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    account = {"name": "default", "namespace": level}
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
