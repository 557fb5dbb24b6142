"""What the Kubernetes of an environment has: its version, and kinds of volumes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, fleet_rule, in_environment, release_rule
from tritonfleet.values import Values

NEWEST = 99  # minor version of Kubernetes, of which all is expected
IMAGE_VOLUMES_SINCE = 35  # Kubernetes 1.35, in which they are switched on


@release_rule("TF120", "repository")
def image_volume_is_known(release: Release, values: Values) -> Iterator[Problem]:
    """The environment's Kubernetes mounts images as volumes."""
    if not values["repository"].get("oci"):
        return
    environment = release.environment
    if minor(environment.kubernetes) < IMAGE_VOLUMES_SINCE:
        cluster = f"Kubernetes {environment.kubernetes} of {environment.name}"
        message = f"{cluster} has no image volumes switched on"
        hint = "use Kubernetes 1.35 or newer, or another kind of repository"
        yield at(release, ("repository", "oci"), message, hint, key=True)


_AT_LEAST = re.compile(r" *>= *v?1\.([0-9]{1,3})(?:[.-][0-9.-]*)? *\Z")


@fleet_rule("TF167")
def charts_take_the_kubernetes(resolved: Resolved) -> Iterator[Problem]:
    """An environment's chart installs on its Kubernetes, or Helm refuses each of its releases."""
    for environment in resolved.environments:
        version = environment.kubernetes
        oldest = _AT_LEAST.match(environment.chart.kubernetes)
        if not version or not oldest:
            continue
        if minor(version) < int(oldest[1]):
            needs = f"the chart needs Kubernetes 1.{oldest[1]} or newer"
            message = f"{needs}, and {environment.name} has {version}"
            hint = "upgrade the cluster, or correct the version"
            yield in_environment(environment, ("kubernetes",), message, hint)


def minor(version: str) -> int:
    """35 of 1.35 and of 1.35.2; the newest where nobody says the version."""
    if not version:
        return NEWEST
    _, number, *_ = version.split(".")
    return int(number)
