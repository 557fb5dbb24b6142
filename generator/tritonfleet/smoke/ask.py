"""Asks one pod over each way that it has open. Nothing here knows a cluster: a connection comes from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from socket import socket
from typing import Protocol, TypeAlias

from tritonfleet.live import Failed
from tritonfleet.smoke import http, rpc
from tritonfleet.smoke.answers import Outputs, differences, in_one_line
from tritonfleet.smoke.nouns import GRPC, HTTP, Asked, Credentials, Question, Refused

Connect: TypeAlias = Callable[[int], socket]
"""A connection to a port of the pod. Raises Failed."""


class Client(Protocol):
    """One way to a server. Both raise Refused, Failed, OSError or ValueError."""

    def ready(self) -> str:
        """Asks whether the models are ready, and says which are."""

    def infer(self) -> Outputs:
        """Asks for the inference."""


WAYS: dict[
    str, Callable[[Question, Connect, Credentials], AbstractContextManager[Client]]
] = {HTTP: http.client, GRPC: rpc.client}


def ask(
    question: Question, connect: Connect, credentials: Credentials, count: int
) -> Iterator[Asked]:
    """What comes over each way that is open; an inference is asked for `count` times."""
    for protocol in question.ports:
        try:
            with WAYS[protocol](question, connect, credentials) as client:
                yield _asked(protocol, question, client, count)
        except (Refused, Failed, OSError, ValueError) as failure:
            words = str(failure) or type(failure).__name__
            yield Asked(protocol, (words,))


def _asked(protocol: str, question: Question, client: Client, count: int) -> Asked:
    ready = client.ready()
    # `generate` is an API of HTTP alone, and one of its streams has no end that could be compared.
    has_inference = protocol != GRPC or question.path == "infer"
    if not question.model or not has_inference:
        return Asked(protocol, (), ready)

    took: list[float] = []
    problems: dict[str, None] = {}
    answer = ""
    for _ in range(count):
        begin = time.monotonic()
        outputs = client.infer()
        took.append(time.monotonic() - begin)
        problems |= dict.fromkeys(differences(question.expect, outputs))
        answer = in_one_line(outputs)
    return Asked(protocol, tuple(problems), answer, tuple(took))
