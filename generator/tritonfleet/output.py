"""What is written: a tree of texts, and how it differs from what is in a directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tritonfleet.problem import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Files to write: path below the output directory → text. Files of other environments than `only` stay."""

    files: Mapping[str, str]
    only: frozenset[str] = frozenset()
    """Environments that were asked for; empty means all, those that are gone from the fleet included."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What writing a tree did, or would do: paths below the output directory."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    interrupted: bool = False
    """The run before this one did not come to its end."""
    emptied: tuple[str, ...] = ()
    """Environments whose last release is removed."""
    warnings: tuple[Problem, ...] = ()

    @property
    def any(self) -> bool:
        """Whether the directory differs from the tree."""
        return bool(self.created or self.changed or self.removed or self.interrupted)
