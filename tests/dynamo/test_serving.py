"""Two workers behind a frontend: what clients get, and what pods that end cost them. Workers register in files."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from tritonclient.utils import InferenceServerException

from tests.dynamo import clients, pods
from tests.dynamo.conftest import rendered
from tests.triton.harness import chart, probes, repositories
from tests.triton.harness import clients as http

Note = Callable[[str], None]
CLIENTS = 4


class Serving:
    """A frontend and two workers that are ready."""

    def __init__(self, release: pods.Release, running: ExitStack) -> None:
        self.release = release
        self.frontend = running.enter_context(release.frontend("frontend-1"))
        self.workers = [
            running.enter_context(release.worker(f"worker-{number}"))
            for number in (1, 2)
        ]
        for pod in (*self.workers, self.frontend):
            pod.wait_ready()

    @property
    def port(self) -> int:
        return self.frontend.ports["grpc"]


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with ExitStack() as running:
        yield Serving(rendered(tmp_path_factory.mktemp("release")), running)


def answered(worker: pods.Pod, model: str = "slow") -> int:
    """How many requests a worker's Triton has answered."""
    _, text = http.call(worker.ports["metrics"], "/metrics")
    counts = re.findall(
        rf'^nv_inference_request_success{{model="{model}".*}} (\d+)', text, re.M
    )
    return sum(map(int, counts))


def test_a_client_is_answered_as_by_triton(serving: Serving) -> None:
    """The seed's client: alive, ready, what the model takes, and the identity of what it is asked."""
    with clients.client(serving.port) as server:
        assert server.is_server_live()
        assert server.is_server_ready()
        assert server.is_model_ready("identity")
        metadata = server.get_model_metadata("identity", as_json=True)
        assert metadata["inputs"] == [
            {"name": "INPUT0", "datatype": "INT32", "shape": ["-1"]}
        ]
        assert (
            server.get_model_config("identity", as_json=True)["config"]["name"]
            == "identity"
        )
        assert clients.echo(server, range(100)) == list(range(100))
    assert clients.stream(serving.port, [[1], [2, 3], [4, 5, 6]]) == [
        [1],
        [2, 3],
        [4, 5, 6],
    ]


@pytest.mark.parametrize(
    "call",
    ["get_server_metadata", "get_model_repository_index", "get_inference_statistics"],
)
def test_what_a_frontend_does_not_answer(serving: Serving, call: str) -> None:
    with (
        clients.client(serving.port) as server,
        pytest.raises(InferenceServerException, match="UNIMPLEMENTED"),
    ):
        getattr(server, call)()


def test_a_message_has_at_most_4_mib(serving: Serving) -> None:
    with clients.client(serving.port) as server:
        fits = clients.echo(server, range(900_000))
        with pytest.raises(InferenceServerException, match="limit is: 4194304"):
            clients.echo(server, range(1_100_000))
    assert len(fits) == 900_000


def test_both_ports_have_the_metrics_that_alerts_and_dashboard_ask_for(
    serving: Serving,
) -> None:
    with clients.client(serving.port) as server:
        clients.echo(server, [1])
    _, of_worker = http.call(serving.workers[0].ports["metrics"], "/metrics")
    _, of_frontend = http.call(serving.frontend.ports["http"], "/metrics")
    dashboard = (chart.CHART / "files" / "dashboard.json").read_text()
    asked = set(re.findall(r"nv_(?!gpu|energy)\w+", dashboard))
    exposed = set(re.findall(r"^# TYPE (\w+)", of_worker, re.M))
    assert {name for name in asked if "inference" in name} <= exposed
    assert "dynamo_frontend_requests_total" in of_frontend


def test_two_workers_share_the_load(serving: Serving, measured: Note) -> None:
    before = [answered(worker) for worker in serving.workers]
    load = clients.Load([serving.port], partial(clients.sleep, seconds=0.02), CLIENTS)
    time.sleep(5)
    tally = load.stop()
    shares = [
        answered(worker) - was
        for worker, was in zip(serving.workers, before, strict=True)
    ]
    measured(f"two workers: {shares[0]} : {shares[1]}, {len(tally.failures)} failed")
    assert tally.failures == []
    assert sum(shares) == tally.answered
    assert abs(shares[0] - shares[1]) <= CLIENTS


def test_a_worker_that_ends_answers_what_it_has(
    serving: Serving, measured: Note
) -> None:
    """SIGTERM with requests of 5 s in flight: all are answered, nobody else fails, and it ends within its grace."""
    with serving.release.worker("ending") as ending:
        ending.wait_ready()
        load = clients.Load(
            [serving.port], partial(clients.sleep, seconds=0.02), CLIENTS
        )
        answers: list[float] = []
        threads = [
            threading.Thread(target=_long, args=(serving.port, answers))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        ending.send(signal.SIGTERM)
        code, seconds = ending.wait(ending.grace)
        for thread in threads:
            thread.join()
        tally = load.stop()
    measured(
        f"SIGTERM to one of three workers: {tally}, {len(answers)} of 6 requests of 5 s answered, "
        f"gone after {seconds:.0f} s"
    )
    assert (answers, code) == ([5.0] * 6, 0)
    assert len(tally.failures) <= 1, tally.words


def _long(port: int, answers: list[float]) -> None:
    with clients.client(port) as server:
        answers.append(clients.sleep(server, 5))


def test_a_worker_that_is_killed_costs_at_most_two_requests_of_each_client(
    serving: Serving, measured: Note
) -> None:
    with serving.release.worker("killed") as killed:
        killed.wait_ready()
        load = clients.Load(
            [serving.port], partial(clients.sleep, seconds=0.02), CLIENTS
        )
        time.sleep(2)
        killed.end()
        began = time.monotonic()
        time.sleep(15)
        tally = load.stop()
    last = max((when - began for when, _ in tally.failures), default=0)
    measured(f"kill -9 of one of three workers: {tally}, the last after {last:.0f} s")
    assert len(tally.failures) <= 2 * CLIENTS, tally.words


def test_a_frontend_that_ends_answers_what_it_has(
    serving: Serving, measured: Note
) -> None:
    with serving.release.frontend("ending-frontend") as frontend:
        frontend.wait_ready()
        answers: list[float] = []
        threads = [
            threading.Thread(target=_long, args=(frontend.ports["grpc"], answers))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        frontend.send(signal.SIGTERM)
        code, seconds = frontend.wait(frontend.grace)
        for thread in threads:
            thread.join()
    measured(
        f"SIGTERM to a frontend: {len(answers)} of 4 requests of 5 s answered, gone after {seconds:.0f} s"
    )
    assert (answers, code) == ([5.0] * 4, 0)


def test_a_frontend_is_ready_when_a_worker_serves_its_model(tmp_path: Path) -> None:
    """404 until then; a worker is 503 until all of its models are loaded."""
    repositories.copy(tmp_path / "repository", "slow_load", "add")
    release = rendered(tmp_path, "loadModels=[slow_load, add]")
    with release.frontend("frontend") as frontend, release.worker("worker") as worker:
        probes.wait(
            frontend.container.spec["startupProbe"], frontend.target, frontend.alive, 60
        )
        alone = frontend.probe("readinessProbe").detail
        seen = set()
        while not worker.probe("startupProbe").ok and worker.alive():
            seen.add(worker.probe("startupProbe").detail)
            time.sleep(0.2)
        worker.wait_ready()
        frontend.wait_ready()
    assert alone == "404"
    assert seen <= {"503", "[Errno 111] Connection refused"}


def test_a_model_that_does_not_load_ends_the_worker(tmp_path: Path) -> None:
    repositories.copy(tmp_path / "repository", "fails_to_load")
    release = rendered(tmp_path, "loadModels=[fails_to_load]")
    with release.worker("worker") as worker:
        code, _ = worker.wait(60)
    assert code == 1, worker.tail()


def test_releases_with_equal_models_do_not_mix(
    serving: Serving, tmp_path: Path
) -> None:
    """Both register in one place; each has a namespace of Dynamo of its own."""
    other = rendered(tmp_path, "dynamo.namespace=other")
    (tmp_path / "shared").symlink_to(serving.release.directory / "shared")
    with other.worker("worker") as worker, other.frontend("frontend") as frontend:
        worker.wait_ready()
        frontend.wait_ready()
        with (
            clients.client(frontend.ports["grpc"]) as server,
            clients.client(serving.port) as first,
        ):
            for _ in range(20):
                clients.echo(server, [1])
                clients.echo(first, [1])
        assert answered(worker, "identity") == 20
