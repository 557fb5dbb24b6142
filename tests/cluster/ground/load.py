"""Six clients that ask at once, run inside the client pod; prints their requests, failures and longest gaps.

    python3 load.py HOST SECONDS

new: a connection per request; http: one kept HTTP connection; grpc: one kept channel; stream: one kept gRPC stream.
bounded-http, bounded-stream: the same, but never older than AGES says.
Each asks until the SECONDS are over; what failed is counted and asked anew.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import numpy
import tritonclient.grpc as triton

HOST, SECONDS = sys.argv[1], float(sys.argv[2])
MODEL = "timed"
# Seconds. HTTP: less than drain + requestTimeout, here 6 + 5, as the old server serves its connections so long.
# Streams: less than drain - 1.1 * connection age, 6 - 3.3, because one may begin just before its channel is asked away.
AGES = {"http": 8.0, "stream": 2.0}
# Seconds between a client's requests. Without it the clients take a small node's processors for themselves: the name
# server, the kubelet and the engines wait for seconds, and what fails is not the rollout's doing.
PAUSE = 0.02
BODY = json.dumps(
    {"inputs": [{"name": "ASK", "shape": [1], "datatype": "INT32", "data": [1]}]}
)


def _post(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", f"/v2/models/{MODEL}/infer", BODY)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {text.decode()}")


def _connection() -> http.client.HTTPConnection:
    return http.client.HTTPConnection(HOST, 8000, timeout=10)


def _tensors() -> list[Any]:
    tensor = triton.InferInput("ASK", [1], "INT32")
    tensor.set_data_from_numpy(numpy.array([1], dtype=numpy.int32))
    return [tensor]


def new() -> Callable[[], None]:
    def ask() -> None:
        connection = _connection()
        try:
            _post(connection)
        finally:
            connection.close()

    return ask


def kept(bound: float = inf) -> Callable[[], None]:
    connection = _connection()
    opened = time.monotonic()

    def ask() -> None:
        nonlocal opened
        if time.monotonic() - opened > bound:
            connection.close()  # the next request opens it again
            opened = time.monotonic()
        try:
            _post(connection)
        except Exception:
            connection.close()
            raise

    return ask


def grpc() -> Callable[[], None]:
    client = triton.InferenceServerClient(f"{HOST}:8001")

    def ask() -> None:
        client.infer(MODEL, _tensors(), client_timeout=10)

    return ask


def _answered(
    answers: queue.Queue[Exception | None],
    result: object,  # noqa: ARG001 -- the client calls by name
    error: Exception | None,
) -> None:
    answers.put(error)


def stream(bound: float = inf) -> Callable[[], None]:
    client = triton.InferenceServerClient(f"{HOST}:8001")
    answers: queue.Queue[Exception | None] = queue.Queue()
    is_open = False
    opened = 0.0

    def ask() -> None:
        nonlocal answers, is_open, opened
        if is_open and time.monotonic() - opened > bound:
            client.stop_stream()
            is_open = False
        if not is_open:
            answers = (
                queue.Queue()
            )  # what comes late of the stream before is not for this one
            client.start_stream(partial(_answered, answers))
            is_open, opened = True, time.monotonic()
        try:
            client.async_stream_infer(MODEL, _tensors())
            if error := answers.get(timeout=10):
                raise error
        except Exception:
            client.stop_stream(cancel_requests=True)
            is_open = False
            raise

    return ask


def repeat(ask: Callable[[], None], report: dict[str, Any]) -> None:
    begin = last = time.monotonic()
    while time.monotonic() - begin < SECONDS:
        report["requests"] += 1
        try:
            ask()
        except Exception as error:
            words = f"{time.monotonic() - begin:.1f} s: {type(error).__name__} {error}"
            report["failures"].append(" ".join(words.split())[:160])
        else:
            report["gap"] = round(max(report["gap"], time.monotonic() - last), 2)
            last = time.monotonic()
        time.sleep(PAUSE)


def reach() -> None:
    """A Service made a moment ago refuses everybody until the node knows its pods: that is no rollout's doing."""
    deadline = time.monotonic() + 30
    for port in (8000, 8001):
        while True:
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


reach()
clients = {
    "new": new(),
    "http": kept(),
    "bounded-http": kept(AGES["http"]),
    "grpc": grpc(),
    "stream": stream(),
    "bounded-stream": stream(AGES["stream"]),
}
reports: dict[str, dict[str, Any]] = {
    name: {"requests": 0, "failures": [], "gap": 0.0} for name in clients
}
threads = [
    threading.Thread(target=repeat, args=(ask, reports[name]))
    for name, ask in clients.items()
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(reports), flush=True)
os._exit(0)  # an open stream would wait for its server
