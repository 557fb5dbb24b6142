"""The client of the seed's example, which asks a frontend over KServe's gRPC, and load that counts its failures."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

HOST = "127.0.0.1"


def client(port: int) -> triton.InferenceServerClient:
    return triton.InferenceServerClient(f"{HOST}:{port}")


def identity(values: Sequence[int]) -> triton.InferInput:
    """The input of the model `identity`."""
    data = np.array(values, dtype=np.int32)
    given = triton.InferInput("INPUT0", list(data.shape), "INT32")
    given.set_data_from_numpy(data)
    return given


def echo(server: triton.InferenceServerClient, values: Sequence[int]) -> list[int]:
    """What the model `identity` answers."""
    answer = server.infer("identity", [identity(values)], client_timeout=60)
    return list(map(int, answer.as_numpy("OUTPUT0")))


def sleep(server: triton.InferenceServerClient, seconds: float) -> float:
    """What the model `slow` answers, after as many seconds."""
    given = triton.InferInput("SECONDS", [1], "FP32")
    given.set_data_from_numpy(np.array([seconds], dtype=np.float32))
    answer = server.infer("slow", [given], client_timeout=60)
    return float(answer.as_numpy("SECONDS")[0])


def stream(port: int, requests: Sequence[Sequence[int]]) -> list[list[int]]:
    """The answers to requests of one stream, in their order."""
    answers: queue.Queue[Any] = queue.Queue()
    with client(port) as server:
        server.start_stream(callback=lambda result, error: answers.put(error or result))
        for values in requests:
            server.async_stream_infer("identity", [identity(values)])
        found = [answers.get(timeout=60) for _ in requests]
        server.stop_stream()
    return [list(map(int, each.as_numpy("OUTPUT0"))) for each in found]


@dataclass
class Tally:
    """What clients got: how many answers, and what else was said, with when."""

    answered: int = 0
    failures: list[tuple[float, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{len(self.failures)} of {self.answered} requests failed"

    @property
    def words(self) -> Counter[str]:
        return Counter(message for _, message in self.failures)


class Load:
    """Clients that ask again and again, each on a channel of its own, until they are told to stop."""

    def __init__(
        self, ports: Sequence[int], ask: Callable[[Any], object], clients: int = 4
    ) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._tally = Tally()
        self._pool = ThreadPoolExecutor(clients)
        for number in range(clients):
            self._pool.submit(partial(self._repeat, ports[number % len(ports)], ask))

    def _repeat(self, port: int, ask: Callable[[Any], object]) -> None:
        with client(port) as server:
            while not self._stopped.is_set():
                try:
                    ask(server)
                    failure = ""
                except InferenceServerException as error:
                    failure = f"{error.status()} {error.message()[:60]}"
                with self._lock:
                    if failure:
                        self._tally.failures.append((time.monotonic(), failure))
                        time.sleep(0.01)
                    else:
                        self._tally.answered += 1

    def stop(self) -> Tally:
        """The sums, when the last request is answered."""
        self._stopped.set()
        self._pool.shutdown()
        return self._tally
