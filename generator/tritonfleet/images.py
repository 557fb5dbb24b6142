"""The images that rendered manifests ask for, whoever wrote them into the pods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.helm import Rendered
from tritonfleet.kubernetes import documents

# The first part of a name is a registry when it could not be part of a name, as container runtimes read it:
# https://github.com/distribution/reference
_REGISTRY = re.compile(r"\A(?:localhost|[^/@]*[.:][^/@]*)/")


class User(NamedTuple):
    """Who asks for an image: a container, or a volume, of a release."""

    environment: str
    release: str
    part: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.release} ({self.part})"


def images_of(rendered: Iterable[Rendered]) -> Mapping[str, list[User]]:
    """Every image with its users, sorted. Raises yaml.YAMLError for manifests that are none."""
    users: dict[str, list[User]] = {}
    for each in rendered:
        installation = each.installation
        for image, part in _images(documents(each.manifests)):
            user = User(installation.environment.name, installation.name, part)
            users.setdefault(image, []).append(user)
    return {image: users[image] for image in sorted(users)}


def _images(value: Any) -> Iterator[tuple[str, str]]:
    """Images with the containers or volumes that ask for them, in whatever kind of object the pod is."""
    if isinstance(value, list):
        for item in value:
            yield from _images(item)
    elif isinstance(value, dict):
        if isinstance(value.get("containers"), list):
            yield from _of_pod(value)
        for inner in value.values():
            yield from _images(inner)


def _of_pod(pod: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in ("initContainers", "containers"):
        for container in pod.get(kind) or ():
            if container.get("image"):
                yield str(container["image"]), f"container {container.get('name')}"
    for volume in pod.get("volumes") or ():
        reference = (volume.get("image") or {}).get("reference")
        if reference:
            yield str(reference), f"volume {volume.get('name')}"


def mirrored(image: str, registry: str) -> str:
    """What an image is called in a mirror: the same name, in another registry."""
    return f"{registry.rstrip('/')}/{_REGISTRY.sub('', image, count=1)}"
