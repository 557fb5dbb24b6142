"""Triton's own word: whether each model is ready, and what the server has counted, from inside of each ready pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import quote

from tritonfleet.live import Cluster, Failed
from tritonfleet.status.counters import counters_of
from tritonfleet.status.nouns import Answer, Counters, Read, Wanted
from tritonfleet.status.objects import name_of
from tritonfleet.status.read import AT_ONCE, Reach
from tritonfleet.status.release import releases

SECONDS = 10
LARGEST = 4 * 2**20  # bytes of metrics


class _Pod(NamedTuple):
    """A pod whose server is asked, and how it is reached."""

    environment: str
    namespace: str
    name: str
    cluster: Cluster
    wanted: Wanted


def asked(
    reaches: Sequence[Reach], found: Mapping[str, Read], now: float
) -> dict[str, Read]:
    """The same with the answers of the servers of ready pods, at most AT_ONCE asked at a time."""
    pods: list[_Pod] = []
    for reach in reaches:
        pods += _pods(reach, found, now)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(_answer, pods))

    # By environment, and in it by pod.
    by_environment: dict[str, dict[str, Answer]] = {name: {} for name in found}
    for pod, answer in zip(pods, answers, strict=True):
        by_environment[pod.environment][pod.name] = answer
    complete = {}
    for name, read in found.items():
        complete[name] = replace(read, answers=by_environment[name])
    return complete


def _pods(reach: Reach, found: Mapping[str, Read], now: float) -> Iterator[_Pod]:
    """Ready pods whose server takes HTTP: without it, nobody asks more than the readiness probe did."""
    site, cluster = reach.site, reach.pods
    if cluster is None:
        return
    for release in releases(site, found[site.name], now):
        wanted = release.wanted
        if not wanted.http:
            continue
        for pod in release.ready_pods:
            name = name_of(pod)
            yield _Pod(site.name, site.namespace, name, cluster, wanted)


def _answer(pod: _Pod) -> Answer:
    """What one server says; why it says nothing."""
    try:
        ready = _ready(pod)
        counters = _counters(pod) if pod.wanted.metrics else None
    except (Failed, OSError, HTTPException) as failure:
        return Answer({}, None, str(failure) or type(failure).__name__)
    return Answer(ready, counters)


def _ready(pod: _Pod) -> dict[str, bool]:
    """By model; by "" the server, where it names no model. All over one connection."""
    wanted = pod.wanted
    paths = {model: f"/v2/models/{quote(model)}/ready" for model in wanted.models}
    if not paths:
        paths[""] = "/v2/health/ready"
    ready = {}
    with closing(_connection(pod, wanted.http)) as connection:
        for model, path in paths.items():
            status, _ = _get(connection, path)
            ready[model] = status == 200
    return ready


def _counters(pod: _Pod) -> Counters:
    with closing(_connection(pod, pod.wanted.metrics)) as connection:
        _, metrics = _get(connection, "/metrics")
    return counters_of(metrics)


def _connection(pod: _Pod, port: int) -> HTTPConnection:
    """HTTP through the API server. Raises Failed."""
    connection = HTTPConnection(f"localhost:{port}", timeout=SECONDS)
    connection.sock = pod.cluster.forward(pod.namespace, pod.name, port)
    return connection


def _get(connection: HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read(LARGEST)
    return answer.status, body.decode("utf-8", "replace")
