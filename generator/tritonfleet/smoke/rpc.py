"""Triton's gRPC API."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import Any

from tritonfleet.live import listening
from tritonfleet.problem import Missing
from tritonfleet.smoke import tensors
from tritonfleet.smoke.answers import Outputs
from tritonfleet.smoke.messages import SERVICE, message
from tritonfleet.smoke.nouns import GRPC, Credentials, Question, Refused

PREFIX = "triton-grpc-protocol-"  # of a header that carries a key
WORDS = 300  # characters of what a server says of an error


@contextmanager
def client(
    question: Question, connect: Callable[[int], socket], credentials: Credentials
) -> Iterator[_Client]:
    """A channel through a port of this machine, which the library opens itself. Raises Missing without it."""
    grpc = _package()
    port = question.ports[GRPC]
    with listening(lambda: connect(port)) as address:
        target = f"{address.host}:{address.port}"
        with _channel(grpc, target, question, credentials) as channel:
            yield _Client(question, credentials, grpc, channel)


def _package() -> Any:
    # Its core writes to the terminal what it then tells as an error, too.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        import_module("google.protobuf")
        return import_module("grpc")
    except ImportError:
        raise Missing(
            "the extra `live` (gRPC) is not installed: pip install 'tritonfleet[live]'"
        ) from None


def _channel(
    grpc: Any, target: str, question: Question, credentials: Credentials
) -> Any:
    if not question.tls:
        return grpc.insecure_channel(target)
    if question.mutual and not (credentials.cert and credentials.cert_key):
        raise Refused("the server wants a certificate of yours: use --cert and --key")
    files = (credentials.cacert, credentials.cert_key, credentials.cert)
    parts = [Path(file).read_bytes() if file else None for file in files]
    secret = grpc.ssl_channel_credentials(*parts)
    # The port is this machine's, and the certificate the Service's.
    name = credentials.server_name or question.host
    options = [("grpc.ssl_target_name_override", name)]
    return grpc.secure_channel(target, secret, options)


@dataclass(frozen=True)
class _Client:
    question: Question
    credentials: Credentials
    grpc: Any
    channel: Any

    def ready(self) -> str:
        models = self.question.models
        for model in models:
            answer = self._call("ModelReady", message("ModelReadyRequest")(name=model))
            if not answer.ready:
                raise Refused(f"{model} is not ready")
        if not models:
            self._call("ServerReady", message("ServerReadyRequest")())
        return f"ready: {', '.join(models) or 'the server'}"

    def infer(self) -> Outputs:
        return tensors.outputs_of(
            self._call("ModelInfer", tensors.request_of(self.question))
        )

    def _call(self, method: str, request: Any) -> Any:
        question = self.question
        call = self.channel.unary_unary(
            SERVICE + method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=message(f"{method}Response").FromString,
        )
        metadata = []
        if question.header:
            name = PREFIX + question.header.lower()
            metadata.append((name, self.credentials.key))
        try:
            return call(request, timeout=question.seconds, metadata=metadata)
        except self.grpc.RpcError as error:
            words = str(error.details())
            told = self._untrusted(words) or (
                f"{method} answers {error.code().name}: {words[:WORDS]}"
            )
            raise Refused(told) from None

    def _untrusted(self, words: str) -> str:
        """What to do about a certificate that was refused here; "" of any other error. The words are BoringSSL's."""
        if "CERTIFICATE_VERIFY_FAILED" in words:
            return "nobody here trusts its certificate: use --cacert"
        name = self.credentials.server_name or self.question.host
        if "Hostname Verification Check failed" in words:
            return f"its certificate is not for {name}: use --server-name"
        return ""
