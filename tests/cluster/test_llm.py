"""A language model on a cluster: a Job brings the weights once for two pods, and clients stream from the Service.

vLLM needs a GPU, so a stand-in with its inputs and outputs takes the place of its backend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex

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
    listed,
    on_node,
    run,
    until,
)

Record = Callable[[str, object], None]
pytestmark = pytest.mark.usefixtures("client")
GATEWAY = ROOT / ".tools" / "versitygw"
STAND_IN = ROOT / "tests" / "triton" / "stand-ins" / "vllm" / "model.py"
NAME = "Qwen/Qwen2.5-0.5B-Instruct"
KEYS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "not-a-real-secret-key"}
SERVE = f"""
cd /tmp
until [ -x versitygw ]; do sleep 0.2; done
export ROOT_ACCESS_KEY="$AWS_ACCESS_KEY_ID" ROOT_SECRET_KEY="$AWS_SECRET_ACCESS_KEY"
mkdir -p buckets/models/llm/{NAME}
echo '{{"model_type": "qwen2"}}' >buckets/models/llm/{NAME}/config.json
exec ./versitygw posix buckets
"""
# The client of the page: what the model answers, over HTTP in one piece and over gRPC as a stream.
CLIENT = (ROOT / "docs" / "examples" / "vllm" / "client.py").read_text()
PROMPT = "Who are you?"
ANSWERS = ["qwen2: Who are you?", ["qwen2: ", "Who ", "are ", "you? "]]


@pytest.fixture
def store() -> Iterator[str]:
    with serving_store() as made:
        yield made


@contextmanager
def serving_store() -> Iterator[str]:
    """The namespace of an S3 server with the weights, whose log says who asked for them."""
    namespace = f"llm-store-{token_hex(2)}"
    create_namespace(namespace, "baseline")
    labels = {"name": "store", "namespace": namespace, "labels": {"app": "store"}}
    container = {
        "name": "store",
        "image": "docker.io/local/triton:24.10",
        "command": ["sh", "-ec", SERVE],
        "env": [{"name": name, "value": value} for name, value in KEYS.items()],
        "readinessProbe": {"tcpSocket": {"port": 7070}, "periodSeconds": 1},
    }
    objects = [
        _object("Pod", labels, {"containers": [container]}),
        _object(
            "Service", labels, {"selector": {"app": "store"}, "ports": [{"port": 7070}]}
        ),
    ]
    kubectl("apply", "--filename=-", given=objects)
    wait = ["wait", f"--namespace={namespace}", "pod/store", "--timeout=60s"]
    kubectl(*wait, "--for=jsonpath={.status.phase}=Running")
    bring = "cat >/tmp/partly && chmod +x /tmp/partly && mv /tmp/partly /tmp/versitygw"
    inside = ["kubectl", "exec", f"--namespace={namespace}", "--stdin", "store", "--"]
    run([*inside, "sh", "-c", bring], given=GATEWAY.read_bytes())
    kubectl(*wait, "--for=condition=Ready")
    yield namespace
    kubectl("delete", "namespace", namespace, "--wait=false")


def _object(kind: str, metadata: Object, spec: Object) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}


@pytest.fixture
def shared(namespace: str) -> Iterator[None]:
    with shared_volume(namespace):
        yield


@contextmanager
def shared_volume(namespace: str) -> Iterator[None]:
    """A volume that many pods mount, for the claim that the release creates."""
    name = f"weights-{namespace}"
    path = f"/var/lib/triton-fleet/{name}"
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "hostPath": {"path": path, "type": "DirectoryOrCreate"},
        "claimRef": {"namespace": namespace, "name": "rel-weights"},
    }
    kubectl(
        "apply",
        "--filename=-",
        given=[_object("PersistentVolume", {"name": name}, spec)],
    )
    on_node(path, "chmod 777 .")  # fsGroup does not change a directory of the node
    yield
    kubectl("delete", "persistentvolume", name, "--wait=false")


def values(store: str, **engine: object) -> Object:
    """The entry, with the stand-in where an image has vLLM's backend."""
    told = {"model": NAME, "gpu_memory_utilization": 0.5, **engine}
    home = "/opt/pytriton/tritonserver/backends/vllm"
    return {
        "loadModels": ["qwen2_5_0_5b"],
        "repository": {"vllm": {"qwen2_5_0_5b": told}},
        "weights": {
            "s3": {
                "uri": "s3://models/llm",
                "endpoint": f"http://store.{store}:7070",
                "secretName": "keys",
                "image": "docker.io/local/triton:s5cmd",
                "size": "1Gi",
                "create": {},
            }
        },
        "replicas": 2,
        "resources": {**SMALL["resources"], "limits": {"memory": "2Gi"}},
        "service": {"ports": {"http": 18999, "grpc": 18998, "metrics": 18997}},
        "volumes": [{"name": "backend", "configMap": {"name": "backend"}}],
        "volumeMounts": [{"name": "backend", "mountPath": home}],
    }


def downloads(store: str) -> int:
    """How often somebody asked the store for the weights."""
    log = kubectl("logs", f"--namespace={store}", "store")
    return len(re.findall(rf"\| GET \| /models/llm/{NAME}/", log))


def bring_backend(namespace: str) -> None:
    """The stand-in's code, and the keys of the store."""
    metadata = {"namespace": namespace}
    secret = {**_object("Secret", {**metadata, "name": "keys"}, {}), "stringData": KEYS}
    files = {"model.py": STAND_IN.read_text()}
    backend = {
        **_object("ConfigMap", {**metadata, "name": "backend"}, {}),
        "data": files,
    }
    for each in (secret, backend):
        del each["spec"]
    kubectl("apply", "--filename=-", given=[secret, backend])


@pytest.mark.usefixtures("shared")
def test_two_pods_serve_weights_that_a_job_brought_once(
    namespace: str, store: str, record_property: Record
) -> None:
    bring_backend(namespace)

    def answers() -> bool:
        return answer(CLIENT, f"rel.{namespace}", PROMPT) == json.dumps(ANSWERS)

    # 1. Two pods, one download.
    install(namespace, "rel", values(store))
    took = until("the answers", answers, seconds=30)
    assert (downloads(store), len(_jobs(namespace))) == (1, 1)
    # 2. The engine is told something else: pods are new, the weights are those that are there.
    install(namespace, "rel", values(store, max_model_len=100))
    until("the answers", answers, seconds=30)
    assert downloads(store) == 1
    # 3. A version that the store does not have stays without pods, and the old ones serve on.
    broken = {**SMALL, **values(store, model="Qwen/Nothing")}
    where = ["upgrade", "rel", str(CHART), f"--namespace={namespace}"]
    helm("4", *where, values=broken)
    until("the new Job", lambda: len(_jobs(namespace)) == 1)
    assert answers()
    # 4. The rollback makes the first Job anew, which finds everything.
    helm(
        "4", "rollback", "rel", "2", f"--namespace={namespace}", "--wait", "--timeout=150s"
    )  # fmt: skip
    until("the answers", answers, seconds=30)
    assert (downloads(store), len(_jobs(namespace))) == (1, 1)
    record_property(
        "measured",
        f"two pods, one download; answers {took:.1f} s after they were ready",
    )


def _jobs(namespace: str) -> list[Object]:
    return listed(namespace, "jobs")
