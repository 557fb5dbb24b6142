"""The images that rendered manifests ask for, whoever wrote them into the pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.helm import Rendered
from tritonfleet.kubernetes import documents
from tritonfleet.values import lookup

Items = Iterable[Mapping[str, Any]]


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
        for image, user in _users(each):
            of_image = users.setdefault(image, [])
            of_image.append(user)
    return dict(sorted(users.items()))


def _users(rendered: Rendered) -> Iterator[tuple[str, User]]:
    """Images with the parts of one release that ask for them."""
    installation = rendered.installation
    environment = installation.environment.name
    objects = documents(rendered.manifests)
    for image, part in _images(objects):
        user = User(environment, installation.name, part)
        yield image, user


def _images(value: Any) -> Iterator[tuple[str, str]]:
    """Images with the containers or volumes that ask for them, in whatever kind of object the pod is."""
    # What has a list of containers is a pod, be it in a Deployment, a CronJob or an object of somebody's operator.
    if isinstance(value, dict) and isinstance(value.get("containers"), list):
        yield from _of_pod(value)
    for inner in _parts(value):
        yield from _images(inner)


def _parts(value: Any) -> Iterable[Any]:
    """What is in a mapping or a list."""
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list):
        return value
    return ()


def _of_pod(pod: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _of_containers(pod.get("initContainers"))
    yield from _of_containers(pod.get("containers"))
    yield from _of_volumes(pod.get("volumes"))


def _of_containers(containers: Items | None) -> Iterator[tuple[str, str]]:
    for container in containers or ():
        image = container.get("image")
        if image:
            part = _part("container", container)
            yield str(image), part


def _of_volumes(volumes: Items | None) -> Iterator[tuple[str, str]]:
    """A volume can be an image, too: its files are mounted, and nothing in it is run."""
    for volume in volumes or ():
        image = lookup(volume, ("image", "reference"))
        if image:
            part = _part("volume", volume)
            yield str(image), part


def _part(kind: str, item: Mapping[str, Any]) -> str:
    return f"{kind} {item.get('name')}"
