"""What each code of a problem means."""

from tritonfleet.codes.explain import Explanation, State, explanation, read_explanation
from tritonfleet.codes.meanings import CODES, OF_CHART, WARNINGS

__all__ = [
    "CODES",
    "OF_CHART",
    "WARNINGS",
    "Explanation",
    "State",
    "explanation",
    "read_explanation",
]
