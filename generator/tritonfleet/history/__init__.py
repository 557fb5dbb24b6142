"""A fleet as it was in a commit: which commit a change is compared with, its files, and what engines install of it."""

from tritonfleet.history.base import Commit, commit_of, commit_to_compare
from tritonfleet.history.deployed import (
    Change,
    branch_of,
    committed_texts,
    newest_changes,
    reaches,
    uncommitted,
)
from tritonfleet.history.unpack import unpacked

__all__ = [
    "Change",
    "Commit",
    "branch_of",
    "commit_of",
    "commit_to_compare",
    "committed_texts",
    "newest_changes",
    "reaches",
    "uncommitted",
    "unpacked",
]
