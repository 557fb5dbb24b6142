"""Schemas, then rules: Resolved become a Fleet, or Invalid with every problem of every file."""

from tritonfleet.validate.check import usable, validate
from tritonfleet.validate.schemas import editor_schemas

__all__ = ["editor_schemas", "usable", "validate"]
