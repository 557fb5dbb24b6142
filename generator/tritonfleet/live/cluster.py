"""One cluster through one context: requests that are bounded in seconds and bytes, and counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import socket
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, TypeAlias

from tritonfleet.live.failures import Failed, refusal, unreachable
from tritonfleet.live.forward import connection
from tritonfleet.live.package import package
from tritonfleet.problem import Missing

Object: TypeAlias = dict[str, Any]
"""An object of Kubernetes, as the API server's JSON has it."""

CONNECT, READ = 5, 30  # seconds
PAGE = 500  # objects in one answer, as kubectl asks for
MOST_PAGES = 100
LARGEST = 64 * 2**20  # bytes of an answer


@dataclass(eq=False)
class Cluster:
    """An API server. Several threads may use it at once."""

    context: str
    client: Any
    """The package's ApiClient."""
    requests: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, path: str, **query: str) -> Object:
        """The answer to GET, like /api/v1/namespaces/triton/pods. Raises Failed."""
        status, body = self._answer(path, query)
        if status != 200:
            raise refusal(status, body, path)
        found: Object = json.loads(body)
        return found

    def listed(self, path: str, **query: str) -> list[Object]:
        """The objects at a path, from as many pages as there are. Raises Failed."""
        found: list[Object] = []
        query = {"limit": str(PAGE), **query}
        for _ in range(MOST_PAGES):
            answer = self.get(path, **query)
            found += answer.get("items") or ()
            following = answer["metadata"].get("continue")
            if not following:
                return found
            query["continue"] = following
        raise Failed(f"{path} has more than {MOST_PAGES * PAGE} objects")

    def forward(self, namespace: str, pod: str, port: int) -> socket:
        """A connection to a port of a pod: no network policy is in its way. Raises Failed."""
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/portforward"
        _, url, headers, *_ = self._request(path, {"ports": str(port)})
        self._count()
        return connection(self.client.configuration, url, headers)

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Status and body. Raises Failed."""
        request = self._request(path, query)
        self._count()
        try:
            answer = self.client.call_api(*request, _request_timeout=(CONNECT, READ))
            body = answer.response.read(LARGEST + 1)
            answer.response.release_conn()
        except Exception as error:  # of urllib3, of ssl, or the client's own
            raise unreachable(error) from None
        if len(body) > LARGEST:
            raise Failed(f"{path}: the answer is longer than {LARGEST >> 20} MiB")
        return answer.status, body

    def _request(self, path: str, query: dict[str, str]) -> Any:
        """The method, the URL, the headers and the rest, as `call_api` takes them."""
        return self.client.param_serialize(
            "GET",
            path,
            query_params=list(query.items()),
            header_params={"Accept": "application/json"},
            auth_settings=["BearerToken"],
        )

    def _count(self) -> None:
        with self._lock:
            self.requests += 1


@contextmanager
def connected(context: str) -> Iterator[Cluster]:
    """The cluster of a context. Raises Missing where the kubeconfig does not say enough to reach it.

    The client writes certificates and keys of a kubeconfig to files: they are in a directory that goes again.
    """
    client = package("client.api_client")
    configuration = package("client.configuration").Configuration()
    configuration.retries = 0
    with TemporaryDirectory(prefix="tritonfleet-") as directory:
        try:
            package("config").load_kube_config(
                context=context,
                client_configuration=configuration,
                persist_config=False,
                temp_file_path=directory,
            )
        except Exception as error:  # what the client raises depends on what is wrong
            raise Missing(f"context {context} cannot be used: {error}") from None
        with client.ApiClient(configuration) as api:
            yield Cluster(context, api)
