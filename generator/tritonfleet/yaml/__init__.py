"""Text to data with positions, and data to text that every YAML reader reads the same."""

from tritonfleet.yaml.builder import events
from tritonfleet.yaml.inside import inside
from tritonfleet.yaml.read import read
from tritonfleet.yaml.refusals import MAXIMUM_BYTES, too_many_bytes
from tritonfleet.yaml.write import Constant, to_yaml, to_yaml_stream

__all__ = [
    "MAXIMUM_BYTES",
    "Constant",
    "events",
    "inside",
    "read",
    "to_yaml",
    "to_yaml_stream",
    "too_many_bytes",
]
