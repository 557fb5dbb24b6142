"""Stands in for Triton's in-process Python API, which is in NVIDIA's images and in no package registry.

It has the names that `dynamo.triton` of ai-dynamo 1.6.1 uses, and no others. What the real module does in the worker's
own process, this one asks of the real tritonserver, which it starts as a child: models load, fail, answer and count as
they do there. What it cannot show: tensors in memory of a GPU, and what a crash of the server does to the worker.
The server's own log goes to the worker's.
"""

from __future__ import annotations

import enum
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tritonclient.grpc as grpc
import tritonclient.grpc.aio as aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

HOST = "127.0.0.1"
HOME = "/opt/tritonserver"
# As in an image: models of the Python backend run in the first python3 there, not in the worker's.
PATH = f"{HOME}/bin:/opt/python/bin:/usr/bin:/bin"


class TritonError(Exception):
    """What the server says."""


class LogFormat(enum.Enum):
    DEFAULT = 0
    ISO8601 = 1


class RateLimitMode(enum.Enum):
    OFF = 0
    EXEC_COUNT = 1


class DataType(enum.Enum):
    BF16 = 14


class MemoryType(enum.Enum):
    CPU = 0
    GPU = 2


class MemoryBuffer:
    """Memory of tensors that NumPy has no type for: none of our models has such a tensor."""

    def __init__(self, **_: Any) -> None:
        raise NotImplementedError


class Tensor:
    """Text of a model, which is all that `dynamo.triton` takes out of a tensor by itself."""

    memory_type = MemoryType.CPU

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self._values = values

    def to_bytes_array(self) -> np.ndarray[Any, Any]:
        return self._values


@dataclass
class Request:
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    model: Model
    request_id: str
    outputs: Mapping[str, Any]


class Model:
    """One model of a started server."""

    def __init__(self, server: Server, name: str) -> None:
        self.name = name
        self._server = server
        self._client: aio.InferenceServerClient | None = None

    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self._server.client.get_model_metadata(
            self.name, as_json=True
        )
        return found

    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = self._server.client.get_model_config(
            self.name, as_json=True
        )["config"]
        return found

    def ready(self) -> bool:
        return bool(self._server.client.is_model_ready(self.name))

    def create_request(self) -> Request:
        return Request()

    async def async_infer(self, request: Request) -> AsyncIterator[Response]:
        """The one answer of a model that is not decoupled. Raises TritonError."""
        if (
            self._client is None
        ):  # a client belongs to the event loop that it is made in
            self._client = aio.InferenceServerClient(
                f"{HOST}:{self._server.ports['grpc']}"
            )
        try:
            result = await self._client.infer(
                self.name, [_input(*each) for each in request.inputs.items()]
            )
        except InferenceServerException as error:
            raise TritonError(str(error)) from None
        answer = result.get_response()
        outputs = {
            each.name: _output(each.datatype, result.as_numpy(each.name))
            for each in answer.outputs
        }
        yield Response(self, answer.id, outputs)


def _input(name: str, values: np.ndarray[Any, Any]) -> grpc.InferInput:
    given = grpc.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
    given.set_data_from_numpy(values)
    return given


def _output(datatype: str, values: np.ndarray[Any, Any]) -> Any:
    return Tensor(values) if datatype == "BYTES" else values


class Server:
    """The real tritonserver with ports of its own, on this host alone."""

    def __init__(self, model_repository: str, **options: Any) -> None:
        self.ports = dict(zip(("http", "grpc", "metrics"), _free_ports(3), strict=True))
        self._repository = model_repository
        self._exit_timeout = options.get("exit_timeout", 30)
        self._verbose = options.get("log_verbose", 0)
        self.client = grpc.InferenceServerClient(f"{HOST}:{self.ports['grpc']}")

    def start(self, wait_until_ready: bool = True) -> None:
        """Raises TritonError when a model does not load, as the real one does."""
        listeners = [f"--{name}-port={port}" for name, port in self.ports.items()]
        addresses = [f"--{name}-address={HOST}" for name in ("http", "grpc")]
        self._process = subprocess.Popen(
            [f"{HOME}/bin/tritonserver", f"--model-repository={self._repository}", *listeners, *addresses,
             f"--exit-timeout-secs={self._exit_timeout}", f"--log-verbose={self._verbose}"],
            env={**_inherited(), "PATH": PATH}, start_new_session=True,
        )  # fmt: skip
        while wait_until_ready and not self._answers():
            if self._process.poll() is not None:
                raise TritonError(f"the server ended with {self._process.returncode}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return bool(self.client.is_server_ready())
        except InferenceServerException:
            return False

    def ready(self) -> bool:
        return self._answers()

    def models(self, exclude_not_ready: bool = False) -> dict[tuple[str, str], Any]:
        """By name and version."""
        index = self.client.get_model_repository_index(as_json=True)
        return {
            (each["name"], each.get("version", "")): each
            for each in index.get("models", [])
            if each.get("state") == "READY" or not exclude_not_ready
        }

    def model(self, name: str) -> Model:
        return Model(self, name)

    def metrics(self) -> str:
        address = f"http://{HOST}:{self.ports['metrics']}/metrics"
        with urllib.request.urlopen(address) as answer:
            text: str = answer.read().decode()
        return text

    def stop(self) -> None:
        """Waits until requests in flight are answered."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def _inherited() -> dict[str, str]:
    """The worker's environment, without what is for its own Python: models have another one."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all held until the last is found."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind((HOST, 0))
    found = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return found


__all__ = [
    "DataType",
    "LogFormat",
    "MemoryBuffer",
    "MemoryType",
    "Model",
    "RateLimitMode",
    "Server",
    "Tensor",
    "TritonError",
]
