"""The pages of docs/examples, each to its client's answer: releases of the example fleet, without a GPU.

A release is installed with its file in deploy/ and, over it, the tests' image and small budgets; each test says what
else differs. The language model's client is asked in test_llm.py, and Dynamo's in test_dynamo.py.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
import yaml

from tests.chart.helm import CHART, ROOT
from tests.cluster.ground.kubectl import (
    SMALL,
    Object,
    answer,
    create_namespace,
    create_volume,
    get,
    helm,
    kubectl,
    on_node,
    run,
    until,
)
from tests.triton.onnx_file import Weights, perceptron

Record = Callable[[str, object], None]
EXAMPLES = ROOT / "docs" / "examples"
BACKEND = ROOT / "tests" / "triton" / "stand-ins" / "onnxruntime"
ONNXRUNTIME = ROOT / ".tools" / "onnxruntime"
NODE = "/var/lib/triton-fleet"
MEMORY = {
    "requests": SMALL["resources"]["requests"],
    "limits": {"memory": "2Gi"},
}
HERE = {
    **SMALL,
    "accelerator": {"count": 0},
    "resources": MEMORY,
    "serviceMonitor": {"enabled": False},
    "prometheusRule": {"enabled": False},
}


def install(namespace: str, place: str, differs: Mapping[str, Any]) -> None:
    """Install a release of the example fleet, `place` in deploy/, and wait until it is Ready."""
    command = [
        "upgrade",
        "--install",
        place.rpartition("/")[2],
        str(CHART),
        f"--namespace={namespace}",
        f"--values={ROOT / 'deploy' / place / 'values.yaml'}",
        "--wait",
        "--timeout=150s",
    ]
    helm("4", *command, values={**HERE, **differs})


@contextmanager
def forwarded(namespace: str, service: str, port: str) -> Iterator[str]:
    """The Service's port on this machine, as `kubectl port-forward` of the pages gives it."""
    command = ["kubectl", "port-forward", f"--namespace={namespace}", service]
    environment = {**os.environ, "KUBECONFIG": os.environ["CLUSTER_KUBECONFIG"]}
    with subprocess.Popen(
        [*command, f":{port}"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = re.search(r"127\.0\.0\.1:(\d+)", said)
            assert found, said
            yield f"localhost:{found[1]}"
        finally:
            process.terminate()


def ask(page: str, *arguments: str) -> list[str]:
    """What the client of a page prints."""
    command = [sys.executable, str(EXAMPLES / page / "client.py"), *arguments]
    return run(command).splitlines()


def bring(directory: str, files: Mapping[str, Path]) -> None:
    """Put files and directories into a directory of the node, as `minikube mount` would."""
    on_node(directory, "chmod 777 .")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, path in files.items():
            tar.add(path, name)
    name = f"bring-{token_hex(4)}"
    container = {
        "name": "bring",
        "image": "docker.io/local/triton:24.10",
        "command": ["sleep", "120"],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": "directory", "mountPath": "/directory"}],
    }
    spec = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
        "volumes": [{"name": "directory", "hostPath": {"path": directory}}],
    }
    metadata = {"name": name, "namespace": "volumes"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    kubectl("apply", "--filename=-", given=[pod])
    kubectl(
        "wait", "--namespace=volumes", "--for=condition=Ready", f"pod/{name}",
        "--timeout=60s",
    )  # fmt: skip
    inside = ["kubectl", "exec", "--namespace=volumes", "--stdin", name, "--"]
    unpack = ["tar", "-x", "--no-same-owner", "-C", "/directory"]
    run([*inside, *unpack], given=archive.getvalue())
    kubectl("delete", "--namespace=volumes", f"pod/{name}", "--wait=false")


@contextmanager
def claimed(namespace: str, claim: str, files: Mapping[str, Path]) -> Iterator[None]:
    """A claim that exists before the release, with these files."""
    create_volume(namespace, claim)
    bring(f"{NODE}/{namespace}", files)
    spec = {
        "storageClassName": "",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    made = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim, "namespace": namespace},
        "spec": spec,
    }
    kubectl("apply", "--filename=-", given=[made])
    yield
    kubectl("delete", "persistentvolume", namespace, "--wait=false")


# MLcore-Engine's deployment

NODE_PORT = """
import json, sys, urllib.request
import tritonclient.grpc as triton
node, name = sys.argv[1:]
body = {"inputs": [{"name": "INPUT", "shape": [1], "datatype": "FP32", "data": [41]}]}
url = f"http://{node}:30236/v2/models/add/infer"
[output] = json.load(urllib.request.urlopen(url, json.dumps(body).encode(), timeout=10))["outputs"]
ready = triton.InferenceServerClient(f"{node}:32046").is_server_ready()
metrics = urllib.request.urlopen(f"http://{name}:8002/metrics", timeout=10).read().decode()
[counted] = [line for line in metrics.splitlines() if line.startswith("nv_inference_count{")]
print(json.dumps([output["data"], ready, counted]))
"""


@pytest.mark.usefixtures("client")
def test_a_model_in_an_image_answers_on_its_node_ports(namespace: str) -> None:
    """With an image of the tests, whose model is in another directory."""
    image = {**SMALL["image"], "tag": "24.10-baked"}
    baked = {"image": image, "repository": {"image": {"path": "/models"}}}
    install(namespace, "dev/root-triszbm9", baked)
    [node] = kubectl(
        "get", "nodes",
        "--output=jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}",
    ).split()  # fmt: skip
    name = f"root-triszbm9-metrics.{namespace}"
    counted = 'nv_inference_count{model=\\"add\\",version=\\"1\\"} 1'
    expected = f'[[42.0], true, "{counted}"]'
    until("the answers", lambda: answer(NODE_PORT, node, name) == expected, seconds=30)


# ONNX on minikube


def network() -> list[tuple[Weights, Weights]]:
    """The weights of a perceptron for 28 × 28 pixels and ten digits."""
    random = np.random.default_rng(1)
    sizes = ((784, 64), (64, 10))
    return [
        (
            (random.standard_normal(size) / 28).astype("f4"),
            random.standard_normal(size[1]).astype("f4"),
        )
        for size in sizes
    ]


def test_an_onnx_network_answers_8192_images_at_once(
    namespace: str, tmp_path: Path, record_property: Record
) -> None:
    """With a Python backend in the place of ONNX Runtime's, which is in NVIDIA's images alone."""
    layers = network()
    (tmp_path / "model.onnx").write_bytes(perceptron(layers, (1, 28, 28)))
    directory = f"{NODE}/{namespace}"
    bring(
        directory,
        {
            "models": EXAMPLES / "onnx" / "models",
            "models/mnist_mlp/1/model.onnx": tmp_path / "model.onnx",
            "onnxruntime/model.py": BACKEND / "model.py",
            "onnxruntime/packages": ONNXRUNTIME,
        },
    )
    create_namespace(namespace, "privileged")  # as the environment dev is
    volume = {"name": "backend", "hostPath": {"path": f"{directory}/onnxruntime"}}
    mount = "/opt/pytriton/tritonserver/backends/onnxruntime"
    install(
        namespace,
        "dev/mnist-mlp",
        {
            "repository": {"hostPath": {"path": f"{directory}/models"}},
            "sharedMemory": {"size": "256Mi"},
            "volumes": [volume],
            "volumeMounts": [{"name": "backend", "mountPath": mount}],
        },
    )
    with forwarded(namespace, "service/mnist-mlp", "http") as address:
        first, rows = ask("onnx", address)
    shape, _, seconds = first.partition(" after ")
    record_property("measured", f"8192 images in {seconds}, over a port-forward")
    images = np.random.default_rng(0).standard_normal((8192, 1, 28, 28), "float32")
    (weights, biases), (more_weights, more_biases) = layers
    active = np.maximum(images[:2].reshape(2, -1) @ weights + biases, 0)
    expected = active @ more_weights + more_biases
    assert shape == "(8192, 10)"
    assert np.array(json.loads(rows)) == pytest.approx(expected, abs=1e-4)


# The Triton guide

VACC = "vendor.example/vacc"
KEY = "a-key-of-the-test"


@pytest.fixture
def vacc() -> Iterator[None]:
    """A card of another vendor, as its device plugin would offer it: a number. No program uses it."""
    node = kubectl("get", "nodes", "--output=name").split()[0]
    _advertise(node, '"1"')
    yield
    _advertise(node, "null")


def _advertise(node: str, count: str) -> None:
    offer = f'{{"{VACC}": {count}}}'
    patch = f'{{"status": {{"capacity": {offer}, "allocatable": {offer}}}}}'
    kubectl("patch", node, "--subresource=status", "--type=merge", f"--patch={patch}")


@pytest.fixture
def repository(namespace: str) -> Iterator[None]:
    """The guide's models, on the claim that the entry names."""
    models = {"python_backend/models": EXAMPLES / "guide" / "models"}
    with claimed(namespace, "models-repository", models):
        yield


def post(address: str, path: str, key: str = "") -> tuple[int, str]:
    headers = {"admin-key": key} if key else {}
    request = Request(f"http://{address}/v2/repository/{path}", b"", headers)
    try:
        with urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.usefixtures("vacc", "repository")
def test_models_of_the_guide_are_loaded_by_who_has_the_key(
    namespace: str, record_property: Record
) -> None:
    kubectl(
        "create", "secret", "generic", "vastpipe-admin", f"--namespace={namespace}",
        f"--from-literal=key={KEY}",
    )  # fmt: skip
    differs = {"accelerator": {}, "sharedMemory": {}, "benchmark": _short_benchmark()}
    install(namespace, "staging/vastpipe", differs)
    limits = _server(namespace)["resources"]["limits"]
    assert (limits[VACC], _shm(namespace)) == ("1", "1Gi")
    service = "service/vastpipe"
    same = ["(1, 3, 224, 224) True", "(1, 3, 224, 200) True"]
    larger = ["(1, 3, 448, 448) False", "(1, 3, 448, 400) False"]
    with (
        forwarded(namespace, service, "http") as http,
        forwarded(namespace, service, "grpc") as grpc,
        forwarded(namespace, service, "metrics") as metrics,
    ):
        # 1. Both clients; the other models are there, and not loaded.
        assert ask("guide", "http", http, "vastpipe_passthrough") == same
        assert ask("guide", "grpc", grpc, "vastpipe_passthrough") == same
        # 2. Without the key nothing is loaded, and with it the ensemble and what it calls.
        load = "models/vastpipe_pipeline/load"
        assert (post(http, load)[0], post(http, load, "wrong")[0]) == (403, 403)
        assert post(http, load, KEY)[0] == 200
        assert ask("guide", "http", http, "vastpipe_pipeline") == larger
        assert _ready(http) == {
            "vastpipe_passthrough", "vastpipe_pipeline", "vastpipe_sr4k"
        }  # fmt: skip
        # 3. It goes again.
        assert post(http, "models/vastpipe_pipeline/unload", KEY)[0] == 200
        until("its end", lambda: "vastpipe_pipeline" not in _ready(http), seconds=15)
        # 4. Requests that wait are handed over together, and the model counts its own time.
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: _small(http), range(400)))
        requests, runs = (
            _counted(metrics, f"nv_inference_{name}", "vastpipe_passthrough")
            for name in ("request_success", "exec_count")
        )
        own = _counted(metrics, "requests_process_latency_ns", "vastpipe_passthrough")
    record_property("measured", f"{requests:.0f} requests in {runs:.0f} executions")
    assert requests >= 400
    assert runs < requests
    assert own > 0
    # 5. The benchmark waits to be started, and then has a line for each number of clients.
    lines = _benchmark(namespace).split("Inferences/Second vs. Client")[1].splitlines()
    found = [re.match(r"Concurrency: (\d), throughput: (\S+) ", each) for each in lines]
    throughput = {int(each[1]): float(each[2]) for each in found if each}
    record_property("measured", f"inferences/second by clients: {throughput}")
    assert sorted(throughput) == list(range(1, 9))
    assert min(throughput.values()) > 0


def _short_benchmark() -> Object:
    """The entry's, with an image of the tests, and with windows of 0.3 s instead of 5 s, each of which will do."""
    file = ROOT / "deploy" / "staging" / "vastpipe" / "values.yaml"
    arguments = yaml.safe_load(file.read_text())["benchmark"]["args"]
    short = ["--measurement-interval=300", "--stability-percentage=999"]
    image = "docker.io/local/triton:24.10-sdk"
    return {"image": image, "args": [*arguments, *short]}


def _benchmark(namespace: str) -> str:
    """What perf_analyzer prints, started as the page says."""
    where = f"--namespace={namespace}"
    kubectl("create", "job", where, "--from=cronjob/vastpipe-benchmark", "try-1")
    kubectl("wait", where, "job/try-1", "--for=condition=Complete", "--timeout=180s")
    return kubectl("logs", where, "job/try-1")


def _server(namespace: str) -> Object:
    deployment = get(namespace, "deployment", "vastpipe")
    return dict(deployment["spec"]["template"]["spec"]["containers"][0])


def _shm(namespace: str) -> str:
    """The size of /dev/shm, which `docker run --shm-size` sets."""
    spec = get(namespace, "deployment", "vastpipe")["spec"]["template"]["spec"]
    [name] = [
        each["name"]
        for each in spec["containers"][0]["volumeMounts"]
        if each["mountPath"] == "/dev/shm"
    ]
    [size] = [
        each["emptyDir"]["sizeLimit"]
        for each in spec["volumes"]
        if each["name"] == name
    ]
    return str(size)


def _ready(address: str) -> set[str]:
    """The models that are loaded, as the index says."""
    status, index = post(address, "index", KEY)
    assert status == 200, index
    return set(re.findall(r'"name":"(\w+)","version":"1","state":"READY"', index))


def _small(address: str) -> None:
    body = (
        '{"inputs": [{"name": "Input", "shape": [1, 3, 1, 1], "datatype": "UINT8",'
        ' "data": [1, 2, 3]}]}'
    )
    url = f"http://{address}/v2/models/vastpipe_passthrough/infer"
    with urlopen(url, body.encode(), timeout=30) as response:
        assert response.status == 200


def _counted(address: str, name: str, model: str) -> float:
    with urlopen(f"http://{address}/metrics", timeout=30) as response:
        text = response.read().decode()
    [line] = re.findall(rf'^{name}{{model="{model}".*}} (\S+)$', text, re.MULTILINE)
    return float(line)


# vLLM on Triton, the older way

VLLM = ROOT / "tests" / "triton" / "stand-ins" / "vllm" / "model.py"
CLIENT = (EXAMPLES / "vllm" / "client.py").read_text()
FILES = {
    "config.pbtxt": 'backend: "python"\ninstance_group [{kind: KIND_CPU}]\n',
    "1/model.json": '{"model": "/models/weights", "gpu_memory_utilization": 0.5}',
    "1/model.py": VLLM.read_text(),
}


@pytest.mark.usefixtures("client")
def test_a_python_model_that_runs_an_engine_itself_answers_on_moved_ports(
    namespace: str, tmp_path: Path
) -> None:
    """With a Python model that has vLLM's inputs and outputs, and answers with the prompt."""
    model = tmp_path / "vllm_qwen2_5"
    (model / "1").mkdir(parents=True)
    for name, text in FILES.items():
        (model / name).write_text(text)
    weights = tmp_path / "config.json"
    weights.write_text('{"model_type": "qwen2"}')
    files = {
        "model_repository/vllm_qwen2_5": model,
        "model_repository/weights/config.json": weights,
    }
    words = ["qwen2: ", "Who ", "are ", "you? "]
    expected = json.dumps(["".join(words).strip(), words])
    asked = (f"qwen2-5-custom.{namespace}", "Who are you?", "vllm_qwen2_5")
    with claimed(namespace, "qwen2-5", files):
        install(namespace, "staging/qwen2-5-custom", {})
        until("the answers", lambda: answer(CLIENT, *asked) == expected, seconds=30)
