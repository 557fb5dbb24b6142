"""What clients see of a rollout: six kinds of them ask all the time while pods come and go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.ground.kubectl import (
    Refused,
    in_client,
    install,
    is_ready,
    kubectl,
    pods,
    served,
    until,
)

LOAD = (Path(__file__).parent / "ground" / "load.py").read_text()
REQUESTS = 2000  # of the clients together, at least
Record = Callable[[str, object], None]
pytestmark = pytest.mark.usefixtures("client")


def values(**more: object) -> dict[str, Any]:
    return {**served(request=0.005), **more}


def under_load(
    namespace: str, act: Callable[[], None], record_property: Record, seconds: int = 30
) -> dict[str, list[str]]:
    """The failures of each client while `act` happens; a release called rel is there already."""
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(
            in_client, LOAD, f"rel.{namespace}", str(seconds), timeout=seconds + 60
        )
        time.sleep(5)
        act()
        reports = json.loads(asking.result())
    for name, report in reports.items():
        said = f"{name} {len(report['failures'])} of {report['requests']} failed, longest gap {report['gap']} s"
        record_property("measured", "; ".join([said, *report["failures"][:3]]))
    assert sum(report["requests"] for report in reports.values()) >= REQUESTS
    return {name: report["failures"] for name, report in reports.items()}


def lost(failures: dict[str, list[str]], rollouts: int = 1) -> dict[str, list[str]]:
    """What may not be lost. The old server ends a kept HTTP connection and a stream in use: one request each time."""
    may = {"http": rollouts, "stream": rollouts}
    return {
        name: found for name, found in failures.items() if len(found) > may.get(name, 0)
    }


def test_a_change_of_values(namespace: str, record_property: Record) -> None:
    install(namespace, "rel", values())
    failures = under_load(
        namespace,
        lambda: install(namespace, "rel", values(modelVersion="2")),
        record_property,
    )
    assert lost(failures) == {}


def test_deleted_pods(namespace: str, record_property: Record) -> None:
    """Two, one after the other, so that every kept connection meets at least one end."""
    install(namespace, "rel", values(replicas=2))

    def delete() -> None:
        for pod in pods(namespace, "rel"):
            _delete(namespace, pod)
            until("two again", lambda: _ready(namespace) == 2)

    assert (
        lost(under_load(namespace, delete, record_property, seconds=40), rollouts=2)
        == {}
    )


def test_the_only_pod_is_deleted(namespace: str, record_property: Record) -> None:
    """While none is Ready, the Service keeps to the pod that drains: its drain has to outlast the next one's start."""
    install(namespace, "rel", values(shutdown={"drain": "12s", "requestTimeout": "5s"}))
    [pod] = pods(namespace, "rel")
    failures = under_load(namespace, lambda: _delete(namespace, pod), record_property)
    assert lost(failures) == {}


def test_an_eviction_for_scratch_is_abrupt(
    namespace: str, record_property: Record
) -> None:
    """The kubelet does not let such a pod drain. What clients lose is told; nothing in the chart can prevent it."""
    install(namespace, "rel", values(replicas=2))
    [pod, _] = [each["metadata"]["name"] for each in pods(namespace, "rel")]
    fill = ["dd", "if=/dev/zero", "of=/tmp/too-much", "bs=1M", "count=80"]

    def evicted() -> list[str]:
        found = [
            each["status"]
            for each in pods(namespace, "rel")
            if each["metadata"]["name"] == pod
        ]
        return [
            status["message"].strip()
            for status in found
            if status.get("reason") == "Evicted"
        ]

    def exceed() -> None:
        kubectl("exec", f"--namespace={namespace}", pod, "--", *fill)
        took = until("the eviction", lambda: evicted() != [], seconds=90)
        record_property("measured", f"evicted after {took:.1f} s")

    under_load(
        namespace, exceed, record_property, seconds=75
    )  # the kubelet measures volumes once a minute
    assert evicted() == ['Usage of EmptyDir volume "tmp" exceeds the limit "64Mi".']
    until("two again", lambda: _ready(namespace) == 2)


def test_scaling_out_and_in(namespace: str, record_property: Record) -> None:
    install(namespace, "rel", values())

    def scale() -> None:
        for replicas in (3, 1):
            install(namespace, "rel", values(replicas=replicas))
            time.sleep(4)

    assert (
        lost(under_load(namespace, scale, record_property, seconds=40), rollouts=2)
        == {}
    )


@pytest.fixture
def cordoned() -> Iterator[str]:
    [node] = kubectl(
        "get", "nodes", "--output=jsonpath={.items[0].metadata.name}"
    ).split()
    kubectl("cordon", node)
    yield node
    kubectl("uncordon", node)


def test_a_drain_takes_one_of_two(
    namespace: str, record_property: Record, request: pytest.FixtureRequest
) -> None:
    """On one node the evicted pod has nowhere to go: the budget holds the other until the node takes pods again."""
    install(namespace, "rel", values(replicas=2))
    refused = []

    def drain() -> None:
        node = request.getfixturevalue("cordoned")
        for pod in pods(namespace, "rel"):
            try:
                _evict(namespace, pod["metadata"]["name"])
            except Refused as words:
                refused.append(str(words))
        time.sleep(12)
        kubectl("uncordon", node)
        until("two again", lambda: _ready(namespace) == 2)

    failures = under_load(namespace, drain, record_property)
    assert len(refused) == 1
    assert "violate the pod's disruption budget" in refused[0]
    assert lost(failures) == {}


def _delete(namespace: str, pod: dict[str, Any]) -> None:
    kubectl("delete", "pod", pod["metadata"]["name"], f"--namespace={namespace}")


def _ready(namespace: str) -> int:
    """Servers that are Ready and not about to end."""
    return sum(
        "deletionTimestamp" not in pod["metadata"] and is_ready(pod)
        for pod in pods(namespace, "rel")
    )


def _evict(namespace: str, pod: str) -> None:
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": namespace},
    }
    kubectl(
        "create",
        f"--raw=/api/v1/namespaces/{namespace}/pods/{pod}/eviction",
        "--filename=-",
        given=[eviction],
    )
