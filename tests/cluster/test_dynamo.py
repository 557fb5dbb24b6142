"""Mode dynamo as pods on a node: with the token that Kubernetes gives them, and through rollouts under load.

`make test-cluster-long` installs ai-dynamo before: it is mounted into the image, beside the module that stands for
Triton's. Nothing else differs from what the chart renders.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import pytest
import yaml

from tests.chart.helm import CHART, HELM
from tests.cluster.ground.kubectl import (
    answer,
    create_namespace,
    in_client,
    kubectl,
    until,
)
from tests.dynamo.cluster import BOOTSTRAP, ROOT
from tests.dynamo.conftest import MODELS
from tests.dynamo.pods import DYNAMO, STAND_IN

RELEASE = "vision"
SECONDS = 60
VALUES = {
    "image": {"registry": "docker.io", "repository": "local/triton", "tag": "24.10", "tritonVersion": "24.10"},
    "server": {"mode": "dynamo"},
    "loadModels": ["identity", "slow"],
    "replicas": 2,
    "shutdown": {"drain": "5s", "requestTimeout": "10s"},
    "resources": {"requests": {"cpu": "50m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
    "dynamo": {"frontend": {"resources": {"requests": {"cpu": "50m"}}}},
}  # fmt: skip
LOAD = """
import json, sys, threading, time
import numpy, tritonclient.grpc as triton
address, seconds = sys.argv[1], float(sys.argv[2])
answered, failures = [], []
def ask():
    server, end = triton.InferenceServerClient(address), time.monotonic() + seconds
    given = triton.InferInput("SECONDS", [1], "FP32")
    given.set_data_from_numpy(numpy.array([0.02], dtype=numpy.float32))
    while time.monotonic() < end:
        try:
            server.infer("slow", [given], client_timeout=30)
            answered.append(1)
        except Exception as error:
            failures.append(str(error)[:100])
            time.sleep(0.05)
threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"answered": len(answered), "failures": failures}))
"""


def inline_models() -> dict[str, dict[str, str]]:
    files = ("config.pbtxt", "1/model.py")
    return {
        model.name: {file: (model / file).read_text() for file in files}
        for model in MODELS.iterdir()
    }


def manifests(namespace: str) -> Iterator[dict[str, Any]]:
    """What the chart renders but the test, with ai-dynamo in the containers."""
    values = {**VALUES, "repository": {"configMap": {"models": inline_models()}}}
    command = [str(HELM["4"]), "template", RELEASE, str(CHART)]
    done = subprocess.run(
        [*command, f"--namespace={namespace}", "--no-hooks", "--values=-"],
        input=yaml.safe_dump(values),
        capture_output=True,
        text=True,
        check=True,
    )
    for manifest in filter(None, yaml.safe_load_all(done.stdout)):
        if manifest["kind"] == "Deployment":
            _mount(manifest["spec"]["template"]["spec"])
        yield manifest


def _mount(pod: dict[str, Any]) -> None:
    [packages] = DYNAMO.resolve().glob("lib/python*/site-packages")
    [container] = pod["containers"]
    for name, path in (("ai-dynamo", packages), ("stand-in", STAND_IN)):
        pod["volumes"].append({"name": name, "hostPath": {"path": str(path)}})
        mount = {"name": name, "mountPath": f"/opt/{name}", "readOnly": True}
        container["volumeMounts"].append(mount)
    variable = {"name": "PYTHONPATH", "value": "/opt/ai-dynamo:/opt/stand-in"}
    container["env"].append(variable)


@pytest.fixture(scope="module")
def installed() -> Iterator[str]:
    """The namespace of a release that is ready. The definition is the one of a bootstrap file."""
    namespace = f"dynamo-{token_hex(2)}"
    documents = yaml.safe_load_all((ROOT / BOOTSTRAP).read_text())
    definitions = [
        each for each in documents if each["kind"] == "CustomResourceDefinition"
    ]
    create_namespace(namespace, "privileged")  # for the mounts of this machine
    kubectl("apply", "--filename=-", given=definitions)
    kubectl("apply", "--filename=-", given=list(manifests(namespace)))
    for name in (RELEASE, f"{RELEASE}-frontend"):
        rolled_out(namespace, name)
    yield namespace
    kubectl("delete", "namespace", namespace, "--wait=false")


def rolled_out(namespace: str, name: str) -> None:
    where = f"--namespace={namespace}"
    kubectl("rollout", "status", where, f"deployment/{name}", "--timeout=240s")


def failures_while(namespace: str, change: Callable[[], object]) -> list[str]:
    """What clients of the Service were told while something changed."""
    address = f"{RELEASE}.{namespace}:8787"
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(in_client, LOAD, address, str(SECONDS))
        change()
        told = json.loads(load.result())
    assert told["answered"] > 100
    return list(told["failures"])


@pytest.mark.usefixtures("client")
def test_the_client_of_the_example_gets_what_it_sent(installed: str) -> None:
    client = (ROOT / "docs" / "examples" / "dynamo" / "client.py").read_text()
    expected = "INPUT0: INT32\n4 of 4 answers are what was sent"
    address = f"{RELEASE}.{installed}:8787"
    until("the answers", lambda: answer(client, address) == expected, seconds=60)


@pytest.mark.usefixtures("client")
def test_a_rollout_of_workers_fails_at_most_one_request_for_each(
    installed: str,
) -> None:
    def change() -> None:
        where = f"--namespace={installed}"
        kubectl("rollout", "restart", where, f"deployment/{RELEASE}")
        rolled_out(installed, RELEASE)

    failures = failures_while(installed, change)
    assert len(failures) <= VALUES["replicas"], failures  # type: ignore[operator]


@pytest.mark.usefixtures("client")
def test_a_rollout_of_frontends_fails_nothing(installed: str) -> None:
    def change() -> None:
        where = f"--namespace={installed}"
        kubectl("rollout", "restart", where, f"deployment/{RELEASE}-frontend")
        rolled_out(installed, f"{RELEASE}-frontend")

    assert failures_while(installed, change) == []
