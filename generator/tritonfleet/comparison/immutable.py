"""Changes that the API server refuses, because a field stays as it was made: https://kubernetes.io/docs/reference/kubernetes-api/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tritonfleet.comparison.objects import Field, ObjectPair, fields
from tritonfleet.facts import quantity

STORAGE = "spec.resources.requests.storage"
ANOTHER_NAME = (
    "make one of another name, and delete this one by hand when nothing needs it"
)
ORPHAN = (
    "delete the Deployment by hand with `--cascade=orphan`, let the engine make it anew,"
    " and delete the old ReplicaSet when the new pods are ready"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field that the API server will not change, and what to do instead."""

    object: str
    field: Field
    advice: str


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Fields of a kind that stay, but for those that may change; and what to do."""

    fields: tuple[str, ...]
    advice: str
    free: tuple[str, ...] = ()


FIXED: Mapping[str, _Fixed] = {
    "PersistentVolumeClaim": _Fixed(
        ("spec",), ANOTHER_NAME, free=("spec.volumeAttributesClassName",)
    ),
    "Deployment": _Fixed(("spec.selector",), ORPHAN),
    "Service": _Fixed(
        ("spec.clusterIP",), "delete the Service by hand; the engine makes it anew"
    ),
    "Job": _Fixed(
        ("spec.template", "spec.selector", "spec.completionMode"), ANOTHER_NAME
    ),
    "RoleBinding": _Fixed(("roleRef",), ANOTHER_NAME),
    "Secret": _Fixed(("type",), ANOTHER_NAME),
}


def refusals(differing: Iterable[ObjectPair]) -> Iterator[Refusal]:
    """Every field of an object that stays there and that the API server will not change."""
    for pair in differing:
        fixed = FIXED.get(pair.key.kind)
        stays = pair.before is not None and pair.after is not None
        if fixed and stays:
            yield from _refusals(pair, fixed)


def _refusals(pair: ObjectPair, fixed: _Fixed) -> Iterator[Refusal]:
    for field in fields(pair.before, pair.after):
        if not _may_change(field, fixed):
            yield Refusal(str(pair.key), field, fixed.advice)


def _may_change(field: Field, fixed: _Fixed) -> bool:
    """Whether a field is none of the fixed ones, or one of the exceptions."""
    path = field.path
    is_free = path.startswith(fixed.free)
    if is_free or not path.startswith(fixed.fields):
        return True
    return _is_larger_claim(field)


def _is_larger_claim(field: Field) -> bool:
    """A claim may grow, where its storage class allows it; it never shrinks."""
    return field.path == STORAGE and _is_no_smaller(field)


def _is_no_smaller(field: Field) -> bool:
    try:
        return quantity(field.after) >= quantity(field.before)
    except ValueError:
        return False
