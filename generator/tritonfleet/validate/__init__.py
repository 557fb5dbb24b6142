"""Schemas, then rules: Resolved become a Fleet, or Invalid with every problem of every file."""

from tritonfleet.validate.check import usable, validate
from tritonfleet.validate.schemas import Schema, editor_schemas, inlined

__all__ = ["Schema", "editor_schemas", "inlined", "usable", "validate"]
