"""What the server of a mode takes: its flags, and the values that it has no use for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class ModeTable(NamedTuple):
    """What the server of a mode takes, as a table of the chart has it."""

    flags: Mapping[str, Mapping[str, Any]]
    """By name, each with `since` and, where a value sets it, `owner`."""
    since: str = ""
    """The first release of Triton whose image has the server, YY.MM."""
    values: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    """Values that the server has no use for, by dotted path: `default`, `also`, `unless`, `when`, `instead`
    and `why`."""
