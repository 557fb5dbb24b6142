"""Triton Fleet: declarative lists of Triton models in, reviewed Helm releases for Argo CD or Flux out."""

__version__ = "0.1.0"
