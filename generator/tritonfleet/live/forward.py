"""Connections into pods, through the API server and the kubelet, as `kubectl port-forward` makes them."""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, NamedTuple

from tritonfleet.live.failures import Failed, refusal, unreachable
from tritonfleet.live.package import package

PATIENCE = 10  # seconds for a connection, and for each part of an answer
CHUNK = 2**16  # bytes
# https://kubernetes.io/docs/reference/using-api/websocket/: a byte for the channel, and then its data.
_PROTOCOL = "v4.channel.k8s.io"
_DATA = 0


class Address(NamedTuple):
    """A port of this machine."""

    host: str
    port: int


def connection(
    configuration: Any, url: str, headers: Mapping[str, str]
) -> socket.socket:
    """A socket to the port of the pod that the URL of `portforward` names. Raises Failed."""
    websocket = _websocket(configuration, url, headers)
    outer, inner = socket.socketpair()
    outer.settimeout(PATIENCE)
    Thread(target=_Pump(websocket, inner).run, daemon=True).start()
    return outer


def _websocket(configuration: Any, url: str, headers: Mapping[str, str]) -> Any:
    """The connection to the API server, which runs until one of its ends is closed. Raises Failed."""
    client = package("stream.ws_client")
    lowered = {name.lower(): value for name, value in headers.items()}
    header = {}
    if "authorization" in lowered:
        header["authorization"] = lowered["authorization"]
    options = {"header": header, "subprotocols": [_PROTOCOL], "timeout": PATIENCE}
    if configuration.proxy:
        client.websocket_proxycare(options, configuration, url, lowered)
    websocket = client.WebSocket(sslopt=_tls(configuration))
    try:
        address = client.get_websocket_url(url)
        websocket.connect(address, **options)
    except Exception as error:  # of the websocket's package, of ssl, or of the system
        raise _failure(error, url) from None
    websocket.settimeout(None)
    return websocket


def _tls(configuration: Any) -> dict[str, Any]:
    """How the API server is known, and what it knows the person by: as for every other request."""
    options = {
        "cert_reqs": ssl.CERT_REQUIRED if configuration.verify_ssl else ssl.CERT_NONE,
        "check_hostname": configuration.verify_ssl,
        "ca_certs": configuration.ssl_ca_cert,
        "certfile": configuration.cert_file,
        "keyfile": configuration.key_file,
        "server_hostname": configuration.tls_server_name,
    }
    return {name: value for name, value in options.items() if value is not None}


def _failure(error: Exception, url: str) -> Failed:
    """A refusal, where the API server answered, or that nobody did."""
    status = getattr(error, "status_code", None)
    if status is None:
        return unreachable(error)
    body = getattr(error, "resp_body", None) or b""
    return refusal(status, body, url)


@dataclass
class _Pump:
    """Hands on what either end says, until one says no more. One thread does both: TLS is not for two at once."""

    websocket: Any
    inner: socket.socket
    begun: set[int] = field(default_factory=set)
    """Channels whose first frame has come: it holds the port's number and no data."""

    def run(self) -> None:
        """Until either end is done; what breaks a connection ends it, and is seen at the other end."""
        with suppress(Exception), self.inner, selectors.DefaultSelector() as selector:
            selector.register(self.inner, selectors.EVENT_READ, self._to_pod)
            selector.register(self.websocket.sock, selectors.EVENT_READ, self._from_pod)
            goes_on = True
            while goes_on:
                goes_on = all(key.data() for key, _ in selector.select())
        with suppress(Exception):
            self.websocket.shutdown()

    def _to_pod(self) -> bool:
        """False at the end of what is said to the pod."""
        data = self.inner.recv(CHUNK)
        if data:
            self.websocket.send_binary(bytes([_DATA]) + data)
        return bool(data)

    def _from_pod(self) -> bool:
        """False at the end of what the pod says, and when the kubelet tells an error."""
        while True:
            frame = self.websocket.recv()
            if not frame:
                return False
            channel = frame[0]
            data = frame[1:]
            if channel not in self.begun:
                self.begun.add(channel)
            elif channel == _DATA:
                self.inner.sendall(data)
            else:
                return False
            if not self._has_more():
                return True

    def _has_more(self) -> bool:
        """Whether TLS holds bytes of a next frame already, which no selector sees."""
        connection = self.websocket.sock
        return isinstance(connection, ssl.SSLSocket) and connection.pending() > 0


@contextmanager
def listening(connect: Callable[[], socket.socket]) -> Iterator[Address]:
    """A port of this machine for clients that open their connections themselves; each leads where `connect` does.

    Whoever is on this machine reaches it, as with `kubectl port-forward`.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_serve, args=(server, connect), daemon=True).start()
        host, port = server.getsockname()
        try:
            yield Address(host, port)
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, connect: Callable[[], socket.socket]) -> None:
    """Joins each client with a connection of its own, until the server is closed."""
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            try:
                pod = connect()
            except Failed:
                client.close()
                continue
            pod.settimeout(None)
            Thread(target=_join, args=(client, pod), daemon=True).start()


def _join(client: socket.socket, pod: socket.socket) -> None:
    """Hands on what each says, until both are done."""
    with client, pod:
        back = Thread(target=_copy, args=(pod, client), daemon=True)
        back.start()
        _copy(client, pod)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Hands on bytes until there are no more, and tells both ends."""
    with suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
