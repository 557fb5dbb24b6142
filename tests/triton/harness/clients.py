"""Clients of a server on this machine: JSON over HTTP, a connection per request, and tritonclient over gRPC."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

from tests.triton.harness.certificates import Certificates

HOST = "127.0.0.1"
Tensor = Mapping[str, Any]
"""One input, as the HTTP API writes it: name, datatype, shape, data."""
FAILURES = (OSError, http.client.HTTPException, InferenceServerException, RuntimeError)


def call(
    port: int,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> tuple[int, Any]:
    """One request on a connection of its own, closed after it: an idle one would hold up the server's end."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        return ask(connection, path, body, {"Connection": "close", **(headers or {})})
    finally:
        connection.close()


def ask(
    connection: http.client.HTTPConnection,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """One request on a connection that stays open: the status, and the body decoded where it is JSON."""
    data = None if body is None else json.dumps(body)
    connection.request(
        "GET" if data is None else "POST", path, data, dict(headers or {})
    )
    response = connection.getresponse()
    text = response.read().decode()
    is_json = response.getheader("Content-Type", "").startswith("application/json")
    return response.status, json.loads(text) if is_json and text else text


def infer(port: int, model: str, tensor: Tensor, **parameters: object) -> Any:
    """The one value that a model answers to one value, over HTTP."""
    status, answer = call(
        port,
        f"/v2/models/{model}/infer",
        {"inputs": [tensor], "parameters": parameters},
    )
    if status != 200:
        raise RuntimeError(f"{status}: {answer}")
    [value] = answer["outputs"][0]["data"]
    return value


class Grpc:
    """A kept channel."""

    def __init__(self, port: int, tls: Certificates | None = None) -> None:
        files = {} if tls is None else {
            "ssl": True,
            "root_certificates": str(tls.path("ca.crt")),
            "private_key": str(tls.path("client.key")),
            "certificate_chain": str(tls.path("client.crt")),
        }  # fmt: skip
        self.client = triton.InferenceServerClient(f"{HOST}:{port}", **files)
        self.states: list[str] = []
        self.client._channel.subscribe(lambda state: self.states.append(state.name))

    def __enter__(self) -> Grpc:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def infer(self, model: str, tensor: Tensor, **parameters: Any) -> Any:
        """The one value that a model answers to one value."""
        values = tensor["data"]
        if tensor["datatype"] == "BYTES":
            values = [value.encode() for value in values]
        given = triton.InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        data = np.array(values, dtype=triton_to_np_dtype(tensor["datatype"])).reshape(
            tensor["shape"]
        )
        given.set_data_from_numpy(data)
        sequence = {
            key: parameters.pop(key)
            for key in list(parameters)
            if key.startswith("sequence_")
        }
        answer = self.client.infer(
            model, [given], parameters=parameters, client_timeout=30, **sequence
        )
        value = answer.as_numpy(answer.get_response().outputs[0].name).item()
        return value.decode() if isinstance(value, bytes) else value

    def status(self, method: str, *arguments: object) -> str:
        """The status code of a call."""
        try:
            getattr(self.client, method)(*arguments)
        except InferenceServerException as error:
            return str(error.status()).removeprefix("StatusCode.")
        return "OK"


class Load:
    """Clients that ask again and again, each in a thread of its own, until they are told to stop."""

    def __init__(self, clients: Mapping[str, Callable[[], object]]) -> None:
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(len(clients))
        self._answers: dict[str, Future[list[object]]] = {
            name: self._pool.submit(self._repeat, ask) for name, ask in clients.items()
        }

    def _repeat(self, ask: Callable[[], object]) -> list[object]:
        answers: list[object] = []
        while not self._stopped.is_set():
            try:
                answers.append(ask())
            except FAILURES as error:
                answers.append(repr(error))
        return answers

    def stop(self) -> None:
        """Begin no further request."""
        self._stopped.set()

    def answers(self) -> dict[str, list[object]]:
        """By client, once all have theirs."""
        self.stop()
        found = {name: answers.result() for name, answers in self._answers.items()}
        self._pool.shutdown()
        return found
