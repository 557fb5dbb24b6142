"""A fleet before and after a change: which releases differ, and what follows from it. Nothing here reads or writes."""

from tritonfleet.comparison.difference import Changed, Difference
from tritonfleet.comparison.discreet import discreet
from tritonfleet.comparison.environments import Sums, sums
from tritonfleet.comparison.follows import Consequences, consequences
from tritonfleet.comparison.pairs import Edit, Key, Pair, edits, pairs
from tritonfleet.comparison.rollouts import Found

__all__ = [
    "Changed",
    "Consequences",
    "Difference",
    "Edit",
    "Found",
    "Key",
    "Pair",
    "Sums",
    "consequences",
    "discreet",
    "edits",
    "pairs",
    "sums",
]
