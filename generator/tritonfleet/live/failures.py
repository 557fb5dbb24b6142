"""What a request to a cluster can come to, in words that people can use."""

from __future__ import annotations

import json
import re

LONGEST = 300  # characters of what a server says
_NUMBER = re.compile(r"\[Errno -?\d+\] ")


class Failed(Exception):
    """A request that came to nothing; the message says why in words."""


class Unreachable(Failed):
    """Nobody answers, or nobody whom the kubeconfig trusts."""


class Denied(Failed):
    """The server does not know the person, or the person may not do this."""


class Absent(Failed):
    """There is no such object, or no such kind."""


def refusal(status: int, body: bytes, path: str) -> Failed:
    """What an answer means that is none of success."""
    words = _message(body) or path
    if status == 401:
        return Denied("the API server does not accept the credentials of this context")
    if status == 403:
        return Denied(words)
    if status == 404:
        return Absent(words)
    return Failed(f"HTTP {status}: {words}")


def _message(body: bytes) -> str:
    """The message of the API server's Status; "" of anything else."""
    try:
        message = json.loads(body).get("message", "")
    except (ValueError, AttributeError):
        return ""
    return str(message)[:LONGEST]


def unreachable(error: Exception) -> Unreachable:
    """The innermost words of an error: those around them name objects of the client."""
    reason = getattr(error, "reason", None) or error
    _, _, innermost = str(reason).rpartition(": ")
    words = _NUMBER.sub("", innermost[:LONGEST])
    return Unreachable(words or type(error).__name__)
