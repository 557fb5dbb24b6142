"""Workers that register in the cluster's API: its rights suffice, none is too many, and it may be away."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.dynamo import clients, cluster, pods
from tests.dynamo.conftest import rendered
from tests.triton.harness import probes

AWAY = 40  # seconds
CLIENTS = 4
VERBS = [
    ("endpointslices", "list"),
    ("dynamoworkermetadatas", "list"),
    ("dynamoworkermetadatas", "create"),
    ("dynamoworkermetadatas", "patch"),
]
OF_WORKERS = ("create", "patch")
NEVER = 15  # seconds; a pod with all of its rights is ready after three


class Found:
    """A frontend and two workers that it has found."""

    def __init__(
        self, release: pods.Release, ground: cluster.Cluster, running: ExitStack
    ) -> None:
        self.release = release
        self.ground = ground
        self.frontend = running.enter_context(release.frontend("frontend-1"))
        self.workers = {
            name: running.enter_context(release.worker(name))
            for name in ("worker-1", "worker-2")
        }
        for worker in self.workers.values():
            worker.wait_ready()
        ground.announce(release, dict.fromkeys(self.workers, True))
        self.frontend.wait_ready()

    @property
    def port(self) -> int:
        return self.frontend.ports["grpc"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    release = rendered(
        tmp_path_factory.mktemp("release"), "dynamo.discovery=kubernetes"
    )
    with ExitStack() as running:
        ground = running.enter_context(
            cluster.running(tmp_path_factory.mktemp("cluster"))
        )
        ground.install(release)
        yield Found(_in_cluster(release, ground, "release"), ground, running)


def _in_cluster(
    release: pods.Release, ground: cluster.Cluster, account: str
) -> pods.Release:
    config = ground.kubeconfig(account)
    return replace(release, env={"KUBECONFIG": str(config)}, files=(config,))


def test_workers_are_found(found: Found) -> None:
    with clients.client(found.port) as server:
        assert clients.echo(server, [1, 2, 3]) == [1, 2, 3]


def _with_less(found: Found, resource: str, verb: str) -> pods.Release:
    """The release with an account whose Role lacks one verb."""
    account = f"without-{verb}-{resource}"
    role: Any = found.release.named("Role", "-discovery")
    binding: Any = found.release.named("RoleBinding", "-discovery")
    named = {"name": account, "namespace": cluster.NAMESPACE}
    api = found.ground.api
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named})
    api.create({**cluster.without(role, resource, verb), "metadata": named})
    subject = {"kind": "ServiceAccount", **named}
    reference = {**binding["roleRef"], "name": account}
    api.create(
        {**binding, "metadata": named, "roleRef": reference, "subjects": [subject]}
    )
    return _in_cluster(found.release, found.ground, account)


@pytest.mark.parametrize(("resource", "verb"), VERBS)
def test_with_one_verb_less_it_does_not_work(
    found: Found, resource: str, verb: str
) -> None:
    release = _with_less(found, resource, verb)
    start, probe = release.frontend, "readinessProbe"
    if verb in OF_WORKERS:
        start, probe = release.worker, "startupProbe"
    name = f"without-{verb}-{resource}"
    with start(name) as pod:
        answer, _ = probes.wait(pod.container.spec[probe], pod.target, pod.alive, NEVER)
    assert not answer.ok


@pytest.mark.parametrize("resource", ["endpointslices", "dynamoworkermetadatas"])
def test_without_watching_it_sees_no_new_worker(found: Found, resource: str) -> None:
    """What is there at its start a frontend lists; the one with all rights sees what comes later, too."""
    release = _with_less(found, resource, "watch")
    found.ground.announce(found.release, {})
    with release.frontend(f"blind-{resource}") as blind:
        started = blind.container.spec["startupProbe"]
        probes.wait(started, blind.target, blind.alive, pods.START_LIMIT)
        with found.release.worker(f"late-{resource}") as late:
            late.wait_ready()
            found.ground.announce(found.release, {late.name: True})
            found.frontend.wait_ready()
            ready = blind.container.spec["readinessProbe"]
            answer, _ = probes.wait(ready, blind.target, blind.alive, NEVER)
    found.ground.announce(found.release, dict.fromkeys(found.workers, True))
    found.frontend.wait_ready()
    assert not answer.ok


def test_a_worker_that_ends_costs_at_most_one_request(
    found: Found, measured: Callable[[str], None]
) -> None:
    """As in a rollout: it is not ready any more when SIGTERM comes."""
    with found.release.worker("ending") as ending:
        ending.wait_ready()
        ready = dict.fromkeys([*found.workers, "ending"], True)
        found.ground.announce(found.release, ready)
        load = clients.Load([found.port], partial(clients.sleep, seconds=0.02), CLIENTS)
        time.sleep(3)
        found.ground.announce(found.release, {**ready, "ending": False})
        ending.send(signal.SIGTERM)
        code, seconds = ending.wait(ending.grace)
        found.ground.announce(found.release, dict.fromkeys(found.workers, True))
        tally = load.stop()
    measured(f"kubernetes: a worker of three ends: {tally}, gone after {seconds:.0f} s")
    assert (len(tally.failures) <= 1, code) == (True, 0), tally.words


def test_the_api_server_may_be_away(
    found: Found, measured: Callable[[str], None]
) -> None:
    load = clients.Load([found.port], partial(clients.sleep, seconds=0.02), CLIENTS)
    with found.ground.away():
        time.sleep(AWAY)
    time.sleep(5)
    tally = load.stop()
    measured(f"kubernetes: no API server for {AWAY} s: {tally}")
    assert tally.failures == [], tally.words
    for pod in (found.frontend, *found.workers.values()):
        assert pod.alive()
