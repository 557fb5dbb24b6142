"""What the chart's numbers promise of a pod's begin and end, measured on real pods."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.chart.helm import CHART, ROOT
from tests.cluster.ground.kubectl import (
    SMALL,
    Object,
    helm,
    in_client,
    install,
    is_ready,
    kubectl,
    pods,
    served,
    until,
)

DRAIN = 6
PATIENT = {"drain": f"{DRAIN}s", "requestTimeout": "60s"}
Record = Callable[[str, object], None]
ASK = """
import http.client, json, sys, threading, time
host, model, clients, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
body = json.dumps({"inputs": [{"name": "ASK", "shape": [1], "datatype": "INT32", "data": [1]}]})
end = time.monotonic() + seconds
statuses = []

def ask():
    connection = http.client.HTTPConnection(host, 8000, timeout=60)
    while time.monotonic() < end:
        connection.request("POST", f"/v2/models/{model}/infer", body)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)

threads = [threading.Thread(target=ask) for _ in range(clients)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({str(status): statuses.count(status) for status in set(statuses)}))
"""
INFER = """
import http.client, json, sys
host, model, body = sys.argv[1:]
connection = http.client.HTTPConnection(host, 8000, timeout=10)
try:
    connection.request("POST", f"/v2/models/{model}/infer", body)
    answer = connection.getresponse()
    text = json.loads(answer.read())
    print(text["outputs"][0]["data"][0] if answer.status == 200 else answer.status)
except OSError as error:
    print(type(error).__name__)
"""
CRASHING = """
import os
import signal

import numpy
import triton_python_backend_utils as triton


class TritonPythonModel:
    def execute(self, requests):
        [request] = requests
        asked = triton.get_input_tensor_by_name(request, "ASK").as_numpy().item()
        if asked == 1:
            os._exit(1)
        if asked == 2:
            os.kill(os.getppid(), signal.SIGKILL)
        answer = triton.Tensor("ANSWER", numpy.array(["alive"], dtype=object))
        return [triton.InferenceResponse([answer])]
"""


def begin(namespace: str, values: Object) -> Object:
    """Install without waiting; the release's only pod, as soon as its server's container runs."""
    command = ["upgrade", "--install", "rel", str(CHART), f"--namespace={namespace}"]
    helm("4", *command, values={**SMALL, **values})
    until("a running container", lambda: any(map(_runs, pods(namespace, "rel"))))
    [pod] = pods(namespace, "rel")
    return pod


def _runs(pod: Object) -> bool:
    return any(
        "running" in each["state"]
        for each in pod["status"].get("containerStatuses", [])
    )


def restarts(namespace: str) -> int:
    [pod] = pods(namespace, "rel")
    return int(pod["status"]["containerStatuses"][0]["restartCount"])


def infer(
    namespace: str,
    model: str,
    name: str,
    datatype: str,
    shape: list[int],
    data: float,
    **parameters: object,
) -> str:
    """One answer of the release's Service, or the HTTP status or the error that came instead."""
    tensor = {"name": name, "datatype": datatype, "shape": shape, "data": [data]}
    body = {"inputs": [tensor], "parameters": parameters}
    return in_client(INFER, f"rel.{namespace}", model, json.dumps(body)).strip()


def seconds_to_end(namespace: str, pod: Object) -> float:
    """From the deletion of a pod until the API server no longer has it."""
    name = pod["metadata"]["name"]
    kubectl("delete", "pod", name, f"--namespace={namespace}", "--wait=false")
    return until(
        "the pod's end",
        lambda: (
            name not in [each["metadata"]["name"] for each in pods(namespace, "rel")]
        ),
    )


def test_an_idle_pod_ends_when_its_drain_is_over(
    namespace: str, record_property: Record
) -> None:
    """Long before its exit timeout; unloading its model takes the server two to three seconds."""
    pod = begin(namespace, {**served(), "shutdown": PATIENT})
    until("ready", lambda: all(map(is_ready, pods(namespace, "rel"))))
    took = seconds_to_end(namespace, pod)
    record_property("measured", f"gone {took - DRAIN:.1f} s after its drain")
    assert DRAIN <= took < DRAIN + 10


def test_a_loading_pod_ends_when_its_drain_is_over(
    namespace: str, record_property: Record
) -> None:
    """SIGTERM while models load is lost on PID 1; the chart's pods share their processes, so the server is not."""
    pod = begin(namespace, {**served(load=55), "shutdown": PATIENT})
    took = seconds_to_end(namespace, pod)
    record_property("measured", f"gone {took - DRAIN:.1f} s after its drain")
    assert DRAIN <= took < DRAIN + 10


def test_a_startup_budget_that_is_just_enough(
    namespace: str, record_property: Record
) -> None:
    begin(namespace, {**served(load=12), "startup": {"timeout": "16s", "pull": "60s"}})
    took = until(
        "ready", lambda: all(map(is_ready, pods(namespace, "rel"))), seconds=90
    )
    record_property(
        "measured", f"Ready after {took:.1f} s, of which the model takes 12"
    )
    assert restarts(namespace) == 0


def test_a_startup_budget_that_is_not_enough(
    namespace: str, record_property: Record
) -> None:
    begin(namespace, {**served(load=55), "startup": {"timeout": "6s", "pull": "60s"}})
    took = until("a restart", lambda: restarts(namespace) > 0, seconds=60)
    record_property(
        "measured",
        f"a budget of 6 s is at its end, drained and restarted, after {took:.1f} s",
    )


def test_a_model_that_cannot_load_ends_its_server(
    namespace: str, record_property: Record
) -> None:
    """The pod's status says why: nobody has to find the log of a container that is gone."""
    begin(namespace, served(fails="load"))
    took = until("its end", lambda: restarts(namespace) > 0)
    record_property("measured", f"ended and restarted after {took:.1f} s")
    [pod] = pods(namespace, "rel")
    ended = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (
        ended["exitCode"],
        "RuntimeError: this model can't be loaded" in ended["message"],
    ) == (
        1,
        True,
    )


def crashing(namespace: str, **more: object) -> Callable[[int], str]:
    """A release whose model dies when it is asked 1, and takes its server with it when it is asked 2."""
    values = deepcopy(served())
    values["repository"]["configMap"]["models"]["timed"]["1/model.py"] = CRASHING
    install(namespace, "rel", {**values, **more})

    def ask(what: int) -> str:
        return infer(namespace, "timed", "ASK", "INT32", [1], what)

    until("an answer", lambda: ask(0) == "alive")
    return ask


@pytest.mark.usefixtures("client")
def test_a_server_that_crashes_starts_again(
    namespace: str, record_property: Record
) -> None:
    ask = crashing(namespace)
    assert ask(2) == "RemoteDisconnected"
    took = until("the server", lambda: restarts(namespace) == 1 and ask(0) == "alive")
    record_property("measured", f"answers {took:.1f} s after the crash")


@pytest.mark.usefixtures("client")
def test_a_python_model_that_crashes_stays_dead_unless_a_probe_asks_it(
    namespace: str, record_property: Record
) -> None:
    """Before 26.04 its server calls itself and the model ready all the same, and no release starts it again."""
    ask = crashing(namespace)
    assert ask(1) == "500"
    time.sleep(12)  # two readiness probes
    assert (
        ask(0),
        [is_ready(pod) for pod in pods(namespace, "rel")],
        restarts(namespace),
    ) == (
        "500",
        [True],
        0,
    )

    body = json.dumps(
        {"inputs": [{"name": "ASK", "shape": [1], "datatype": "INT32", "data": [0]}]}
    )
    url = "http://127.0.0.1:8000/v2/models/timed/infer"
    command = [
        "curl",
        "-gfsS",
        "--max-time",
        "5",
        "--output",
        "/dev/null",
        "--data",
        body,
        url,
    ]
    probe = {
        "exec": {"command": command},
        "periodSeconds": 2,
        "timeoutSeconds": 6,
        "failureThreshold": 2,
    }
    ask = crashing(namespace, livenessProbe=probe)
    until("the old pod's end", lambda: len(pods(namespace, "rel")) == 1)
    assert ask(1) == "500"
    took = until("the server", lambda: restarts(namespace) == 1 and ask(0) == "alive")
    record_property(
        "measured",
        f"with a liveness probe that asks the model, it answers {took:.1f} s after the crash",
    )


@pytest.mark.usefixtures("client")
def test_an_ensemble_and_a_stateful_model_in_one_server(namespace: str) -> None:
    names = ["add", "add_twice", "running_sum"]
    models = {name: _files(name) for name in names}
    install(
        namespace,
        "rel",
        {"repository": {"configMap": {"models": models}}, "loadModels": names},
    )
    until(
        "an answer",
        lambda: infer(namespace, "add_twice", "INPUT", "FP32", [1], 40) == "42.0",
    )

    def add(sequence: int, value: float, *, start: bool = False) -> str:
        sums = {"sequence_id": sequence, "sequence_start": start}
        return infer(namespace, "running_sum", "INPUT", "FP32", [1, 1], value, **sums)

    answers = [add(1, 1, start=True), add(2, 10, start=True), add(1, 2), add(2, 20)]
    assert answers == ["1.0", "10.0", "3.0", "30.0"]


def _files(name: str) -> dict[str, str]:
    """Its version directory is there only if it has a file, which an ensemble has no use for."""
    directory = ROOT / "tests" / "triton" / "models" / name
    paths = [
        path
        for pattern in ("config.pbtxt", "1/*.py")
        for path in directory.glob(pattern)
    ]
    return {str(path.relative_to(directory)): path.read_text() for path in paths} | {
        "1/empty.txt": ""
    }


@pytest.mark.usefixtures("client")
def test_full_load_restarts_nothing(namespace: str, record_property: Record) -> None:
    """64 clients of a model that answers one by one. The chart lets six probes fail; here one would be enough."""
    begin(
        namespace,
        {
            **served(request=0.05),
            "livenessProbe": {"periodSeconds": 1, "failureThreshold": 1},
        },
    )
    until(
        "an answer",
        lambda: infer(namespace, "timed", "ASK", "INT32", [1], 0) == "hello",
    )
    said = in_client(ASK, f"rel.{namespace}", "timed", "64", "30")
    record_property("measured", f"answers by status: {said.strip()}")
    assert restarts(namespace) == 0
    assert set(json.loads(said)) == {"200"}
