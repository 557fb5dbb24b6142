"""One release beside what runs of it: its Deployment, the newest ReplicaSet, and that one's pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tritonfleet.status.nouns import Object, Read, Site, Wanted
from tritonfleet.status.objects import is_ending, is_true, owner_of
from tritonfleet.values import list_at, mapping_at, text_at

SERVER = "triton"
VERSION = "tritonfleet/model-version"
REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """What is wanted, and what is there of it. An empty mapping stands for an object that is not there."""

    site: Site
    wanted: Wanted
    read: Read
    deployment: Object
    replica_set: Object
    pods: tuple[Object, ...]
    """Of the newest ReplicaSet, without those that are ending."""
    now: float

    @property
    def image(self) -> str:
        """The server's image as the newest ReplicaSet has it."""
        pod = mapping_at(self.replica_set, "spec", "template", "spec")
        for container in list_at(pod, "containers"):
            if container.get("name") == SERVER:
                return text_at(container, "image")
        return ""

    @property
    def model_version(self) -> str:
        template = mapping_at(self.replica_set, "spec", "template", "metadata")
        return text_at(template, "annotations", VERSION)

    @property
    def replicas(self) -> int:
        """Pods that the Deployment wants now, which an autoscaler may have said."""
        count: int = mapping_at(self.deployment, "spec").get("replicas", 1)
        return count

    @property
    def ready_pods(self) -> list[Object]:
        return [pod for pod in self.pods if is_true(pod, "Ready")]


def releases(site: Site, read: Read, now: float) -> Iterator[Release]:
    """Every release of an environment that is wanted there."""
    sets = _by_owner(read.of("replicasets"))
    pods = _by_owner(read.of("pods"))
    for wanted in site.wanted:
        deployment = read.named("deployments", wanted.full_name)
        newest = _newest(deployment, sets)
        own = _owned(newest, pods)
        staying = tuple(pod for pod in own if not is_ending(pod))
        yield Release(site, wanted, read, deployment, newest, staying, now)


def _by_owner(things: Iterable[Object]) -> Mapping[str, list[Object]]:
    found: dict[str, list[Object]] = defaultdict(list)
    for each in things:
        found[owner_of(each)].append(each)
    return found


def _newest(deployment: Object, sets: Mapping[str, list[Object]]) -> Object:
    """The ReplicaSet of the Deployment's own revision: after a rollback it is an old one again."""
    revision = _annotation(deployment, REVISION)
    for each in _owned(deployment, sets):
        if _annotation(each, REVISION) == revision:
            return each
    return {}


def _owned(owner: Object, things: Mapping[str, list[Object]]) -> list[Object]:
    """What belongs to an object; nothing to one that is not there."""
    if not owner:
        return []
    return things[_uid(owner)]


def _annotation(thing: Object, name: str) -> Any:
    return mapping_at(thing, "metadata", "annotations").get(name)


def _uid(thing: Object) -> str:
    return text_at(thing, "metadata", "uid")
