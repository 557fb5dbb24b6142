"""Text to data with positions, and data to text that every YAML reader reads the same."""

from tritonfleet.yaml.read import read
from tritonfleet.yaml.write import Constant, Known, write, write_all

__all__ = ["Constant", "Known", "read", "write", "write_all"]
