"""The chart's mode openai, as the kubelet would run it: rendered arguments, environment, probes and preStop.

NVIDIA's server is in its images only; frontend.py stands for it, with the server's own flags of each release.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.openai import frontend
from tests.triton.harness import probes
from tests.triton.harness.chart import CHART, render
from tests.triton.harness.container import POD, Container, Sources, prepare
from tests.triton.harness.server import free_port

PROGRAM = ["python3", "/opt/tritonserver/python/openai/openai_frontend/main.py"]
TABLE = json.loads((CHART / "files" / "flags-openai.json").read_text())
RELEASES = [
    f"{year}.{month:02}"
    for year in (24, 25, 26)
    for month in range(1, 13)
    if "24.12" <= f"{year}.{month:02}" <= "26.08"
]
# All values that become flags, each with the release that its flag came with.
VALUES: dict[str, tuple[str, Any]] = {
    "openai.port": ("24.12", 9100),
    "openai.tokenizer": ("24.12", "/models/tokenizer"),
    "openai.backend": ("24.12", "vllm"),
    "openai.kserve": ("24.12", True),
    "http.port": ("24.12", 8100),
    "grpc.port": ("24.12", 8101),
    "server.log.verbose": ("24.12", 1),
    "openai.toolCallParser": ("25.05", "llama3"),
    "openai.chatTemplate": ("25.05", "/models/chat.jinja"),
    "openai.defaultMaxTokens": ("25.08", 512),
    "openai.restrictedApis": (
        "25.09",
        [
            {
                "apis": ["inference", "metrics"],
                "header": "x-key",
                "secretName": "clients",
                "key": "key",
            }
        ],
    ),
    "loadModels": ("26.04", ["qwen"]),
    "openai.maxInputSize": ("26.06", "8Mi"),
}
SECRETS = {"clients": {"key": "secret-of-clients"}, "admins": {"key": "of-admins"}}
BASE = {
    "server": {"mode": "openai"},
    "repository": {"image": {"path": "/models"}},
    "shutdown": {"drain": "1s", "requestTimeout": "10s"},
}


def values(release: str, **settings: Any) -> dict[str, Any]:
    return {**BASE, "image": {"tag": f"{release}-vllm-python-py3"}, **settings}


def container(manifests: list[dict[str, Any]], directory: Path) -> Container:
    """The server's container; a Secret's keys are those above."""
    [deployment] = [each for each in manifests if each["kind"] == "Deployment"]
    sources = Sources({}, SECRETS)
    return prepare(deployment["spec"]["template"], "triton", sources, directory)


class Running(NamedTuple):
    """The stand-in, with what the chart says of it."""

    process: subprocess.Popen[str]
    container: Container
    target: probes.Target
    port: int

    def probe(self, name: str) -> bool:
        return probes.ask(self.container.spec[name], self.target).ok

    def wait_ready(self) -> None:
        for name in ("startupProbe", "readinessProbe"):
            probe = self.container.spec[name]
            answer, _ = probes.wait(
                probe, self.target, lambda: self.process.poll() is None, 20
            )
            assert answer.ok, answer.detail

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and text of a request; with a body a POST of JSON."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            said["Content-Type"] = "application/json"
        url = f"http://{probes.HOST}:{self.port}{path}"
        request = urllib.request.Request(url, data, said)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def running(
    manifests: list[dict[str, Any]], directory: Path, **variables: str
) -> Iterator[Running]:
    """Starts what the manifests say, with the stand-in for the image's program, free ports and a repository here."""
    rendered = container(manifests, directory)
    assert rendered.argv[:2] == PROGRAM
    ports = {number: free_port() for number in rendered.ports.values()}
    repository = directory / "models"
    for model in ("qwen", "other"):
        (repository / model).mkdir(parents=True)
    flags = [f"--model-repository={repository}", *_ports(rendered, ports)]
    [deployment] = [each for each in manifests if each["kind"] == "Deployment"]
    [server] = deployment["spec"]["template"]["spec"]["containers"]
    release = server["image"].rpartition(":")[2][:5]
    env = {**os.environ, **rendered.env, "FRONTEND_RELEASE": release, **variables}
    stand_in = [sys.executable, frontend.__file__]
    # Of a flag that is said twice, the later one counts.
    argv = [*stand_in, *rendered.argv[2:], *flags]
    process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True)
    target = probes.Target(ports, rendered.ports, env)
    port = ports[rendered.ports["openai"]]
    try:
        yield Running(process, replace(rendered, argv=argv), target, port)
    finally:
        process.kill()
        process.communicate()


def _ports(rendered: Container, ports: Mapping[int, int]) -> Iterator[str]:
    flags = {
        "openai": "--openai-port",
        "http": "--kserve-http-port",
        "grpc": "--kserve-grpc-port",
    }
    for name, number in rendered.ports.items():
        yield f"{flags[name]}={ports[number]}"


@pytest.mark.parametrize("release", RELEASES)
def test_the_server_of_each_release_takes_every_flag_of_the_chart(
    release: str, tmp_path: Path
) -> None:
    """All values at once that this release knows; KServe's endpoints and a lock exclude each other."""
    known = {key: value for key, (since, value) in VALUES.items() if since <= release}
    for without in ("loadModels", "openai.kserve"):
        said = dict(known)
        if said.pop(without, None) is None:
            continue
        if without == "openai.kserve":
            del said["http.port"], said["grpc.port"]
            said["openai.closeModelList"] = True
        sets = [f"{key}={json.dumps(value)}" for key, value in said.items()]
        argv = container(render(values(release), *sets), tmp_path).argv
        assert argv[:2] == PROGRAM
        frontend.parser(release).parse_args(argv[2:])


@pytest.mark.parametrize("flag", sorted(TABLE["flags"]))
def test_the_table_says_when_a_flag_came(flag: str) -> None:
    """The stand-in's parser was written after the server's, release by release; the chart's table must say the same."""
    takes = [
        release
        for release in RELEASES
        if f"--{flag}" in frontend.parser(release).format_help()
    ]
    assert takes[0] == TABLE["flags"][flag]["since"]
    assert takes == RELEASES[RELEASES.index(takes[0]) :]


def test_the_table_has_every_flag() -> None:
    assert {flag.removeprefix("--") for _, flag, _ in frontend.FLAGS} == set(
        TABLE["flags"]
    )


def test_nothing_is_ready_before_the_models_are_loaded(tmp_path: Path) -> None:
    with running(render(values("26.08")), tmp_path, FRONTEND_LOADING="2") as server:
        time.sleep(1)
        before = [server.probe(f"{name}Probe") for name in ("startup", "liveness")]
        server.wait_ready()
        after = [server.probe(f"{name}Probe") for name in ("liveness", "readiness")]
        assert (before, after) == ([False, False], [True, True])
        assert json.loads(server.ask("/v1/models")[1])["data"][0]["id"] == "other"


def test_a_model_that_is_not_there_ends_the_server(tmp_path: Path) -> None:
    manifests = render(
        values("26.08", loadModels=["absent"], openai={"closeModelList": True})
    )
    with running(manifests, tmp_path) as server:
        assert server.process.wait(20) == 1


def test_a_stream_ends_after_sigterm_and_then_the_server(tmp_path: Path) -> None:
    """As at the end of a pod: the preStop sleep, SIGTERM, and the grace period that the chart derives."""
    manifests = render(values("26.08", openai={"tokenizer": "/models/tokenizer"}))
    [deployment] = [each for each in manifests if each["kind"] == "Deployment"]
    grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    chat = {
        "model": "qwen",
        "stream": True,
        "messages": [{"role": "user", "content": "one two three four five six"}],
    }
    answers: list[tuple[int, str]] = []
    with running(manifests, tmp_path, FRONTEND_TOKEN="0.4") as server:
        server.wait_ready()
        client = threading.Thread(
            target=lambda: answers.append(server.ask("/v1/chat/completions", chat))
        )
        client.start()
        time.sleep(0.5)
        began = time.monotonic()
        server.process.terminate()
        time.sleep(0.4)
        is_open = server.probe("livenessProbe")
        code = server.process.wait(grace)
        client.join()
    [(status, text)] = answers
    words = [
        json.loads(line.removeprefix("data: "))["choices"][0]["delta"]["content"]
        for line in text.splitlines()
        if line.startswith("data: {")
    ]
    assert (status, "".join(words).split(), text.endswith("data: [DONE]\n\n")) == (
        200,
        ["one", "two", "three", "four", "five", "six"],
        True,
    )
    assert (is_open, code, grace) == (False, 0, 1 + 10 + 30 + 15)
    assert time.monotonic() - began < 10


def test_helm_test_is_answered(tmp_path: Path) -> None:
    """The command of the test's pod, with the port here for the Service's."""
    body = json.dumps({"model": "qwen", "prompt": "hello there"})
    manifests = render(
        values("26.08", test={"inference": {"model": "qwen", "body": body}})
    )
    [pod] = [each for each in manifests if each["kind"] == "Pod"]
    [curl] = pod["spec"]["containers"]
    with running(manifests, tmp_path) as server:
        server.wait_ready()
        here = f"http://{probes.HOST}:{server.port}"
        command = [
            word.replace("http://release:9000", here) for word in curl["command"]
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["choices"] == [{"text": "hello there "}]


def test_the_lock_closes_the_list_of_models_and_nothing_else(tmp_path: Path) -> None:
    manifests = render(
        values("26.08", loadModels=["qwen"], openai={"closeModelList": True})
    )
    prompt = {"model": "qwen", "prompt": "hello"}
    with running(manifests, tmp_path) as server:
        server.wait_ready()
        key = POD["metadata.uid"]
        assert server.container.env["TRITON_LOCK"] == key
        found = {
            "list": server.ask("/v1/models")[0],
            "load": server.ask("/v1/models/other/load", {})[0],
            "with the key": server.ask("/v1/models", lock=key)[0],
            "inference": server.ask("/v1/completions", prompt)[0],
            "metrics": server.ask("/metrics")[0],
        }
    assert found == {
        "list": 401,
        "load": 401,
        "with the key": 200,
        "inference": 200,
        "metrics": 200,
    }


def test_keys_come_from_secrets(tmp_path: Path) -> None:
    """One key for inference, another for loading models: no key is in the manifests."""
    control = {"api": "secret", "secretName": "admins", "key": "key"}
    group = {"apis": ["inference"], "header": "x-key", "secretName": "clients"}
    openai = {"closeModelList": True, "restrictedApis": [{**group, "key": "key"}]}
    manifests = render(
        values("26.08", loadModels=["qwen"], modelControl=control, openai=openai)
    )
    prompt = {"model": "qwen", "prompt": "hello"}
    with running(manifests, tmp_path) as server:
        server.wait_ready()
        found = {
            "no key": server.ask("/v1/completions", prompt)[0],
            "key": server.ask("/v1/completions", prompt, x_key="secret-of-clients")[0],
            "another's key": server.ask("/v1/models", admin_key="secret-of-clients")[0],
            "admin": server.ask("/v1/models", admin_key="of-admins")[0],
        }
    assert found == {"no key": 401, "key": 200, "another's key": 401, "admin": 200}
    assert "secret-of" not in json.dumps(manifests)


@pytest.mark.parametrize("monitor", ["podMonitor", "serviceMonitor"])
def test_prometheus_finds_the_metrics(monitor: str, tmp_path: Path) -> None:
    """A monitor names a port; behind it are the metrics that alerts and scaling read."""
    manifests = render(values("26.08", **{monitor: {"enabled": True}}))
    by_kind = {each["kind"]: each["spec"] for each in manifests if "spec" in each}
    [service_port] = by_kind["Service"]["ports"]
    if monitor == "podMonitor":
        [endpoint] = by_kind["PodMonitor"]["podMetricsEndpoints"]
        name = endpoint["port"]
    else:
        [endpoint] = by_kind["ServiceMonitor"]["endpoints"]
        assert endpoint["port"] == service_port["name"]
        name = service_port["targetPort"]
    with running(manifests, tmp_path) as server:
        server.wait_ready()
        assert server.container.ports[name] == 9000
        status, text = server.ask(endpoint["path"])
    assert (status, "nv_inference_pending_request_count" in text) == (200, True)


def test_kserve_has_the_ports_that_the_service_says(tmp_path: Path) -> None:
    manifests = render(
        values(
            "25.10", openai={"kserve": True}, http={"port": 8100}, grpc={"port": 8101}
        )
    )
    [service] = [each for each in manifests if each["kind"] == "Service"]
    [policy] = [each for each in manifests if each["kind"] == "NetworkPolicy"]
    ports = {each["name"]: each["port"] for each in service["spec"]["ports"]}
    opened = [each["port"] for each in policy["spec"]["ingress"][0]["ports"]]
    assert ports == {"openai": 9000, "http": 8100, "grpc": 8101}
    assert opened == [9000, 8100, 8101]
    with running(manifests, tmp_path) as server:
        server.wait_ready()
        health = {"httpGet": {"path": "/v2/health/ready", "port": "http"}}
        assert probes.ask(health, server.target).ok
        assert probes.ask({"tcpSocket": {"port": "grpc"}}, server.target).ok
