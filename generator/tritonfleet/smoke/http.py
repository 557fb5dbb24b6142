"""Triton's HTTP API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from socket import socket
from urllib.parse import quote

from tritonfleet.smoke.answers import Outputs, outputs_of
from tritonfleet.smoke.nouns import HTTP, Credentials, Question, Refused

LARGEST = 64 * 2**20  # bytes of an answer
WORDS = 300  # characters of what a server says of an error
STREAM = "generate_stream"


@contextmanager
def client(
    question: Question, connect: Callable[[int], socket], credentials: Credentials
) -> Iterator[_Client]:
    """One connection for all requests."""
    port = question.ports[HTTP]
    connection = HTTPConnection(f"localhost:{port}", timeout=question.seconds)
    connection.sock = connect(port)
    connection.sock.settimeout(question.seconds)
    with closing(connection):
        yield _Client(question, connection, credentials)


@dataclass(frozen=True)
class _Client:
    question: Question
    connection: HTTPConnection
    credentials: Credentials

    def ready(self) -> str:
        models = self.question.models
        for model in models:
            self._call("GET", f"/v2/models/{quote(model)}/ready")
        if not models:
            self._call("GET", "/v2/health/ready")
        return f"ready: {', '.join(models) or 'the server'}"

    def infer(self) -> Outputs:
        question = self.question
        headers = {"Content-Type": "application/json"}
        if question.header:
            headers[question.header] = self.credentials.key
        path = f"/v2/models/{quote(question.model)}/{question.path}"
        text = self._call("POST", path, question.body.encode(), headers)
        if question.path == STREAM:
            return {"stream": {"data": text.split("\n\n")[0]}}
        return outputs_of(json.loads(text))

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        try:
            self.connection.request(method, path, body, dict(headers or {}))
            answer = self.connection.getresponse()
            text = answer.read(LARGEST).decode("utf-8", "replace")
        except HTTPException as error:
            raise Refused(f"{path}: {type(error).__name__} {error}") from None
        if answer.status != 200:
            words = text[:WORDS].strip() or "no words"
            raise Refused(f"{path} answers {answer.status}: {words}")
        return text
