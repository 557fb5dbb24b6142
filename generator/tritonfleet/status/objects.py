"""Parts of Kubernetes' objects that several causes look at. What an object does not say counts as not there."""

from __future__ import annotations

from datetime import datetime

from tritonfleet.status.nouns import Object
from tritonfleet.values import list_at, mapping_at, text_at

LONGEST = 400  # characters of a message


def name_of(thing: Object) -> str:
    return text_at(thing, "metadata", "name")


def owner_of(thing: Object) -> str:
    """The UID of what controls an object; "" of none."""
    for owner in list_at(thing, "metadata", "ownerReferences"):
        if owner.get("controller"):
            return text_at(owner, "uid")
    return ""


def is_ending(thing: Object) -> bool:
    return bool(text_at(thing, "metadata", "deletionTimestamp"))


def condition(thing: Object, kind: str) -> Object:
    """A condition of an object's status; an empty mapping where there is none."""
    for each in list_at(thing, "status", "conditions"):
        if each.get("type") == kind:
            found: Object = each
            return found
    return {}


def is_true(thing: Object, kind: str) -> bool:
    return condition(thing, kind).get("status") == "True"


def is_false(thing: Object, kind: str) -> bool:
    return condition(thing, kind).get("status") == "False"


def message(part: Object) -> str:
    """What a condition or a state says, in one line that is not too long."""
    written = text_at(part, "message")
    words = " ".join(written.split())
    if len(words) > LONGEST:
        return words[:LONGEST] + "…"
    return words


def time_of(text: str) -> float:
    """Seconds since 1970 of a time like 2026-11-21T23:22:41Z; 0 of no time."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0


def is_observed(thing: Object) -> bool:
    """Whether the controller has seen the newest version of an object."""
    metadata = mapping_at(thing, "metadata")
    status = mapping_at(thing, "status")
    newest: int = metadata.get("generation", 0)
    observed: int = status.get("observedGeneration", 0)
    return observed >= newest
