"""What a schema cannot say: one short function for each rule, with a code and a line of documentation."""

from tritonfleet.nouns import Rule
from tritonfleet.rules import models, names, pods, server, sources
from tritonfleet.rules.registry import RULES

__all__ = ["RULES", "Rule", "models", "names", "pods", "server", "sources"]
