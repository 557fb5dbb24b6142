"""What Triton will make of models' files: texts in, findings out. Nothing of a model is ever run."""

from tritonfleet.models.check import CODES, check
from tritonfleet.models.members import closure
from tritonfleet.models.nouns import Finding, Model, Server

__all__ = ["CODES", "Finding", "Model", "Server", "check", "closure"]
