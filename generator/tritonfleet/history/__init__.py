"""A fleet as it was in a commit: which commit a change is compared with, and its files."""

from tritonfleet.history.base import Commit, commit_to_compare
from tritonfleet.history.unpack import unpacked

__all__ = ["Commit", "commit_to_compare", "unpacked"]
