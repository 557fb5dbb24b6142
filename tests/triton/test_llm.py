"""A language model from its entry to a client's answer: weights by a Job into a claim, and the real server over them.

vLLM's backend needs a GPU, so a stand-in with its inputs and outputs takes its place; the rest is as rendered.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton

from tests.triton.harness import chart, ci, clients, install, s3, server
from tests.triton.harness.container import Mount
from tests.triton.harness.pods import Claim

STAND_INS = Path(__file__).parent / "stand-ins"
NAME = "Qwen/Qwen2.5-0.5B-Instruct"
MODEL = "qwen2_5_0_5b"
PROMPT = "Who are you?"
KEYS = {"AWS_ACCESS_KEY_ID": s3.ACCESS, "AWS_SECRET_ACCESS_KEY": s3.SECRET}


@pytest.fixture
def backends(tmp_path: Path) -> Mount:
    """The server's own backends with the stand-in beside them, where the image has vLLM's."""
    made = tmp_path / "backends"
    shutil.copytree(install.home(server.TOOLS) / "backends", made)
    shutil.copytree(STAND_INS / "vllm", made / "vllm")
    return Mount("/opt/pytriton/tritonserver/backends", made, read_only=True)


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """A store with the weights, as the hub lays them out."""
    place = tmp_path / "buckets" / "models" / "llm" / NAME
    place.mkdir(parents=True)
    (place / "config.json").write_text(json.dumps({"model_type": "qwen2"}))
    with s3.serving(tmp_path, tmp_path / "buckets") as address:
        yield address


def release(endpoint: str, **engine: Any) -> list[dict[str, Any]]:
    """The situation vllm of ci/, with its weights from the store here and the vLLM of this server's release."""
    values = ci.Case("vllm").values
    told = {**values["repository"]["vllm"][MODEL], **engine}
    source = {"uri": "s3://models/llm", "endpoint": endpoint, "secretName": "store"}
    changed = {
        "image": {"tag": "24.10-vllm-python-py3"},
        "repository": {"vllm": {MODEL: told}},
        "weights": {"s3": {**source, "claim": "llm"}},
    }
    return chart.render({**values, **changed}, *ci.QUICK)


@pytest.fixture
def claim(tmp_path: Path) -> Claim:
    """The claim, which the server's pod sees as the volume `weights`."""
    claim = Claim(tmp_path, {"store": KEYS})
    (tmp_path / "volumes").mkdir()
    (tmp_path / "volumes" / "weights").symlink_to(claim.volume)
    return claim


def pod(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [found] = [each for each in objects if each["kind"] == kind]
    template: dict[str, Any] = found["spec"]["template"]
    return template


def test_an_entry_answers_its_clients(
    tmp_path: Path, claim: Claim, endpoint: str, backends: Mount
) -> None:
    objects = release(endpoint)
    # 1. The Job fills the claim, and the pod waits for that.
    waiting = claim.start(pod(objects, "Deployment"), "weights")
    filled = claim.start(pod(objects, "Job"), "weights").wait()
    assert (filled.code, waiting.wait().code) == (0, 0), filled.log
    # 2. The server finds them.
    running = server.start(objects, tmp_path, tmp_path / "nothing", {}, [backends])
    try:
        running.wait_ready()
        answers = {
            "over HTTP": _over_http(running.ports["http"]),
            "streamed over HTTP": _streamed_over_http(running.ports["http"]),
            "streamed over gRPC": _streamed_over_grpc(running.ports["grpc"]),
        }
        running.terminate()
        ended = running.wait()
    finally:
        running.end()
    words = ["qwen2: ", "Who ", "are ", "you? "]
    assert answers == {
        "over HTTP": "qwen2: Who are",
        "streamed over HTTP": words,
        "streamed over gRPC": words,
    }
    assert ended.code == 0
    # 3. Clients find it at the ports that the Service gives them.
    [service] = [each for each in objects if each["kind"] == "Service"]
    ports = {port["name"]: port["port"] for port in service["spec"]["ports"]}
    assert ports == {"http": 18999, "grpc": 18998, "metrics": 18997}


def test_an_argument_that_the_engine_does_not_have_ends_the_server(
    tmp_path: Path, claim: Claim, endpoint: str, backends: Mount
) -> None:
    objects = release(endpoint, gpu_memory_utilisation=0.5)
    assert claim.start(pod(objects, "Job"), "weights").wait().code == 0
    running = server.start(objects, tmp_path, tmp_path / "nothing", {}, [backends])
    try:
        with pytest.raises(server.NotReadyError, match="exit code 1"):
            running.wait_ready()
        assert "unexpected keyword argument" in running.log.read_text()
    finally:
        running.end()


def _over_http(port: int) -> str:
    body = {"text_input": PROMPT, "stream": False, "max_tokens": 3}
    status, answer = clients.call(port, f"/v2/models/{MODEL}/generate", body)
    assert status == 200, answer
    text: str = answer["text_output"]
    return text


def _streamed_over_http(port: int) -> list[str]:
    """Server-sent events: one line with data for each response."""
    body = {"text_input": PROMPT, "stream": True}
    status, text = clients.call(port, f"/v2/models/{MODEL}/generate_stream", body)
    assert status == 200, text
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]
    return [json.loads(event)["text_output"] for event in events]


def _streamed_over_grpc(port: int) -> list[str]:
    answers: Queue[Any] = Queue()
    with triton.InferenceServerClient(f"{clients.HOST}:{port}") as client:
        client.start_stream(lambda result, error: answers.put(error or result))
        text = triton.InferInput("text_input", [1], "BYTES")
        text.set_data_from_numpy(np.array([PROMPT.encode()], dtype=np.object_))
        stream = triton.InferInput("stream", [1], "BOOL")
        stream.set_data_from_numpy(np.array([True]))
        client.async_stream_infer(
            MODEL, [text, stream], enable_empty_final_response=True
        )
        found: list[str] = []
        while True:
            answer = answers.get(timeout=30)
            if isinstance(answer, Exception):
                raise answer
            if answer.get_response().parameters["triton_final_response"].bool_param:
                return found
            found.append(answer.as_numpy("text_output")[0].decode())
