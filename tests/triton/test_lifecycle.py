"""From loading to the end: what the chart's numbers and its shared process namespace are for."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.triton.harness import chart, clients, repositories, server
from tests.triton.harness.ci import tensor

ONE = tensor("INPUT", "FP32", 1.0)


def values(*models: str, **more: Any) -> Mapping[str, Any]:
    """A small values file."""
    return {
        "image": {"tag": chart.TAG},
        "repository": {"image": {"path": "/models"}},
        "loadModels": list(models),
        "shutdown": {"drain": "1s", "requestTimeout": "4s"},
        **more,
    }


def test_a_loading_pod_ends_at_once(tmp_path: Path) -> None:
    """Nothing listens before the models are loaded, and SIGTERM works."""
    with _loading(tmp_path, values("slow_load")) as running:
        started = running.probe("startupProbe").ok
        running.terminate()
        ended = running.wait()
    assert (started, ended.code, ended.seconds < 1) == (False, 128 + 15, True)


def test_without_the_shared_process_namespace_a_loading_pod_does_not_end(
    tmp_path: Path,
) -> None:
    """The server is PID 1 then and loses the signal: it becomes ready, and serves until the pod's grace is over."""
    alone = {"podTemplate": {"spec": {"shareProcessNamespace": False}}}
    with _loading(tmp_path, values("slow_load", **alone)) as running:
        running.terminate()
        running.wait_ready()
        assert running.alive()


@contextmanager
def _loading(directory: Path, given: Mapping[str, Any]) -> Iterator[server.Server]:
    """A server that has begun to load its model."""
    repository = repositories.copy(directory / "repository", "slow_load")
    with server.running(chart.render(given), directory, repository) as running:
        running.wait_for("loading: slow_load")
        yield running


def test_a_kept_http_connection_costs_the_whole_request_timeout(tmp_path: Path) -> None:
    """Measured, not wished: it is served until then and cut, new ones are refused, and the exit code is 1."""
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(chart.render(values("add")), tmp_path, repository) as running:
        running.wait_ready()
        kept = http.client.HTTPConnection(clients.HOST, running.ports["http"])
        before = clients.ask(kept, "/v2/health/ready")[0]
        running.terminate()
        time.sleep(0.5)
        with pytest.raises(ConnectionResetError):
            clients.call(running.ports["http"], "/v2/health/ready")
        after = clients.ask(kept, "/v2/health/ready")[0]
        ended = running.wait()
        kept.close()
    assert (before, after, ended.code, 4 <= ended.seconds < 8) == (200, 200, 1, True)
    assert ended.last.endswith(
        '"failed to stop server: Internal - Exit timeout expired. Exiting immediately."'
    )


def test_a_request_longer_than_the_timeout_is_cut(tmp_path: Path) -> None:
    given = values("add", shutdown={"drain": "1s", "requestTimeout": "1s"})
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(chart.render(given), tmp_path, repository) as running:
        running.wait_ready()
        load = clients.Load(
            {
                "http": lambda: clients.infer(
                    running.ports["http"], "add", ONE, delay="4"
                )
            }
        )
        time.sleep(0.3)
        load.stop()
        running.terminate()
        ended = running.wait()
    assert (ended.code, [type(answer) for answer in load.answers()["http"]]) == (
        1,
        [str],
    )


def test_an_idle_grpc_channel_costs_nothing(tmp_path: Path) -> None:
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(chart.render(values("add")), tmp_path, repository) as running:
        running.wait_ready()
        with clients.Grpc(running.ports["grpc"]) as channel:
            answer = channel.infer("add", ONE)
            running.terminate()
            ended = running.wait()
    assert (answer, ended.code) == (2.0, 0)


def test_a_kept_grpc_channel_moves_before_sigterm_and_loses_nothing(
    tmp_path: Path,
) -> None:
    """drain 4 s: the connection's age is 2 s, so that within the drain every channel has seen GOAWAY."""
    given = values("add", shutdown={"drain": "4s", "requestTimeout": "10s"})
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(chart.render(given), tmp_path, repository) as running:
        running.wait_ready()
        with clients.Grpc(running.ports["grpc"]) as channel:
            load = clients.Load(
                {"kept": lambda: channel.infer("add", ONE, delay="0.02")}
            )
            time.sleep(running.drain)
            answers = load.answers()["kept"]
            moves = channel.states.count("IDLE") - 1  # the first is the beginning
    assert (set(answers), moves >= 1, len(answers) > 50) == ({2.0}, True, True)
