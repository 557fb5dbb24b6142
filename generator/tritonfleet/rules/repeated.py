"""Items of a pod's lists that may stand there once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from tritonfleet.deployment import server_pod
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
    pod = server_pod(release)
    for _, _, later in clashes(_in_template(pod)):
        yield _problem(release, pod.origin(later.path), later.words)
    for _, _, later in clashes(_in_values(pod, values)):
        yield _problem(release, later.path, later.words)
    for path in _both_ways(values["affinity"], ("affinity",)):
        message = "a label must match, and must not"
        yield at(release, path, message, "remove it from one of the lists")


def _problem(release: Release, path: KeyPath, words: str) -> Problem:
    return at(release, path, f"{words} is there twice", "keep one")


def _in_template(pod: Pod) -> Claims:
    context = ("spec", "securityContext", "sysctls")
    for index, sysctl in enumerate(list_at(pod.template, *context)):
        name = text_at(sysctl, "name")
        yield ("sysctl", name), Item((*context, index), f"the sysctl {name}")
    for kind in NAMED:
        for index, each in enumerate(list_at(pod.spec, kind)):
            name = text_at(each, "name")
            yield (kind, name), Item(("spec", kind, index), f"{name} in {kind}")
    for container in pod.containers:
        yield from _in_container(container)
    for volume in pod.volumes:
        yield from _in_volume(volume)


def _in_container(container: Part) -> Claims:
    for index, policy in enumerate(list_at(container.value, "resizePolicy")):
        name = text_at(policy, "resourceName")
        path = (*container.path, "resizePolicy", index)
        yield (container.path, "resize", name), Item(path, f"a policy for {name}")
    for kind, key in (("volumeDevices", "devicePath"), ("volumeDevices", "name")):
        for index, device in enumerate(list_at(container.value, kind)):
            name = text_at(device, key)
            path = (*container.path, kind, index, key)
            yield (container.path, key, name), Item(path, f"the device {name}")


def _in_volume(volume: Part) -> Claims:
    """Files of a projected volume whose names people chose; two Secrets may have one key."""
    for index, source in enumerate(list_at(volume.value, "projected", "sources")):
        for kind in ("secret", "configMap", "downwardAPI"):
            for number, file in enumerate(list_at(mapping_at(source, kind), "items")):
                name = text_at(file, "path")
                path = (*volume.path, "projected", "sources", index, kind)
                item = Item((*path, "items", number, "path"), f"the file {name}")
                yield (volume.path, name), item


def _in_values(pod: Pod, values: Values) -> Claims:
    path: KeyPath = (SPREAD,)
    constraints = values[SPREAD]
    if pod.is_patched(("spec", SPREAD)):
        path = ("podTemplate", "spec", SPREAD)
        constraints = list_at(pod.spec, SPREAD)
    for index, each in enumerate(constraints):
        key, when = text_at(each, "topologyKey"), text_at(each, "whenUnsatisfiable")
        item = Item((*path, index), f"a spread over {key} with {when}")
        yield (SPREAD, key, when), item
    for route in ("httpRoute", "grpcRoute"):
        yield from _parents(route, values[route]["parentRefs"])


def _parents(route: str, references: list[Any]) -> Claims:
    """One parent more than once needs a listener of its own each time, whatever the ports are."""
    parents = list(map(_parent, references))
    whole = {
        parent
        for parent, each in zip(parents, references, strict=True)
        if not lookup(each, ("sectionName",))
    }
    for index, (parent, each) in enumerate(zip(parents, references, strict=True)):
        section = lookup(each, ("sectionName",))
        words = f"the parent {text_at(each, 'name')}"
        if parent in whole:
            section = None  # another reference asks for all its listeners
        if section:
            words += f" with the listener {section}"
        yield (route, parent, section), Item((route, "parentRefs", index), words)


def _parent(reference: Any) -> tuple[Any, ...]:
    """Which object a reference names."""
    keys = ("group", "kind", "namespace", "name")
    return tuple(lookup(reference, (key,)) for key in keys)


def _both_ways(affinity: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Where a key is among those that must match and among those that must not."""
    if isinstance(affinity, list):
        for index, each in enumerate(affinity):
            yield from _both_ways(each, (*path, index))
    elif isinstance(affinity, dict):
        matching = set(map(str, list_at(affinity, "matchLabelKeys")))
        if matching & set(map(str, list_at(affinity, "mismatchLabelKeys"))):
            yield (*path, "mismatchLabelKeys")
        for key, value in affinity.items():
            yield from _both_ways(value, (*path, key))
