"""What Helm is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Task:
    """What Helm must know of an installation, and no more: it goes to another process."""

    chart: str
    """The chart's directory."""
    name: str
    namespace: str
    values: Mapping[str, Any]
    kubernetes: str


class Result(NamedTuple):
    """Manifests, or Helm's own words against the task."""

    manifests: str
    failure: str = ""
