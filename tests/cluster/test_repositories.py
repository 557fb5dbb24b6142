"""Where models come from, each for real: the chart's server takes one from there and answers through its Service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from secrets import token_hex
from typing import Any

import pytest

from tests.chart.helm import CHART, ROOT
from tests.cluster.ground.kubectl import (
    SMALL,
    Object,
    answer,
    create_namespace,
    helm,
    install,
    kubectl,
    on_node,
    pods,
    run,
    until,
)

Record = Callable[[str, object], None]
pytestmark = pytest.mark.usefixtures("client")
GATEWAY = ROOT / ".tools" / "versitygw"
ADD = ROOT / "tests" / "triton" / "models" / "add"
FILES = {name: (ADD / name).read_text() for name in ("config.pbtxt", "1/model.py")}
VARIABLES = {"CONFIG": FILES["config.pbtxt"], "MODEL": FILES["1/model.py"]}
WRITE = """
mkdir -p "$MODELS/add/1"
echo "$CONFIG" >"$MODELS/add/config.pbtxt"
echo "$MODEL" >"$MODELS/add/1/model.py"
"""
FETCH = {
    "enabled": True,
    "image": "docker.io/local/triton:24.10",
    "args": ["sh", "-ec", WRITE],
    "env": VARIABLES,
}
ASK = """
import json, sys, urllib.request
body = {"inputs": [{"name": "INPUT", "shape": [1], "datatype": "FP32", "data": [41]}]}
answer = urllib.request.urlopen(f"http://{sys.argv[1]}:8000/v2/models/add/infer", json.dumps(body).encode(), timeout=10)
print(json.load(answer)["outputs"][0]["data"][0])
"""


def serves(namespace: str, release: str = "rel") -> None:
    until(
        "an answer", lambda: answer(ASK, f"{release}.{namespace}") == "42.0", seconds=15
    )


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(
            {
                "image": {"tag": "24.10-baked"},
                "repository": {"image": {"path": "/models"}},
            },
            id="baked",
        ),
        pytest.param(
            {"repository": {"configMap": {"models": {"add": FILES}}}}, id="inline"
        ),
        pytest.param(
            {"repository": {"oci": {"reference": "docker.io/local/triton:models"}}},
            id="oci",
        ),
        pytest.param(
            {"repository": {"emptyDir": {"size": "16Mi"}}, "fetch": FETCH}, id="fetched"
        ),
    ],
)
def test_a_source_without_a_store(namespace: str, values: Mapping[str, Any]) -> None:
    image = {**SMALL["image"], **values.get("image", {})}
    install(namespace, "rel", {**values, "image": image, "loadModels": ["add"]})
    serves(namespace)


@pytest.mark.usefixtures("volume")
def test_a_claim_is_made_and_filled_and_serves_another_release_too(
    namespace: str,
) -> None:
    fetched = {"repository": {"pvc": {"create": {"size": "1Gi"}}}, "fetch": FETCH}
    install(namespace, "hello", {**fetched, "loadModels": ["add"]})
    serves(namespace, "hello")
    existing = {"pvc": {"claim": "hello-models", "subPath": "models"}}
    install(namespace, "second", {"repository": existing, "loadModels": ["add"]})
    serves(namespace, "second")


def test_a_directory_of_the_node(namespace: str) -> None:
    path = f"/var/lib/triton-fleet/{namespace}"
    on_node(path, WRITE, MODELS=".", **VARIABLES)
    values = {"repository": {"hostPath": {"path": path}}, "loadModels": ["add"]}
    create_namespace(namespace, "privileged")
    install(namespace, "rel", values)
    serves(namespace)


KEYS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "not-a-real-secret-key"}
ENTRY = {
    "key_id": KEYS["AWS_ACCESS_KEY_ID"],
    "secret_key": KEYS["AWS_SECRET_ACCESS_KEY"],
    "region": "us-east-1",
    "session_token": "",
    "profile": "",
}
NO_CLIENT = (
    "error: creating server: Internal - Unable to create S3 filesystem client. Check account credentials. "
    "Exception: '' Message: 'No response body.'"
)
SERVE = """
cd /tmp
until [ -x versitygw ]; do sleep 0.2; done
export ROOT_ACCESS_KEY="$AWS_ACCESS_KEY_ID" ROOT_SECRET_KEY="$AWS_SECRET_ACCESS_KEY"
export MODELS=buckets/models/vision
WRITE
exec ./versitygw posix buckets
""".replace("WRITE", WRITE)


def metadata(namespace: str) -> Object:
    return {"name": "store", "namespace": namespace, "labels": {"app": "store"}}


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """An S3 server in a pod, to which its program is brought: every cluster's pods reach it in the same way."""
    namespace = f"store-{token_hex(2)}"
    create_namespace(namespace, "baseline")
    container = {
        "name": "store",
        "image": "docker.io/local/triton:24.10",
        "command": ["sh", "-ec", SERVE],
        "env": [
            {"name": name, "value": value}
            for name, value in {**KEYS, **VARIABLES}.items()
        ],
        "readinessProbe": {"tcpSocket": {"port": 7070}, "periodSeconds": 1},
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(namespace),
        "spec": {"containers": [container]},
    }
    ports = {"selector": {"app": "store"}, "ports": [{"port": 7070}]}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(namespace),
        "spec": ports,
    }
    kubectl("apply", "--filename=-", given=[pod, service])
    kubectl(
        "wait",
        f"--namespace={namespace}",
        "--for=jsonpath={.status.phase}=Running",
        "pod/store",
        "--timeout=60s",
    )
    bring = "cat >/tmp/partly && chmod +x /tmp/partly && mv /tmp/partly /tmp/versitygw"
    inside = [
        "kubectl",
        "exec",
        f"--namespace={namespace}",
        "--stdin",
        "store",
        "--",
        "sh",
        "-c",
    ]
    run([*inside, bring], given=GATEWAY.read_bytes())
    kubectl(
        "wait",
        f"--namespace={namespace}",
        "--for=condition=Ready",
        "pod/store",
        "--timeout=60s",
    )
    yield f"http://store.{namespace}:7070"
    kubectl("delete", "namespace", namespace, "--wait=false")


def bucket(endpoint: str, how: str, uri: str = "s3://models/vision") -> Object:
    """Values that take the model from there with keys from the Secret `keys`, as env or as file."""
    s3 = {
        "uri": uri,
        "endpoint": endpoint,
        "credentials": {"secretName": "keys", "as": how},
    }
    return {"repository": {"s3": s3}, "loadModels": ["add"]}


def give_keys(namespace: str, keys: Mapping[str, str]) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "keys", "namespace": namespace},
    }
    kubectl("apply", "--filename=-", given=[{**secret, "stringData": keys}])


def test_s3_with_keys_in_the_environment(namespace: str, store: str) -> None:
    give_keys(namespace, KEYS)
    install(namespace, "rel", bucket(store, "env"))
    serves(namespace)


def test_s3_with_keys_in_a_file(namespace: str, store: str) -> None:
    give_keys(namespace, {"credentials.json": json.dumps({"s3": {"": ENTRY}})})
    install(namespace, "rel", bucket(store, "file"))
    serves(namespace)


@pytest.mark.parametrize("wrong", ["keys", "bucket"])
def test_s3_that_is_wrong_ends_the_server_and_says_so(
    namespace: str, store: str, wrong: str, record_property: Record
) -> None:
    """The same words for both, in the container's status; long before the startup budget of 40 s is over."""
    give_keys(
        namespace,
        {**KEYS, "AWS_SECRET_ACCESS_KEY": "wrong"} if wrong == "keys" else KEYS,
    )
    uri = "s3://nothing/vision" if wrong == "bucket" else "s3://models/vision"
    where = ["upgrade", "--install", "rel", str(CHART), f"--namespace={namespace}"]
    helm("4", *where, values={**SMALL, **bucket(store, "env", uri)})
    took = until("its end", lambda: ended(namespace) != {}, seconds=40)
    record_property("measured", f"ended {took:.1f} s after the install")
    last = ended(namespace)
    assert (last["exitCode"], last["message"].splitlines()[-1]) == (1, NO_CLIENT)


def ended(namespace: str) -> Object:
    """How the server's container ended last."""
    for pod in pods(namespace, "rel"):
        for status in pod["status"].get("containerStatuses", []):
            for state in (status["state"], status["lastState"]):
                if "terminated" in state:
                    return dict(state["terminated"])
    return {}
