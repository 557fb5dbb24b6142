"""Installations to rendered manifests, by Helm."""

from tritonfleet.helm.rendering import Rendered, render

__all__ = ["Rendered", "render"]
