"""Items of a pod's lists that may stand there once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from tritonfleet.deployment import has_own_parts, server_pod
from tritonfleet.nouns import Release
from tritonfleet.pod import Part, Pod
from tritonfleet.problem import Problem
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup, mapping_at, text_at

SPREAD = "topologySpreadConstraints"
# Lists of a pod's spec whose items have names.
NAMED = ("schedulingGates", "resourceClaims")


class Item(NamedTuple):
    """An item of a list: where it is, and what it is in words."""

    path: KeyPath
    words: str


Claims = Iterator[tuple[Hashable, Item]]


@release_rule(
    "TF242",
    "topologySpreadConstraints podSecurityContext podTemplate initContainers sidecars volumes httpRoute grpcRoute "
    "affinity",
)
def items_stand_once(release: Release, values: Values) -> Iterator[Problem]:
    """What a list of Kubernetes has once stands there once."""
    pod = Pod({})  # as of nearly every release, whose lists are the chart's own
    if has_own_parts(release):
        pod = server_pod(release)
    for _, _, later in clashes(_in_template(pod)):
        origin = pod.origin(later.path)
        yield _problem(release, origin, later.words)
    for _, _, later in clashes(_in_values(pod, values)):
        yield _problem(release, later.path, later.words)
    for path in _both_ways(values["affinity"], ("affinity",)):
        message = "a label must match, and must not"
        yield at(release, path, message, "remove it from one of the lists")


def _problem(release: Release, path: KeyPath, words: str) -> Problem:
    return at(release, path, f"{words} is there twice", "keep one")


def _in_template(pod: Pod) -> Claims:
    for sysctl in pod.parts("spec", "securityContext", "sysctls"):
        name = text_at(sysctl.value, "name")
        yield ("sysctl", name), Item(sysctl.path, f"the sysctl {name}")
    for kind in NAMED:
        for each in pod.parts("spec", kind):
            name = text_at(each.value, "name")
            yield (kind, name), Item(each.path, f"{name} in {kind}")
    for container in pod.containers:
        yield from _in_container(container)
    for volume in pod.volumes:
        yield from _in_volume(volume)


def _in_container(container: Part) -> Claims:
    own = container.path
    for policy in container.parts("resizePolicy"):
        name = text_at(policy.value, "resourceName")
        yield (own, "resize", name), Item(policy.path, f"a policy for {name}")
    for key in ("devicePath", "name"):
        for device in container.parts("volumeDevices"):
            name = text_at(device.value, key)
            path = (*device.path, key)
            yield (own, key, name), Item(path, f"the device {name}")


def _in_volume(volume: Part) -> Claims:
    """Files of a projected volume whose names people chose; two Secrets may have one key."""
    for source in volume.parts("projected", "sources"):
        for kind in ("secret", "configMap", "downwardAPI"):
            for file in source.parts(kind, "items"):
                name = text_at(file.value, "path")
                path = (*file.path, "path")
                yield (volume.path, name), Item(path, f"the file {name}")


def _in_values(pod: Pod, values: Values) -> Claims:
    path: KeyPath = (SPREAD,)
    constraints = values[SPREAD]
    if pod.is_patched(("spec", SPREAD)):
        path = ("podTemplate", "spec", SPREAD)
        constraints = list_at(pod.spec, SPREAD)
    for index, each in enumerate(constraints):
        key = text_at(each, "topologyKey")
        when = text_at(each, "whenUnsatisfiable")
        item = Item((*path, index), f"a spread over {key} with {when}")
        yield (SPREAD, key, when), item
    for route in ("httpRoute", "grpcRoute"):
        references = values[route]["parentRefs"]
        yield from _parents(route, references)


def _parents(route: str, references: list[Any]) -> Claims:
    """One parent more than once needs a listener of its own each time, whatever the ports are."""
    whole = set()
    for each in references:
        if not lookup(each, ("sectionName",)):
            whole.add(_parent(each))
    for index, each in enumerate(references):
        parent = _parent(each)
        section = lookup(each, ("sectionName",))
        words = f"the parent {text_at(each, 'name')}"
        if parent in whole:
            section = None  # another reference asks for all its listeners
        if section:
            words += f" with the listener {section}"
        item = Item((route, "parentRefs", index), words)
        yield (route, parent, section), item


def _parent(reference: Any) -> tuple[Any, ...]:
    """Which object a reference names."""
    named = mapping_at(reference)
    return tuple(map(named.get, ("group", "kind", "namespace", "name")))


def _both_ways(affinity: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Where a key is among those that must match and among those that must not."""
    if isinstance(affinity, list):
        for index, each in enumerate(affinity):
            yield from _both_ways(each, (*path, index))
    elif isinstance(affinity, dict):
        must_match = set(map(str, list_at(affinity, "matchLabelKeys")))
        must_not = map(str, list_at(affinity, "mismatchLabelKeys"))
        if not must_match.isdisjoint(must_not):
            yield (*path, "mismatchLabelKeys")
        for key, value in affinity.items():
            yield from _both_ways(value, (*path, key))
