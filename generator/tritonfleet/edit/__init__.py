"""Edits of the files that people write: one value changes, and every other byte stays."""

from tritonfleet.edit.document import append, drop, is_same, put
from tritonfleet.edit.written import in_line

__all__ = ["append", "drop", "in_line", "is_same", "put"]
