"""What follows from a change, in sentences: for each environment, and for each release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tritonfleet.comparison import Changed, Sums
from tritonfleet.comparison.environments import Devices
from tritonfleet.comparison.objects import Field
from tritonfleet.comparison.pairs import ADDED, REMOVED
from tritonfleet.report.shared import number, one_line
from tritonfleet.visible import visible

LONGEST_VALUE = 120  # characters of a value in a sentence
SHOWN = 10  # names, or fields, in a sentence


def value_words(value: Any) -> str:
    """A value, or that there is none."""
    if value is None:
        return "nothing"
    words = visible(value if isinstance(value, str) and value else one_line(value))
    return words if len(words) <= LONGEST_VALUE else words[:LONGEST_VALUE] + "…"


def change_words(before: Any, after: Any) -> str:
    """`24.10-py3 → 24.12-py3`; of two lists, what they do not share."""
    if _are_lists(before, after):
        gone = [item for item in before if item not in after]
        new = [item for item in after if item not in before]
        if gone or new:
            return f"{value_words(gone or None)} → {value_words(new or None)}"
    return f"{value_words(before)} → {value_words(after)}"


def _are_lists(before: Any, after: Any) -> bool:
    return isinstance(before, list) and isinstance(after, list)


def names(items: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    shown = ", ".join(items[:SHOWN])
    more = len(items) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def sums_words(sums: Sums) -> Iterator[str]:
    """What a change adds up to in one environment, a sentence each."""
    counts = {
        "added": len(sums.added),
        "removed": len(sums.removed),
        "changed": len(sums.changed),
    }
    told = [f"{count} {kind}" for kind, count in counts.items() if count]
    yield f"releases: {', '.join(told)}, of {sums.before} before"
    for name, before, after in sums.settings:
        yield f"`{name}` of the environment: {_setting(before, after)}"
    if sums.restarted:
        releases = number(len(sums.restarted), "release")
        yield f"restarts: {releases}, up to {number(sums.pods_restarted, 'pod')}"
    else:
        yield "restarts: none"
    if sums.seconds:
        minutes = -(-sums.seconds // 60)
        yield f"time: at most {number(minutes, 'minute')}, for {sums.longest}"
    yield from map(_devices_words, sums.devices)
    if sums.needs_permission:
        count = len(sums.removed)
        yield f"removals: {count} of {sums.before}; `generate` asks for --allow-removals {count}"


def _setting(before: object, after: object) -> str:
    if isinstance(before, str) and isinstance(after, str):
        return change_words(before or None, after or None)
    return "differs"


def _devices_words(devices: Devices) -> str:
    words = f"{devices.resource}: {devices.before} → {devices.after}, {devices.peak} while all roll"
    if devices.capacity is None:
        return f"{words}; nobody says how many cluster {devices.cluster} has"
    words += f", of {devices.capacity} in cluster {devices.cluster}"
    if devices.peak > devices.capacity >= devices.after:
        words += ": some pods wait for others to end"
    return words


def release_words(changed: Changed) -> Iterator[str]:
    """What follows for one release, a sentence each; the release's own name is not in them."""
    found = changed.consequences
    if found.failure:
        yield f"cannot be rendered: {visible(found.failure)}"
    yield from _suspension(changed)
    for refusal in found.refusals:
        change = change_words(refusal.field.before, refusal.field.after)
        what = f"{refusal.object} {refusal.field.path}"
        yield f"the API server refuses {what}: {change}; {refusal.advice}"
    yield from _pods(changed)
    for field in found.clients:
        yield f"clients see {_field(field)}"
    if found.pulls:
        yield f"pulls {names(found.pulls)}"
    yield from _claims(changed)


def _pods(changed: Changed) -> Iterator[str]:
    found = changed.consequences
    if changed.pair.kind == ADDED:
        yield "is added: its pods start"
    elif changed.pair.kind == REMOVED:
        yield "is removed: its pods end"
    elif found.restarts:
        shown = [_field(field) for field in found.restarts[:SHOWN]]
        more = len(found.restarts) - SHOWN
        if more > 0:
            shown.append(f"{more} more fields")
        yield f"pods restart: {'; '.join(shown)}"
    elif found.replicas:
        words = change_words(found.replicas.before, found.replicas.after)
        yield f"replicas {words}: no running pod restarts"
    elif found.objects:
        kinds = sorted({each.key.kind for each in found.objects})
        yield f"no pod restarts; changes {', '.join(kinds)}"
    elif not found.failure:
        yield "no object changes"


def _field(field: Field) -> str:
    return f"{field.path}: {change_words(field.before, field.after)}"


def _suspension(changed: Changed) -> Iterator[str]:
    before, after = changed.pair.before, changed.pair.after
    if after and after.suspended:
        yield "is suspended: the engine does nothing of this until `suspend` is gone"
    elif before and before.suspended and after:
        yield "was suspended: what changed in the meantime comes with this"


def _claims(changed: Changed) -> Iterator[str]:
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
