"""Every ci/ file that this server can run, from its start to its end as a pod."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.triton.harness import chart, ci, clients, repositories, server
from tests.triton.harness.certificates import Certificates

SEQUENCES = itertools.count(1)


def test_every_file_is_run_or_told_why_not() -> None:
    files = {path.name.removesuffix("-values.yaml") for path in ci.CI.iterdir()}
    assert {case.name for case in ci.CASES} | set(ci.NOT_RUN) == files


@pytest.mark.parametrize("case", ci.CASES, ids=lambda case: case.name)
def test_serves(
    case: ci.Case,
    tmp_path: Path,
    certificates: Certificates,
    record_property: Callable[[str, object], None],
) -> None:
    manifests = chart.render(case.path, *case.overrides())
    repository = repositories.stand_ins(tmp_path / "repository", case.models())
    secrets = {**case.secrets, "triton-tls": certificates.secret()}
    with ExitStack() as stack:
        running = stack.enter_context(
            server.running(manifests, tmp_path, repository, secrets, case.backends)
        )
        running.wait_ready()
        tls = certificates if "--grpc-use-ssl=true" in running.container.argv else None
        channel = stack.enter_context(clients.Grpc(running.ports["grpc"], tls))
        served = _serve(case, running, channel)
        ended = _end_under_load(case, running, channel)
    record_property("file", case.name)
    record_property(
        "additions", ", ".join([*case.overrides(), *map(str, running.additions)])
    )
    assert {**served, **ended} == _expected(case, has_http="http" in running.ports)


def _expected(case: ci.Case, has_http: bool) -> dict[str, object]:
    names = ["http", "grpc"] if has_http else ["grpc"]
    return {
        "additions": [
            "--grpc-port=N",
            *(["--http-port=N"] if has_http else []),
            "--metrics-port=N",
        ],
        "live": True,
        "answers": {name: [case.answer] * len(case.models()) for name in names},
        "counted": [len(names)] * len(case.models()),
        "load from outside": case.refused if has_http else (None, case.refused[1]),
        "ready then": True,
        "in flight at SIGTERM": {name: {case.answer} for name in names},
        "exit code": 0,
    }


def _serve(
    case: ci.Case, running: server.Server, channel: clients.Grpc
) -> dict[str, object]:
    if case.key:
        header = {case.values["modelControl"].get("header", "admin-key"): case.key}
        loaded = clients.call(
            running.ports["http"], "/v2/repository/models/add/load", {}, header
        )
        assert loaded == (200, "")
    asks = _asks(case, running, channel)
    return {
        "additions": sorted(
            re.sub(r"\d+$", "N", addition.here) for addition in running.additions
        ),
        "live": running.probe("livenessProbe").ok,
        "answers": {
            name: [ask(model) for model in case.models()] for name, ask in asks.items()
        },
        "counted": [_successes(running, model, len(asks)) for model in case.models()],
        "load from outside": _load(running, channel),
        "ready then": running.probe("readinessProbe").ok,
    }


def _asks(
    case: ci.Case, running: server.Server, channel: clients.Grpc, **parameters: object
) -> dict[str, Callable[[str], Any]]:
    """An inference by each way that is open."""

    def sequence() -> dict[str, object]:
        more = (
            {
                "sequence_id": next(SEQUENCES),
                "sequence_start": True,
                "sequence_end": True,
            }
            if case.sequence
            else {}
        )
        return {**parameters, **more}

    asks: dict[str, Callable[[str], Any]] = {
        "grpc": lambda model: channel.infer(model, case.ask, **sequence())
    }
    if "http" in running.ports:
        asks["http"] = lambda model: clients.infer(
            running.ports["http"], model, case.ask, **sequence()
        )
    return asks


def _successes(running: server.Server, model: str, wanted: int) -> int:
    """Successful requests, by the metrics port; the server counts a request a moment after its answer."""
    line = rf'^nv_inference_request_success{{model="{model}",version="1"}} (\d+)$'
    found = 0
    for _ in range(20):
        found = int(
            re.findall(
                line, clients.call(running.ports["metrics"], "/metrics")[1], re.M
            )[0]
        )
        if found >= wanted:
            break
        time.sleep(0.1)
    return found


def _load(running: server.Server, channel: clients.Grpc) -> tuple[int | None, str]:
    """Somebody who reaches the ports, and has no key, tries to load a model."""
    over_grpc = channel.status("load_model", "intruder")
    if "http" not in running.ports:
        return None, over_grpc
    return clients.call(
        running.ports["http"], "/v2/repository/models/intruder/load", {}
    )[0], over_grpc


def _end_under_load(
    case: ci.Case, running: server.Server, channel: clients.Grpc
) -> Mapping[str, object]:
    """The end of a pod: preStop while clients still come, none new after it, then SIGTERM."""
    model = case.models()[0]
    asks = _asks(case, running, channel, **({"delay": "0.3"} if case.delay else {}))
    load = clients.Load({name: partial(ask, model) for name, ask in asks.items()})
    time.sleep(running.drain)
    load.stop()
    time.sleep(0.1)  # the last ones have reached the server
    running.terminate()
    ended = running.wait()
    return {
        "in flight at SIGTERM": {
            name: set(answers) for name, answers in load.answers().items()
        },
        "exit code": ended.code,
    }
