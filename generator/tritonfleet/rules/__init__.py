"""What a schema cannot say: one short function for each rule. `tritonfleet.codes` says what its code means."""

from tritonfleet.rules import (
    admission,
    benchmark,
    capacity,
    control_api,
    extra_objects,
    flags,
    git,
    launcher,
    model_repository,
    names,
    places,
    pod_security,
    ports,
    resources,
    rollout,
    secrets,
    server,
)
from tritonfleet.rules.registry import RULES

__all__ = [
    "RULES",
    "admission",
    "benchmark",
    "capacity",
    "control_api",
    "extra_objects",
    "flags",
    "git",
    "launcher",
    "model_repository",
    "names",
    "places",
    "pod_security",
    "ports",
    "resources",
    "rollout",
    "secrets",
    "server",
]
