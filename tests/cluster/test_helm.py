"""Helm by hand, with Helm 3 and 4: a person installs, tests, changes, takes back and removes a release."""

from __future__ import annotations

import json

import pytest

from tests.chart.helm import CHART, ci
from tests.cluster.ground.kubectl import (
    SMALL,
    answer,
    get,
    helm,
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


# In place of perf_analyzer, which is in NVIDIA's SDK image alone: its options as they are given, and its table.
ANALYZER = """
import sys
arguments = sys.argv[1:]
given = dict(zip(arguments[1::2], arguments[2::2]))
assert arguments[0] == "perf_analyzer" and given["-m"] == "hello", arguments
with open(given["-f"], "w") as table:
    table.write("Concurrency,Inferences/Second,p99 latency\\n2,81.5,24100\\n")
"""


def test_what_a_benchmark_measures_is_kept_with_its_pod(namespace: str) -> None:
    """The server is not there: of interest are the Job's rights, which are the chart's, and what the kubelet keeps."""
    image = "docker.io/local/triton:24.10"
    values = {**HELLO, "replicas": 0, "benchmark": {"enabled": True, "image": image}}
    where = f"--namespace={namespace}"
    helm("4", "install", "hello", str(CHART), where, values=values)
    started = ["job", "measured", "--from=cronjob/hello-benchmark"]
    job = json.loads(kubectl("create", *started, where, "--dry-run=client", "-ojson"))
    [container] = job["spec"]["template"]["spec"]["containers"]
    container["command"] = ["python3", "-c", ANALYZER]
    del container["resources"]
    kubectl("apply", where, "--filename=-", given=[job])
    kubectl("wait", where, "--for=condition=Complete", "job/measured", "--timeout=60s")
    found = listed(namespace, "pods", "app.kubernetes.io/component=benchmark")
    measured = {"Concurrency": 2, "Inferences/Second": 81.5, "p99 latency": 24100}
    result = last_benchmark("hello", found)
    assert result
    assert result.measured == (measured,)
