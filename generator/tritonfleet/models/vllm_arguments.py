"""What the vLLM of each of NVIDIA's images takes as arguments of its engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from tritonfleet.problem import similar


def unknown(argument: str, version: str) -> str:
    """What is wrong with an argument; "" for one that this image's vLLM takes, or may take."""
    known = _arguments()
    if argument in known:
        if _is_taken(argument, version):
            return ""
        first, last = known[argument]
        return f"vLLM has {argument} in Triton {first} to {last}, and the image is {version}"
    # What a newer vLLM than the newest here takes, nobody can tell, unless it is nearly a known word.
    is_looked_at = version != "" and version <= _releases()[-1]
    if is_looked_at or similar(argument, known):
        return f"vLLM has no argument {argument}"
    return ""


def instead(argument: str, version: str) -> str:
    """The nearest of what this image's vLLM takes."""
    fitting = [name for name in _arguments() if _is_taken(name, version)]
    return similar(argument, fitting) or "remove it: the engine would not start"


def _is_taken(argument: str, version: str) -> bool:
    """Whether a known argument is one of this vLLM: between two of the looked-at releases it may have come or gone."""
    first, last = _arguments()[argument]
    before = max((each for each in _releases() if each < first), default="")
    after = min((each for each in _releases() if each > last), default="99.12")
    return not version or before < version < after


def _releases() -> list[str]:
    """Triton's releases whose vLLM was looked at, oldest first."""
    found: list[str] = _table()["releases"]
    return found


def _arguments() -> Mapping[str, list[str]]:
    """By name the first and the last of those releases that have it."""
    found: Mapping[str, list[str]] = _table()["arguments"]
    return found


@cache
def _table() -> Mapping[str, Any]:
    """Fields of EngineArgs and AsyncEngineArgs in vllm/engine/arg_utils.py, at the vLLM of each image.

    Which vLLM an image has: docs/introduction/compatibility.md of triton-inference-server/server.
    """
    file = resources.files(__package__) / "vllm-arguments.json"
    table: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return table
