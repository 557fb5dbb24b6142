"""Four kinds of clients that ask at once, run inside the client pod; prints their requests, failures and longest gaps.

    python3 load.py HOST SECONDS

new: a connection per request; http: one kept HTTP connection; grpc: one kept channel; stream: one kept gRPC stream.
Each asks until the SECONDS are over; what failed is counted and asked anew.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy
import tritonclient.grpc as triton

HOST, SECONDS = sys.argv[1], float(sys.argv[2])
MODEL = "timed"
BODY = json.dumps({"inputs": [{"name": "ASK", "shape": [1], "datatype": "INT32", "data": [1]}]})


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


def kept() -> Callable[[], None]:
    connection = _connection()

    def ask() -> None:
        try:
            _post(connection)
        except Exception:
            connection.close()  # the next request opens it again
            raise

    return ask


def grpc() -> Callable[[], None]:
    client = triton.InferenceServerClient(f"{HOST}:8001")

    def ask() -> None:
        client.infer(MODEL, _tensors(), client_timeout=10)

    return ask


def _answered(answers: queue.Queue[Exception | None], result: object, error: Exception | None) -> None:  # noqa: ARG001
    answers.put(error)


def stream() -> Callable[[], None]:
    client = triton.InferenceServerClient(f"{HOST}:8001")
    answers: queue.Queue[Exception | None] = queue.Queue()
    is_open = False

    def ask() -> None:
        nonlocal answers, is_open
        if not is_open:
            answers = queue.Queue()  # what comes late of the stream before is not for this one
            client.start_stream(partial(_answered, answers))
            is_open = True
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
            time.sleep(0.01)
        else:
            report["gap"] = round(max(report["gap"], time.monotonic() - last), 2)
            last = time.monotonic()


clients = {"new": new(), "http": kept(), "grpc": grpc(), "stream": stream()}
reports: dict[str, dict[str, Any]] = {name: {"requests": 0, "failures": [], "gap": 0.0} for name in clients}
threads = [threading.Thread(target=repeat, args=(ask, reports[name])) for name, ask in clients.items()]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(reports), flush=True)
os._exit(0)  # an open stream would wait for its server
