"""What is wrong with a part of a pod, told at the value that the part comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tritonfleet.nouns import Release
from tritonfleet.pod import Pod
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at
from tritonfleet.values import KeyPath


class Fault(NamedTuple):
    """A part of a pod, or of an object, that is wrong: its path in there, what is wrong, and what to do."""

    path: KeyPath
    message: str
    hint: str


def problems_of(
    release: Release, pod: Pod, faults: Iterable[Fault]
) -> Iterator[Problem]:
    """The problems of a release's pod."""
    for fault in faults:
        origin = pod.origin(fault.path)
        yield at(release, origin, fault.message, fault.hint)
