"""Commands of containers that install packages where their file system is read-only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tritonfleet.deployment import server_pod
from tritonfleet.nouns import Release
from tritonfleet.pod import Part, Pod
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.pod_parts import PEOPLES
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup, text_at

# Commands that write into the image's own directories; with a directory of their own they do not.
_INSTALLS = re.compile(
    r"\b(?:pip3?|uv pip|conda|mamba|npm|gem)\s+install\b|\bapk\s+(?:\S+\s+)*add\b"
    r"|\b(?:apt|apt-get|dnf|yum|microdnf)\s+(?:-\S+\s+)*(?:install|update)\b"
)
_ELSEWHERE = re.compile(r"\s(?:-t|--target|--prefix|--root|--user)\b")
_READ_ONLY = ("securityContext", "readOnlyRootFilesystem")
_HINT = (
    "use an image that has the packages; or install below a mount, as in `pip install --target`; "
    "or write a `securityContext` that the environment's `podSecurity` admits"
)


class Install(NamedTuple):
    """A command that installs packages: its path in the template, and its container."""

    path: KeyPath
    container: str
    words: str
    """Those of the command that say so: pip install."""


@release_rule("TF129", "initContainers sidecars podTemplate server", WARNING)
def packages_can_be_installed(release: Release, values: Values) -> Iterator[Problem]:
    """A container that installs packages can write where they go."""
    server = values["server"]
    parts = (values[key] for key in PEOPLES)
    written = [server["command"], server["args"], *parts]
    if not any(written):
        return  # as in nearly every release, whose commands are the chart's
    pod = server_pod(release)
    for install in _installs(pod):
        runs = f"container {install.container} runs `{install.words}`"
        message = f"{runs}, but its file system is read-only"
        origin = pod.origin(install.path)
        yield at(release, origin, message, _HINT)


def _installs(pod: Pod) -> Iterator[Install]:
    """Commands that cannot write what they install."""
    for container in pod.containers:
        if lookup(container.value, _READ_ONLY) is True:
            yield from _of_container(container)


def _of_container(container: Part) -> Iterator[Install]:
    for key in ("command", "args"):
        command = map(str, list_at(container.value, key))
        words = " ".join(command)
        match = _INSTALLS.search(words)
        if match and not _ELSEWHERE.search(words):
            path = (*container.path, key)
            name = text_at(container.value, "name")
            yield Install(path, name, match[0])
