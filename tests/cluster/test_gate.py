"""Ready is not serving: what clients meet in a rollout with `startup.inference`, and what a test after it finds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.chart.helm import CHART
from tests.cluster.ground.kubectl import (
    SMALL,
    Object,
    Refused,
    get,
    helm,
    in_client,
    install,
    kubectl,
    listed,
    pods,
    until,
)

Record = Callable[[str, object], None]
pytestmark = pytest.mark.usefixtures("client")

CONFIG = """
backend: "python"
input [{name: "ASK", data_type: TYPE_INT32, dims: [1]}]
output [{name: "ANSWER", data_type: TYPE_INT32, dims: [1]}]
instance_group [{kind: KIND_CPU}]
"""
MODEL = """
import os
import time

import numpy
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        self.wait = float(os.environ.get("FIRST", "0"))

    def execute(self, requests):
        time.sleep(self.wait)
        self.wait = 0
        answer = triton.Tensor("ANSWER", numpy.array([int(os.environ["SAYS"])], dtype=numpy.int32))
        return [triton.InferenceResponse([answer]) for _ in requests]
"""
BODY = json.dumps(
    {"inputs": [{"name": "ASK", "shape": [1], "datatype": "INT32", "data": [1]}]}
)
FIRST = 5  # seconds of a server's first request
LOAD = """
import http.client, json, sys, threading, time
host, body, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
end = time.monotonic() + seconds
took, said = [], []

def ask():
    while time.monotonic() < end:
        begin = time.monotonic()
        connection = http.client.HTTPConnection(host, 8000, timeout=30)
        try:
            connection.request("POST", "/v2/models/asked/infer", body)
            said.append(str(json.loads(connection.getresponse().read())["outputs"][0]["data"][0]))
        except OSError as error:
            said.append(type(error).__name__)
        connection.close()
        took.append(time.monotonic() - begin)
        time.sleep(0.02)

threads = [threading.Thread(target=ask) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
took.sort()
at = lambda share: round(took[int(len(took) * share)], 3)
met = {"requests": len(took), "p50": at(0.5), "p99": at(0.99), "longest": round(took[-1], 3)}
print(json.dumps({**met, "said": sorted(set(said))}))
"""


def asked(says: int = 42, *, expect: int = 42, first: int = 0, **more: Any) -> Object:
    """Values of a model that answers `says`, where `expect` is right; its first request takes `first` seconds."""
    test = {
        "inference": {
            "model": "asked",
            "body": BODY,
            "expect": {"ANSWER": {"datatype": "INT32", "shape": [1], "data": [expect]}},
        }
    }
    return {
        "loadModels": ["asked"],
        "repository": {
            "configMap": {
                "models": {"asked": {"config.pbtxt": CONFIG, "1/model.py": MODEL}}
            }
        },
        "env": {"SAYS": str(says), "FIRST": str(first)},
        "shutdown": {"drain": "3s", "requestTimeout": "10s"},
        "test": test,
        **more,
    }


def under_load(namespace: str, act: Callable[[], None], seconds: int) -> Object:
    """What four clients met while `act` happened; a release called rel is there already."""
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(
            in_client,
            LOAD,
            f"rel.{namespace}",
            BODY,
            str(seconds),
            timeout=seconds + 60,
        )
        time.sleep(4)
        act()
        return dict(json.loads(load.result()))


@pytest.mark.parametrize("waits", [True, False], ids=["gate", "no-gate"])
def test_clients_of_a_rollout_do_not_pay_for_the_first_request(
    waits: bool, namespace: str, record_property: Record
) -> None:
    """Somebody waits for it: the probe, or the first clients of the new pod."""
    given: Object = {"startup": {**SMALL["startup"], "inference": waits}}
    install(namespace, "rel", asked(first=FIRST, **given))
    in_client(LOAD, f"rel.{namespace}", BODY, "1")  # who came first has paid

    def change() -> None:
        install(namespace, "rel", asked(first=FIRST, modelVersion="2", **given))

    met = under_load(namespace, change, seconds=40)
    record_property(
        "measured", f"{'with' if waits else 'without'} the gate: {json.dumps(met)}"
    )
    assert (met["said"], met["longest"] >= FIRST - 1) == (["42"], not waits)


def test_a_wrong_model_never_gets_traffic(
    namespace: str, record_property: Record
) -> None:
    """It loads, it is alive and it answers: the old pod serves on, and the pod's events say what is wrong."""
    given: Object = {"startup": {**SMALL["startup"], "inference": True}}
    install(namespace, "rel", asked(**given))

    def change() -> None:
        command = ["upgrade", "rel", str(CHART), f"--namespace={namespace}"]
        helm("4", *command, values={**SMALL, **asked(says=41, expect=42, **given)})
        until("the event", lambda: _wrong(namespace) != [], seconds=60)

    met = under_load(namespace, change, seconds=30)
    record_property("measured", json.dumps(met))
    assert met["said"] == ["42"]
    assert _wrong(namespace) == [
        "Startup probe failed: Wrong: value 0 of ANSWER is 41, expected 42"
    ]


def _wrong(namespace: str) -> list[str]:
    """What the kubelet says of wrong answers."""
    said = {each["message"].strip() for each in listed(namespace, "events")}
    return sorted(each for each in said if "Wrong" in each)


@pytest.mark.parametrize("version", ["3", "4"])
def test_helm_test_by_hand_runs_the_job(version: str, namespace: str) -> None:
    """As the pod before; a wrong answer fails it, and its log says why."""
    given = {"test": {**asked()["test"], "afterSync": True}}
    install(namespace, "rel", asked() | given)
    command = ["test", "rel", f"--namespace={namespace}", "--timeout=60s"]
    assert "Phase:          Succeeded" in helm(version, *command)
    install(namespace, "rel", asked(says=41) | given)
    with pytest.raises(Refused):
        helm(version, *command)
    log = kubectl(
        "logs", f"--namespace={namespace}", "job/rel-test", "--container=inference"
    )
    assert log.strip() == "Wrong: value 0 of ANSWER is 41, expected 42"


def test_a_test_that_finds_no_node_ends_by_its_deadline(namespace: str) -> None:
    """The Job's own: a pod's would begin when a node takes it."""
    quick: Object = {"startup": {"timeout": "40s", "pull": "1s"}}
    given = {
        "test": {
            **asked()["test"],
            "afterSync": True,
            "image": "docker.io/local/nobody:1",
        }
    }
    install(namespace, "rel", asked(**quick) | given)
    begun = time.monotonic()
    with pytest.raises(Refused):
        helm("4", "test", "rel", f"--namespace={namespace}", "--timeout=120s")
    took = time.monotonic() - begun
    [condition] = [
        each
        for each in get(namespace, "job", "rel-test")["status"]["conditions"]
        if each["type"] == "Failed"
    ]
    assert condition["reason"] == "DeadlineExceeded"
    assert 65 < took < 90  # 1 s of pull, 10 s of the request, and a minute
    assert pods(namespace, "rel")
