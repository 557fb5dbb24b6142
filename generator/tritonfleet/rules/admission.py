"""What the Kubernetes of an environment has: its version, and kinds of volumes."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
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


def minor(version: str) -> int:
    """35 of 1.35 and of 1.35.2; the newest where nobody says the version."""
    return int(version.split(".")[1]) if version else NEWEST
