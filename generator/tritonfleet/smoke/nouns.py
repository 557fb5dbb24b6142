"""What is asked, with what right, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HTTP, GRPC = "http", "grpc"


class Refused(Exception):
    """An answer that is an error, or a question that cannot be asked; the message says which."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a release is asked."""

    models: tuple[str, ...]
    """Models that must be ready; without any, the server itself."""
    model: str
    """The model that is asked for an inference; "" asks for none."""
    path: str
    """`infer`, `generate` or `generate_stream`."""
    body: str
    expect: Mapping[str, Any]
    """What its outputs have, by name; nothing is compared where it is empty."""
    header: str
    """The header of the key that an inference needs; "" where it needs none."""
    seconds: int
    """How long a request may take."""
    ports: Mapping[str, int]
    """The pod's ports of HTTP and GRPC, where they are open."""
    tls: bool
    """Whether gRPC speaks TLS."""
    mutual: bool
    """Whether it wants a certificate of the client, too."""
    host: str
    """The Service's name, which a certificate of the server has unless somebody says another."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person has: a key to inferences, and files of certificates; "" where there is none."""

    key: str = ""
    cacert: str = ""
    cert: str = ""
    cert_key: str = ""
    server_name: str = ""
    """The name in the server's certificate, where it is not the Service's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came over one way."""

    protocol: str
    problems: tuple[str, ...]
    """What is wrong, in words; nothing where the answer is right."""
    answer: str = ""
    """The last answer, in one line."""
    seconds: tuple[float, ...] = ()
    """How long each request took."""
