"""What follows from a change, in sentences: for each environment, and for each release."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tritonfleet.comparison import Changed, Sums
from tritonfleet.comparison.devices import Devices
from tritonfleet.comparison.immutable import Refusal
from tritonfleet.comparison.objects import Field, ObjectPair
from tritonfleet.comparison.pairs import ADDED, REMOVED
from tritonfleet.nouns import Release
from tritonfleet.report.shared import number, one_line
from tritonfleet.visible import visible

LONGEST_VALUE = 120  # characters of a value in a sentence
SHOWN = 10  # names, or fields, in a sentence
UNDECIDED = (
    "is suspended, and the engine may do this before it hears of that:"
    " suspend it in a commit before, and wait until the engine has seen it"
)


def value_words(value: Any) -> str:
    """A value, or that there is none."""
    if value is None:
        return "nothing"
    is_text = isinstance(value, str) and value
    text = value if is_text else one_line(value)
    words = visible(text)
    if len(words) > LONGEST_VALUE:
        return words[:LONGEST_VALUE] + "…"
    return words


def change_words(before: Any, after: Any) -> str:
    """`24.10-py3 → 24.12-py3`; of two lists, what they do not share."""
    if isinstance(before, list) and isinstance(after, list):
        gone = _without(before, after)
        new = _without(after, before)
        # Lists that differ in their order alone are told whole.
        if gone or new:
            before = gone or None
            after = new or None
    old = value_words(before)
    now = value_words(after)
    return f"{old} → {now}"


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    return [item for item in items if item not in others]


def names(items: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    shown = ", ".join(items[:SHOWN])
    more = len(items) - SHOWN
    if more > 0:
        shown += f" and {more} more"
    return shown


def sums_words(sums: Sums) -> Iterator[str]:
    """What a change adds up to in one environment, a sentence each."""
    yield f"releases: {_counts(sums)}, of {sums.before} before"
    for name, before, after in sums.settings:
        setting = _setting(before, after)
        yield f"`{name}` of the environment: {setting}"
    yield f"restarts: {_restarts(sums)}"
    if sums.seconds:
        minutes = number(math.ceil(sums.seconds / 60), "minute")
        yield f"time: at most {minutes}, for {sums.longest}"
    yield from map(_devices_words, sums.devices)
    if sums.needs_permission:
        yield _permission(len(sums.removed), sums.before)


def _permission(count: int, before: int) -> str:
    """What to write so that `generate` removes so many."""
    asks = f"`generate` asks for --allow-removals {count}"
    return f"removals: {count} of {before}; {asks}"


def _counts(sums: Sums) -> str:
    """`1 added, 2 changed`."""
    kinds = {"added": sums.added, "removed": sums.removed, "changed": sums.changed}
    counts = []
    for kind, releases in kinds.items():
        if releases:
            counts.append(f"{len(releases)} {kind}")
    return ", ".join(counts)


def _restarts(sums: Sums) -> str:
    """How many releases restart, and how many of their pods."""
    if not sums.restarted:
        return "none"
    releases = number(len(sums.restarted), "release")
    pods = number(sums.pods_restarted, "pod")
    return f"{releases}, up to {pods}"


def _setting(before: object, after: object) -> str:
    """What became of a setting; one that is no text is too long for a sentence."""
    if isinstance(before, str) and isinstance(after, str):
        return change_words(before or None, after or None)
    return "differs"


def _devices_words(devices: Devices) -> str:
    """What a cluster is asked for before, after and meanwhile, against what it has."""
    counts = f"{devices.before} → {devices.after}, {devices.peak} while all roll"
    words = f"{devices.resource}: {counts}"
    cluster = devices.cluster
    capacity = devices.capacity
    if capacity is None:
        return f"{words}; nobody says how many cluster {cluster} has"
    words += f", of {capacity} in cluster {cluster}"
    # Where they do not fit after the change either, a rule says so.
    if devices.peak > capacity >= devices.after:
        words += ": some pods wait for others to end"
    return words


def release_words(changed: Changed) -> Iterator[str]:
    """What follows for one release, a sentence each; the release's own name is not in them."""
    found = changed.consequences
    if found.failure:
        yield f"cannot be rendered: {visible(found.failure)}"
    yield from _suspension(changed)
    yield from map(_refusal, found.refusals)
    if found.overwritten:
        yield visible(found.overwritten)
    yield from _pods(changed)
    for field in found.clients:
        yield f"clients see {_field(field)}"
    if found.pulls:
        yield f"pulls {names(found.pulls)}"
    yield from _claims(changed)


def _refusal(refusal: Refusal) -> str:
    what = f"{refusal.object} {_field(refusal.field)}"
    return f"the API server refuses {what}; {refusal.advice}"


def _pods(changed: Changed) -> Iterator[str]:
    """What becomes of the pods, in one sentence; none where nothing is known, because Helm failed."""
    found = changed.consequences
    if changed.pair.kind == ADDED:
        yield "is added: its pods start"
    elif changed.pair.kind == REMOVED:
        yield _removal(changed.pair.before)
    elif found.restarts:
        yield f"pods restart: {_some_fields(found.restarts)}"
    elif found.replicas:
        yield f"replicas {_change(found.replicas)}: no running pod restarts"
    elif found.objects:
        yield f"no pod restarts; changes {_kinds(found.objects)}"
    elif not found.failure:
        yield "no object changes"


def _removal(release: Release | None) -> str:
    """What becomes of the pods of a release that goes.

    Flux uninstalls nothing that is suspended: reconcileDelete in internal/controller/helmrelease_controller.go of
    github.com/fluxcd/helm-controller, v1.5.0. What Argo CD deletes goes with its objects, suspended or not.
    """
    if release is None or not release.suspended or release.environment.engine != "flux":
        return "is removed: its pods end"
    name, namespace = release.name, release.environment.namespace
    return (
        "is removed while it is suspended: Flux uninstalls nothing then, and its pods run on; "
        f"end the suspension in a commit before, or run helm uninstall {name} -n {namespace}"
    )


def _some_fields(fields: Sequence[Field]) -> str:
    """The first fields, and how many more there are."""
    shown = [_field(field) for field in fields[:SHOWN]]
    more = len(fields) - SHOWN
    if more > 0:
        shown.append(f"{more} more fields")
    return "; ".join(shown)


def _kinds(objects: Iterable[ObjectPair]) -> str:
    kinds = set(map(_kind, objects))
    return ", ".join(sorted(kinds))


def _kind(pair: ObjectPair) -> str:
    """The kind; with when it is made, where it is a hook like the test, and no pod of the server."""
    kind = pair.key.kind
    if pair.hook:
        kind += f" (hook {pair.hook})"
    return kind


def _field(field: Field) -> str:
    return f"{field.path}: {_change(field)}"


def _change(field: Field) -> str:
    return change_words(field.before, field.after)


def _suspension(changed: Changed) -> Iterator[str]:
    """What a release's suspension means for its change."""
    before = changed.pair.before
    after = changed.pair.after
    if after is None:
        return
    if changed.is_undecided:
        yield UNDECIDED
    elif after.suspended:
        yield "is suspended: the engine does nothing of this until `suspend` is gone"
    elif before and before.suspended:
        yield "was suspended: what changed in the meantime comes with this"


def _claims(changed: Changed) -> Iterator[str]:
    """What becomes of claims, and of the data in them."""
    found = changed.consequences
    if found.claims_made:
        yield f"makes the claim {names(found.claims_made)}"
    if found.claims_kept:
        yield f"keeps the claim {names(found.claims_kept)} in the cluster, with its data"
    if found.claims_deleted:
        yield f"deletes the claim {names(found.claims_deleted)} with its data"


def owner(changed: Changed) -> str:
    """The team that the release belongs to; "" where nobody says it."""
    team: str = changed.pair.release.value("owner")["team"]
    return team
