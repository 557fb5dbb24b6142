"""What follows from a change of one release: pods that restart, what is refused, what clients see, claims, images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from tritonfleet.comparison.immutable import Refusal, refusals
from tritonfleet.comparison.objects import (
    Field,
    ObjectPair,
    fields,
    images,
    object_pairs,
    objects,
)
from tritonfleet.comparison.pairs import Pair
from tritonfleet.facts import quantity
from tritonfleet.nouns import Release
from tritonfleet.values import KeyPath, dotted, lookup
from tritonfleet.versions import stays

# Values that clients of the server notice, beside the objects that they reach it by.
SEEN_BY_CLIENTS: tuple[KeyPath, ...] = (
    ("http", "enabled"),
    ("grpc", "enabled"),
    ("grpc", "tls"),
    ("metrics", "enabled"),
    ("loadModels",),
    ("modelControl",),
    ("server", "restrictedApis"),
    ("openai", "restrictedApis"),
    ("openai", "closeModelList"),
)
TEMPLATE = ("spec", "template")
REPLICAS = ("spec", "replicas")
CLAIM = "PersistentVolumeClaim"
MADE, KEPT, DELETED = "made", "kept", "deleted"


@dataclass(frozen=True, slots=True, eq=False)
class Consequences:
    """What follows from a change of one release."""

    objects: tuple[ObjectPair, ...] = ()
    restarts: tuple[Field, ...] = ()
    """The fields of the pod template that differ; empty where no running pod restarts."""
    replicas: Field | None = None
    """Pods are started or ended beside those that run on."""
    refusals: tuple[Refusal, ...] = ()
    clients: tuple[Field, ...] = ()
    """What those who call the server see."""
    pulls: tuple[str, ...] = ()
    """Images that the pods did not need before."""
    claims_made: tuple[str, ...] = ()
    claims_kept: tuple[str, ...] = ()
    """Claims that stay in the cluster, though nothing asks for them any more."""
    claims_deleted: tuple[str, ...] = ()
    overwritten: str = ""
    """What to say where another version of the models is at the same address."""
    failure: str = ""
    """Helm's words, where one of the two could not be rendered."""


def consequences(pair: Pair, before: str, after: str) -> Consequences:
    """What follows, from the manifests before and after; those of a release that is not there are ""."""
    try:
        old = objects(before)
        new = objects(after)
    except yaml.YAMLError as error:
        return Consequences(failure=f"not YAML: {error}")
    return _of_objects(pair, object_pairs(old, new))


def _of_objects(pair: Pair, differing: Sequence[ObjectPair]) -> Consequences:
    """What follows from the objects that differ, a question after the other."""
    deployment = _deployment(differing, pair)
    return Consequences(
        objects=tuple(differing),
        restarts=tuple(_restarts(deployment, pair)),
        replicas=_replicas(deployment),
        refusals=tuple(refusals(differing)),
        clients=tuple(_seen_by_clients(pair, differing)),
        pulls=tuple(_pulls(deployment)),
        overwritten=_overwritten(pair),
        claims_made=_claims(differing, MADE),
        claims_kept=_claims(differing, KEPT),
        claims_deleted=_claims(differing, DELETED),
    )


def _claims(differing: Iterable[ObjectPair], fate: str) -> tuple[str, ...]:
    """The names of claims of which this becomes."""
    claims = (each for each in differing if each.key.kind == CLAIM)
    return tuple(each.key.name for each in claims if _fate(each) == fate)


def _fate(claim: ObjectPair) -> str:
    """What becomes of a claim; "" of one that is there before and after."""
    if claim.before is None:
        return MADE
    if claim.after is None:
        return KEPT if claim.is_kept else DELETED
    return ""


def _overwritten(pair: Pair) -> str:
    """What is told of a release whose version changes and whose address does not."""
    if pair.before is None or pair.after is None:
        return ""
    return stays(pair.before.values, pair.after.values)


def _deployment(differing: Iterable[ObjectPair], pair: Pair) -> ObjectPair | None:
    """The release's Deployment, where it differs and is there after the change."""
    own = "Deployment", pair.release.full_name
    for each in differing:
        if (each.key.kind, each.key.name) == own and each.after:
            return each
    return None


def _restarts(deployment: ObjectPair | None, pair: Pair) -> Iterator[Field]:
    """Fields for which there are new pods in the place of those that run."""
    if pair.before and pair.after:
        yield from _moves(pair.before, pair.after)
    if deployment and deployment.before:
        yield from _of_template(deployment)


def _of_template(deployment: ObjectPair) -> Iterator[Field]:
    """Fields of the pod template; a quantity that is only written in another way restarts nothing."""
    old = lookup(deployment.before, TEMPLATE)
    new = lookup(deployment.after, TEMPLATE)
    for field in fields(old, new):
        if not _is_same_quantity(field):
            yield field


def _moves(before: Release, after: Release) -> Iterator[Field]:
    """Where the pods are; elsewhere, there are new ones."""
    old = before.environment
    new = after.environment
    places = {
        "metadata.namespace": (old.namespace, new.namespace),
        "metadata.name": (before.full_name, after.full_name),
        "cluster.server": (old.server, new.server),
        "cluster.destinationName": (old.destination_name, new.destination_name),
    }
    for name, (there, here) in places.items():
        if there != here:
            yield Field(name, there, here)


def _is_same_quantity(field: Field) -> bool:
    """Whether the field says as much as before, in other words: 1 and 1000m."""
    is_quantity = ".resources." in field.path or field.path.endswith(".sizeLimit")
    if not is_quantity:
        return False
    try:
        return quantity(field.before) == quantity(field.after)
    except ValueError:
        return False


def _replicas(deployment: ObjectPair | None) -> Field | None:
    """The number of pods, where it differs and the Deployment was there before."""
    if deployment is None or deployment.before is None:
        return None
    old = lookup(deployment.before, REPLICAS)
    new = lookup(deployment.after, REPLICAS)
    if old == new:
        return None
    return Field(dotted(REPLICAS), old, new)


def _pulls(deployment: ObjectPair | None) -> list[str]:
    """Images of the pods that they did not need before, in the order in which they need them."""
    if deployment is None:
        return []
    known = set(images(_pod(deployment.before)))
    needed = dict.fromkeys(images(_pod(deployment.after)))
    return [image for image in needed if image not in known]


def _pod(manifest: Mapping[str, Any] | None) -> Mapping[str, Any]:
    pod: Mapping[str, Any] = lookup(manifest, (*TEMPLATE, "spec")) or {}
    return pod


def _seen_by_clients(pair: Pair, differing: Iterable[ObjectPair]) -> Iterator[Field]:
    # Who calls a release that is new, or is gone, sees all of it.
    if pair.before is None or pair.after is None:
        return
    yield from _seen_values(pair.before, pair.after)
    for each in differing:
        if each.key.kind in REACHED_BY:
            yield from _of_address(each, pair.after.full_name)


def _seen_values(before: Release, after: Release) -> Iterator[Field]:
    for path in SEEN_BY_CLIENTS:
        old = _value(before, path)
        new = _value(after, path)
        # Of an older chart, which has no such value, nothing is said either.
        if (old or None) != (new or None):
            yield Field(dotted(path), old, new)


def _value(release: Release, path: KeyPath) -> Any:
    return lookup(release.value(str(path[0])), path[1:])


# Kinds that clients reach a server by, and their fields that say how.
REACHED_BY: Mapping[str, tuple[str, ...]] = {
    "Service": ("spec.ports", "spec.type", "spec.clusterIP", "spec.loadBalancer"),
    "Ingress": ("spec.rules", "spec.tls", "spec.ingressClassName"),
    "HTTPRoute": ("spec.hostnames", "spec.parentRefs", "spec.rules"),
    "GRPCRoute": ("spec.hostnames", "spec.parentRefs", "spec.rules"),
    "NetworkPolicy": ("spec.ingress",),
}


def _of_address(pair: ObjectPair, release: str) -> Iterator[Field]:
    """What differs in how clients reach the server by one object, which most often is called like the release."""
    kind, _, name = pair.key
    words = kind if name == release else f"{kind} {name}"
    if pair.before is None:
        yield Field(words, None, name)
    elif pair.after is None:
        yield Field(words, name, None)
    else:
        for field in _fields_of_address(pair):
            yield replace(field, path=f"{words}: {field.path}")


def _fields_of_address(pair: ObjectPair) -> Iterator[Field]:
    for field in fields(pair.before, pair.after):
        if field.path.startswith(REACHED_BY[pair.key.kind]):
            yield field
