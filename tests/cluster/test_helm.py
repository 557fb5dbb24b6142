"""Helm by hand, with Helm 3 and 4: a person installs, tests, changes, takes back and removes a release."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.chart.helm import CHART, ci
from tests.cluster.ground.kubectl import (
    SMALL,
    answer,
    get,
    helm,
    install,
    is_ready,
    kubectl,
    listed,
    pods,
    until,
)
from tritonfleet.status.benchmark import last_benchmark

HELLO = {**ci("hello-values.yaml"), **SMALL}
MODEL = HELLO["repository"]["configMap"]["models"]["hello"]
FETCH = """
set -e
mkdir -p "$MODELS/hello/1"
echo "$CONFIG" >"$MODELS/hello/config.pbtxt"
echo "$MODEL" >"$MODELS/hello/1/model.py"
"""
FETCHED = {
    **HELLO,
    "repository": {"pvc": {"create": {"size": "1Gi"}}},
    "fetch": {
        "enabled": True,
        "image": "docker.io/local/triton:24.10",
        "args": ["sh", "-c", FETCH],
        "env": {"CONFIG": MODEL["config.pbtxt"], "MODEL": MODEL["1/model.py"]},
    },
}
ASK = """
import json, sys, urllib.request
body = {"inputs": [{"name": "NAME", "shape": [1], "datatype": "BYTES", "data": ["you"]}]}
url = f"http://{sys.argv[1]}:8000/v2/models/hello/infer"
answer = urllib.request.urlopen(url, json.dumps(body).encode(), timeout=10)
print(json.load(answer)["outputs"][0]["data"][0])
"""


def changed(word: str) -> dict[str, object]:
    """The values with another greeting."""
    text = json.dumps(HELLO)
    assert "Hello, " in text
    return dict(json.loads(text.replace("Hello, ", f"{word}, ")))


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("version", ["3", "4"])
def test_a_release_from_install_to_uninstall(version: str, namespace: str) -> None:
    where = [f"--namespace={namespace}"]
    wait = ["--wait", "--timeout=150s"]
    helm(version, "install", "hello", str(CHART), *where, *wait, values=HELLO)
    assert all(map(is_ready, pods(namespace, "hello")))
    assert "Phase:          Succeeded" in helm(
        version, "test", "hello", *where, "--timeout=60s"
    )
    says(namespace, "hello", "Hello, you!")

    helm(
        version,
        "upgrade",
        "hello",
        str(CHART),
        *where,
        *wait,
        values=changed("Goodbye"),
    )
    says(namespace, "hello", "Goodbye, you!")
    helm(version, "rollback", "hello", "1", *where, *wait)
    says(namespace, "hello", "Hello, you!")

    helm(
        version,
        "install",
        "second",
        str(CHART),
        *where,
        *wait,
        values=changed("Welcome"),
    )
    helm(version, "uninstall", "hello", *where, *wait)
    until("the pods' end", lambda: pods(namespace, "hello") == [])
    says(namespace, "second", "Welcome, you!")


def says(namespace: str, release: str, words: str) -> None:
    """Soon: for a moment after a rollout, the old pods may answer still."""
    until(words, lambda: answer(ASK, f"{release}.{namespace}") == words)


@pytest.mark.usefixtures("volume", "client")
def test_the_claim_outlives_the_release(namespace: str) -> None:
    """Filled by `fetch`, served, left behind by uninstall, and found again by the next install."""
    where = [f"--namespace={namespace}", "--wait", "--timeout=150s"]
    uids = []
    for _ in range(2):
        helm("4", "install", "hello", str(CHART), *where, values=FETCHED)
        says(namespace, "hello", "Hello, you!")
        helm("4", "uninstall", "hello", *where)
        uids.append(
            get(namespace, "persistentvolumeclaim", "hello-models")["metadata"]["uid"]
        )
    assert uids[0] == uids[1]


# Windows of 0.3 s instead of 5 s, each of which will do.
SHORT = ["--measurement-interval=300", "--stability-percentage=999"]


def test_what_a_benchmark_measures_is_kept_with_its_pod(
    namespace: str, record_property: Callable[[str, object], None]
) -> None:
    """perf_analyzer writes its table with the rights that the chart gives it; `status` reads it from the pod."""
    arguments = ["--concurrency-range=1:4", "--shape=NAME:1", *SHORT]
    image = "docker.io/local/triton:24.10-sdk"
    benchmark = {"enabled": True, "image": image, "args": arguments}
    install(namespace, "hello", {**HELLO, "benchmark": benchmark})
    where = f"--namespace={namespace}"
    kubectl("create", "job", where, "--from=cronjob/hello-benchmark", "measured")
    kubectl("wait", where, "job/measured", "--for=condition=Complete", "--timeout=120s")
    found = listed(namespace, "pods", "app.kubernetes.io/component=benchmark")
    result = last_benchmark("hello", found)
    assert result
    record_property("measured", result.measured)
    assert sorted(line["Concurrency"] for line in result.measured) == [1, 2, 3, 4]
    for line in result.measured:
        assert line["Inferences/Second"] > 0
        assert line["p99 latency"] > 0
