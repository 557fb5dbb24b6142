"""Installations to rendered manifests, by Helm."""

from tritonfleet.helm.render import Rendered, render

__all__ = ["Rendered", "render"]
