"""What follows from a change of one release: pods that restart, what is refused, what clients see, claims, images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tritonfleet.comparison.clients import seen_by_clients
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
from tritonfleet.values import dotted, lookup
from tritonfleet.versions import stays

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
    differing = [each for each in object_pairs(old, new) if not _says_the_same(each)]
    return _of_objects(pair, differing)


def _says_the_same(pair: ObjectPair) -> bool:
    """Whether a Deployment differs in words alone: the API server keeps 1000m as 1, and changes nothing."""
    if pair.key.kind != "Deployment" or pair.before is None or pair.after is None:
        return False
    for field in fields(pair.before, pair.after):
        if not _is_same_quantity(field) and not _is_default_number(field):
            return False
    return True


def _is_default_number(field: Field) -> bool:
    """Whether one of them leaves out the number of pods that the API server fills in, as beside an autoscaler."""
    return field.path == "spec.replicas" and {field.before, field.after} == {None, 1}


def _of_objects(pair: Pair, differing: Sequence[ObjectPair]) -> Consequences:
    """What follows from the objects that differ, a question after the other."""
    deployment = _deployment(differing, pair)
    return Consequences(
        objects=tuple(differing),
        restarts=tuple(_restarts(deployment, pair)),
        replicas=_replicas(deployment),
        refusals=tuple(refusals(differing)),
        clients=tuple(seen_by_clients(pair, differing)),
        pulls=tuple(_pulls(deployment)),
        overwritten=_overwritten(pair),
        claims_made=_claims(differing, MADE),
        claims_kept=_claims(differing, KEPT),
        claims_deleted=_claims(differing, DELETED),
    )


def _claims(differing: Iterable[ObjectPair], fate: str) -> tuple[str, ...]:
    """The names of claims of which this becomes."""
    names = []
    for each in differing:
        if each.key.kind == CLAIM and _fate(each) == fate:
            names.append(each.key.name)
    return tuple(names)


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
    name = pair.release.full_name
    for each in differing:
        is_own = each.key.kind == "Deployment" and each.key.name == name
        if is_own and each.after:
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
    old = _pod(deployment.before)
    new = _pod(deployment.after)
    known = set(images(old))
    needed = dict.fromkeys(images(new))
    return [image for image in needed if image not in known]


def _pod(manifest: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The specification of a Deployment's pods; an empty one of none."""
    path = (*TEMPLATE, "spec")
    pod: Mapping[str, Any] | None = lookup(manifest, path)
    return pod or {}
