"""Where values put annotations on the objects of a release."""

from __future__ import annotations

from tritonfleet.values import KeyPath

OF_OBJECTS: tuple[KeyPath, ...] = (
    ("commonAnnotations",),
    ("service", "annotations"),
    ("ingress", "annotations"),
    ("ingress", "grpcAnnotations"),
    ("httpRoute", "annotations"),
    ("grpcRoute", "annotations"),
    ("serviceAccount", "annotations"),
)
"""Of all but pods, whose own are `podAnnotations`."""
