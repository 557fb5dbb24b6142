"""Text to data with positions, and data to text that every YAML reader reads the same."""

from tritonfleet.yaml.read import read
from tritonfleet.yaml.write import Constant, to_yaml, to_yaml_stream

__all__ = ["Constant", "read", "to_yaml", "to_yaml_stream"]
