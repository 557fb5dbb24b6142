"""What to do about a value of the wrong type or form, where what is written says what was meant."""

from __future__ import annotations

import re

from tritonfleet.validate.engine import matches
from tritonfleet.validate.expectations import types_of
from tritonfleet.validate.misfit import Misfit
from tritonfleet.validate.schemas import Schema

_ENDPOINT_IN_URI = re.compile(
    r"s3://(?=https?://|[^/]+:[0-9]+/)(?P<scheme>https?://)?(?P<host>[^/]+)/(?P<bucket>.+)"
)


def other_quotes(misfit: Misfit, written: str) -> str:
    """A hint to quote a scalar or not to; "" where that would not make it right."""
    if isinstance(misfit.value, str):
        return _without_quotes(misfit.value, misfit.schema)
    return _with_quotes(written, misfit.schema)


def _without_quotes(text: str, schema: Schema) -> str:
    """A hint, where a quoted text would have the right type without its quotes."""
    types = types_of(schema)
    is_integer = "integer" in types and re.match(r"-?(0|[1-9][0-9]*)\Z", text)
    is_boolean = "boolean" in types and text in {"true", "false"}
    if is_integer or is_boolean:
        return "write it without quotes"
    return ""


def _with_quotes(written: str, schema: Schema) -> str:
    """A hint, where what is written would have the right type and form between quotes."""
    if "string" not in types_of(schema) or not written:
        return ""
    if "pattern" in schema and not matches(schema["pattern"], written):
        return ""
    return f'write "{written}"'


def own_endpoint(text: str) -> str:
    """A hint for the form in which Triton's own flag names a store other than AWS: s3://https://host:443/bucket."""
    match = _ENDPOINT_IN_URI.match(text)
    if match is None:
        return ""
    scheme = match["scheme"] or "http://"
    return f"write uri: s3://{match['bucket']}, endpoint: {scheme}{match['host']}"
