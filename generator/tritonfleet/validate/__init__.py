"""Schemas, then rules: Resolved become a Fleet, or Invalid with every problem of every file."""

from tritonfleet.validate.check import Rule, Schemas, validate
from tritonfleet.validate.schemas import complete, editor_schemas

__all__ = ["Rule", "Schemas", "complete", "editor_schemas", "validate"]
