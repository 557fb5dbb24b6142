"""`tritonfleet smoke` asks the real server; a socket to this machine stands for the port-forward."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.triton.harness import chart, clients, repositories, server
from tests.triton.harness.certificates import Certificates
from tests.triton.harness.ci import tensor
from tests.triton.test_lifecycle import values
from tritonfleet.smoke import Asked, Credentials, Question, ask

ONE = tensor("INPUT", "FP32", 1.0)
RIGHT = "OUTPUT FP32 [1] = 2.0"


def question(running: server.Server, **more: Any) -> Question:
    ports = {
        name: running.ports[name] for name in ("http", "grpc") if name in running.ports
    }
    said: dict[str, Any] = {
        "models": ("add",),
        "model": "add",
        "path": "infer",
        "body": json.dumps({"inputs": [ONE]}),
        "expect": {"OUTPUT": {"datatype": "FP32", "shape": [1], "data": [2.0]}},
        "header": "",
        "seconds": 10,
        "ports": ports,
        "tls": False,
        "mutual": False,
        "host": "127.0.0.1",
    }
    return Question(**{**said, **more})


def asked(
    given: Question, credentials: Credentials | None = None, count: int = 1
) -> list[Asked]:
    def connect(port: int) -> socket.socket:
        return socket.create_connection((clients.HOST, port))

    found = ask(given, connect, credentials or Credentials(), count)
    return [replace(each, seconds=()) for each in found]


def test_right_and_wrong_answers_over_both_ways(tmp_path: Path) -> None:
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(chart.render(values("add")), tmp_path, repository) as running:
        running.wait_ready()
        right = asked(question(running), count=5)
        wrong = asked(question(running, expect={"OUTPUT": {"data": [3]}}))
        ready = asked(question(running, model=""))
        away = asked(question(running, models=("add", "nobody")))
    said = "value 0 of OUTPUT is 2.0, expected 3"
    assert right == [Asked("http", (), RIGHT), Asked("grpc", (), RIGHT)]
    assert wrong == [Asked("http", (said,), RIGHT), Asked("grpc", (said,), RIGHT)]
    assert ready == [Asked("http", (), "ready: add"), Asked("grpc", (), "ready: add")]
    assert [each.problems for each in away] == [
        ('/v2/models/nobody/ready answers 400: {"error":"Model version not ready"}',), ("nobody is not ready",),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["", "secret"], ids=["no-key", "key"])
def test_locked_inferences(key: str, tmp_path: Path) -> None:
    lock = {
        "apis": ["inference"],
        "header": "x-key",
        "secretName": "clients",
        "key": "k",
    }
    given = values("add", server={"restrictedApis": [lock]})
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(
        chart.render(given), tmp_path, repository, {"clients": {"k": "secret"}}
    ) as running:
        running.wait_ready()
        found = asked(question(running, header="x-key"), Credentials(key=key))
    assert [not each.problems for each in found] == [bool(key)] * 2


@pytest.mark.parametrize("mutual", [False, True], ids=["tls", "mutual"])
def test_certificates(mutual: bool, tmp_path: Path, certificates: Certificates) -> None:
    tls = {"enabled": True, "secretName": "triton-tls", "mutual": mutual}
    given = values("add", grpc={"tls": tls})
    repository = repositories.copy(tmp_path / "repository", "add")
    own = Credentials(cacert=str(certificates.path("ca.crt")))
    full = replace(
        own,
        cert=str(certificates.path("client.crt")),
        cert_key=str(certificates.path("client.key")),
    )
    with server.running(
        chart.render(given), tmp_path, repository, {"triton-tls": certificates.secret()}
    ) as running:
        running.wait_ready()
        locked = question(running, tls=True, mutual=mutual)
        found = {
            name: asked(locked, credentials)[1].problems
            for name, credentials in {
                "ca": own,
                "all": full,
                "none": Credentials(),
            }.items()
        }
    wish = ("the server wants a certificate of yours: use --cert and --key",)
    trust = ("nobody here trusts its certificate: use --cacert",)
    assert (found["all"], found["ca"], found["none"]) == (
        (),
        wish if mutual else (),
        wish if mutual else trust,
    )
