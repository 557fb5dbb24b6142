"""Why a claim of a pod does not bind."""

from __future__ import annotations

import re

from tritonfleet.status.nouns import FAILING, Cause, Object
from tritonfleet.status.objects import message
from tritonfleet.status.release import Release
from tritonfleet.values import list_at, text_at

_NOT_THERE = re.compile(r'persistentvolumeclaim "(?P<name>[^"]+)" not found')


def unbound_claim(release: Release, pod: Object, words: str) -> Cause:
    """What is known of the claim that a pod waits for; `words` are the scheduler's."""
    kubectl = release.site.kubectl
    missing = _NOT_THERE.search(words)
    if missing:
        name = missing["name"]
        told = f"there is no claim {name} in {release.site.namespace}"
        return Cause(FAILING, told, f"{kubectl} get persistentvolumeclaims")
    for name in _claims_of(pod):
        claim = release.read.named("persistentvolumeclaims", name)
        if claim and text_at(claim, "status", "phase") != "Bound":
            told = _why(release, claim)
            step = f"{kubectl} describe persistentvolumeclaim {name}"
            return Cause(FAILING, f"the claim {name} does not bind: {told}", step)
    step = f"{kubectl} get persistentvolumeclaims"
    return Cause(FAILING, f"a claim does not bind: {words}", step)


def _claims_of(pod: Object) -> list[str]:
    volumes = list_at(pod, "spec", "volumes")
    names = [text_at(each, "persistentVolumeClaim", "claimName") for each in volumes]
    return [name for name in names if name]


def _why(release: Release, claim: Object) -> str:
    """What the provisioner or the controller said last of it, or what the claim asks for."""
    uid = text_at(claim, "metadata", "uid")
    for event in reversed(release.read.of("events")):
        about = text_at(event, "involvedObject", "uid")
        if about == uid:
            return message(event)
    storage = text_at(claim, "spec", "storageClassName") or "no storage class"
    size = text_at(claim, "spec", "resources", "requests", "storage")
    phase = text_at(claim, "status", "phase")
    return f"it asks for {size} of {storage} and is {phase}"
