"""Hooks of containers, which end before the pod does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.deployment import server_pod
from tritonfleet.nouns import Release
from tritonfleet.pod import Pod
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.timing import timing
from tritonfleet.values import KeyPath, Values, lookup

HOOKS = ("postStart", "preStop")
GRACE = "terminationGracePeriodSeconds"


class Sleep(NamedTuple):
    """A hook that waits: its path in the template, and its seconds."""

    path: KeyPath
    seconds: int


@release_rule("TF240", "lifecycle initContainers sidecars podTemplate")
def hooks_end_before_the_pod(release: Release, values: Values) -> Iterator[Problem]:
    """No hook sleeps longer than the pod has to end; the API server refuses it, for a start as for an end."""
    pod = server_pod(release)
    grace = pod.spec.get(GRACE)
    if not isinstance(grace, int):
        grace = timing(values).grace
    for sleep in _sleeps(pod):
        if sleep.seconds not in range(grace + 1):
            message = (
                f"the hook sleeps {sleep.seconds} s, and the pod has {grace} s to end"
            )
            hint = f"sleep from 0 to {grace} s, or raise `{GRACE}`"
            yield at(release, pod.origin(sleep.path), message, hint)
    yield from _cut_drain(release, pod, values, grace)


def _sleeps(pod: Pod) -> Iterator[Sleep]:
    for container in pod.containers:
        for hook in HOOKS:
            path = ("lifecycle", hook, "sleep", "seconds")
            seconds = lookup(container.value, path)
            if isinstance(seconds, int):
                yield Sleep((*container.path, *path), seconds)


def _cut_drain(
    release: Release, pod: Pod, values: Values, grace: int
) -> Iterator[Problem]:
    """The chart's own hook, which waits until nobody sends requests any more: a patched pod ends before it."""
    drain = timing(values).drain
    is_patched = pod.is_patched(("spec", "containers")) or values["lifecycle"]
    if grace < drain and not is_patched and pod.is_patched(("spec", GRACE)):
        path = pod.origin(("spec", GRACE))
        message = f"the pod has {grace} s to end, and `shutdown.drain` takes {drain} s"
        hint = "remove it: the chart derives it"
        yield at(release, path, message, hint)
