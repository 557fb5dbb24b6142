"""The `kubernetes` client, which is imported only when a cluster is asked for: it takes half a second."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tritonfleet.problem import Missing


def package(name: str) -> Any:
    """A module of the client, like `config`. Raises Missing without the extra."""
    try:
        return import_module(f"kubernetes.{name}")
    except ImportError:
        raise Missing(
            "the extra `live` (the client of Kubernetes) is not installed:"
            " pip install 'tritonfleet[live]'"
        ) from None
