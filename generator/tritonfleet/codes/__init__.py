"""What each code of a problem means."""

from tritonfleet.codes.meanings import CODES, WARNINGS

__all__ = ["CODES", "WARNINGS"]
