"""What the chart's numbers promise of a pod's begin and end, measured on real pods."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chart.helm import CHART
from cluster.kubectl import SMALL, Object, helm, in_client, is_ready, kubectl, pods, served, until

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


def begin(namespace: str, values: Object) -> Object:
    """Install without waiting; the release's only pod, as soon as its server's container runs."""
    command = ["upgrade", "--install", "rel", str(CHART), f"--namespace={namespace}"]
    helm("4", *command, values={**SMALL, **values})
    until("a running container", lambda: any(map(_runs, pods(namespace, "rel"))))
    [pod] = pods(namespace, "rel")
    return pod


def _runs(pod: Object) -> bool:
    return any("running" in each["state"] for each in pod["status"].get("containerStatuses", []))


def restarts(namespace: str) -> int:
    [pod] = pods(namespace, "rel")
    return int(pod["status"]["containerStatuses"][0]["restartCount"])


def seconds_to_end(namespace: str, pod: Object) -> float:
    """From the deletion of a pod until the API server no longer has it."""
    name = pod["metadata"]["name"]
    kubectl("delete", "pod", name, f"--namespace={namespace}", "--wait=false")
    return until("the pod's end", lambda: name not in [each["metadata"]["name"] for each in pods(namespace, "rel")])


def test_an_idle_pod_ends_when_its_drain_is_over(namespace: str, record_property: Record) -> None:
    """Long before its exit timeout; unloading its model takes the server two to three seconds."""
    pod = begin(namespace, {**served(), "shutdown": PATIENT})
    until("ready", lambda: all(map(is_ready, pods(namespace, "rel"))))
    took = seconds_to_end(namespace, pod)
    record_property("measured", f"gone {took - DRAIN:.1f} s after its drain")
    assert DRAIN <= took < DRAIN + 10


def test_a_loading_pod_ends_when_its_drain_is_over(namespace: str, record_property: Record) -> None:
    """SIGTERM while models load is lost on PID 1; the chart's pods share their processes, so the server is not."""
    pod = begin(namespace, {**served(load=55), "shutdown": PATIENT})
    took = seconds_to_end(namespace, pod)
    record_property("measured", f"gone {took - DRAIN:.1f} s after its drain")
    assert DRAIN <= took < DRAIN + 10


def test_a_startup_budget_that_is_just_enough(namespace: str, record_property: Record) -> None:
    begin(namespace, {**served(load=12), "startup": {"timeout": "16s", "pull": "60s"}})
    took = until("ready", lambda: all(map(is_ready, pods(namespace, "rel"))), seconds=30)
    record_property("measured", f"Ready after {took:.1f} s, of which the model takes 12")
    assert restarts(namespace) == 0


def test_a_startup_budget_that_is_not_enough(namespace: str, record_property: Record) -> None:
    begin(namespace, {**served(load=55), "startup": {"timeout": "6s", "pull": "60s"}})
    took = until("a restart", lambda: restarts(namespace) > 0, seconds=60)
    record_property("measured", f"a budget of 6 s is at its end, drained and restarted, after {took:.1f} s")


@pytest.mark.usefixtures("client")
def test_full_load_restarts_nothing(namespace: str, record_property: Record) -> None:
    """64 clients of a model that answers one by one, for 100 s; six failures of liveness, every 10 s, restart it."""
    begin(namespace, served(request=0.05))
    until("ready", lambda: all(map(is_ready, pods(namespace, "rel"))))
    said = in_client(ASK, f"rel.{namespace}", "timed", "64", "100")
    record_property("measured", f"answers by status: {said.strip()}")
    assert restarts(namespace) == 0
    assert set(json.loads(said)) == {"200"}
