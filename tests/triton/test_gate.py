"""Ready is not serving: with `startup.inference` a pod is Ready after its first right answer, and never before."""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.triton.harness import chart, clients, repositories, server
from tests.triton.harness.ci import tensor
from tests.triton.test_lifecycle import values

ONE = tensor("INPUT", "FP32", 1.0)
BODY = (
    '{"inputs": [{"name": "INPUT", "datatype": "FP32", "shape": [1], "data": [1.0]}]}'
)
FIRST = 100  # requests whose slowest hundredth is looked at
Record = Callable[[str, object], None]


def gated(model: str, **more: Any) -> Mapping[str, Any]:
    """Values whose start waits until the model has answered 1 + 1."""
    expect = {"OUTPUT": {"shape": [1], "datatype": "FP32", "data": [2.0]}}
    inference = {"model": model, "body": BODY, "expect": expect}
    given = {"startup": {"inference": True}, "test": {"inference": inference}}
    return values(
        model, shutdown={"drain": "1s", "requestTimeout": "10s"}, **given, **more
    )


def test_a_wrong_answer_keeps_a_pod_from_being_ready(tmp_path: Path) -> None:
    """The server itself says that it is ready: without the gate, the pod would take requests."""
    repository = repositories.copy(tmp_path / "repository", "wrong")
    with server.running(chart.render(gated("wrong")), tmp_path, repository) as running:
        running.wait_for("Started HTTPService")
        with pytest.raises(server.NotReadyError) as refused:
            running.wait_ready(limit=3)
        ready = running.probe("readinessProbe").ok
    said = str(refused.value).splitlines()[0]
    assert (said, ready) == (
        "startupProbe: Wrong: value 0 of OUTPUT is 3.0, expected 2; still running", True
    )  # fmt: skip


@pytest.mark.parametrize("waits", [True, False], ids=["gate", "no-gate"])
def test_the_first_clients_do_not_pay_for_the_first_request(
    waits: bool, tmp_path: Path, record_property: Record
) -> None:
    """Its first request takes five seconds. Somebody waits for it: the probe, or a client."""
    given = gated("slow_first")
    given = given if waits else {**given, "startup": {"inference": False}}
    repository = repositories.copy(tmp_path / "repository", "slow_first")
    with server.running(chart.render(given), tmp_path, repository) as running:
        running.wait_ready()
        took = [_timed(running) for _ in range(FIRST)]
    slowest = statistics.quantiles(took, n=100)[-1]
    record_property("p99", f"{slowest:.3f} s {'with' if waits else 'without'} the gate")
    assert (slowest < 2, max(took) > 4) == (waits, not waits)


def _timed(running: server.Server) -> float:
    begin = time.monotonic()
    assert clients.infer(running.ports["http"], "slow_first", ONE) == 2.0
    return time.monotonic() - begin


def test_what_was_answered_once_is_not_asked_again(tmp_path: Path) -> None:
    """A kubelet that begins anew probes again. A container that begins anew is asked, though it finds the old /tmp."""
    given = chart.render(gated("add"))
    repository = repositories.copy(tmp_path / "repository", "add")
    asked: list[tuple[list[bool], int]] = []
    for name in ("first", "second"):
        directory = tmp_path / name
        directory.mkdir()
        if asked:
            old = tmp_path / "first" / "volumes"
            subprocess.run(["cp", "--archive", str(old), str(directory)], check=True)
        with server.running(given, directory, repository) as running:
            running.wait_ready()
            again = [running.probe("startupProbe").ok for _ in range(3)]
            asked.append((again, _answered(running)))
    assert asked == [([True, True, True], 1)] * 2


def _answered(running: server.Server) -> int:
    """Requests that the server has answered well."""
    time.sleep(1)  # it counts a request a moment after its answer
    _, text = clients.call(running.ports["metrics"], "/metrics")
    [count] = re.findall(r"^nv_inference_request_success{.*} (\d+)$", text, re.M)
    return int(count)


def test_the_probe_has_the_key_to_a_locked_inference(tmp_path: Path) -> None:
    lock = {
        "apis": ["inference"],
        "header": "x-key",
        "secretName": "clients",
        "key": "k",
    }
    given = gated("add", server={"restrictedApis": [lock]})
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(
        chart.render(given), tmp_path, repository, {"clients": {"k": "secret"}}
    ) as running:
        running.wait_ready()
        path = "/v2/models/add/infer"
        refused, _ = clients.call(running.ports["http"], path, {"inputs": [ONE]})
    assert refused == 403
