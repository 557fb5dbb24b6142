"""What a container names of its pod: claims of devices, and volumes beside its mounts."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.deployment import has_own_parts, server_pod
from tritonfleet.nouns import Release
from tritonfleet.pod import Part, Pod, volume_kinds
from tritonfleet.problem import Problem, similar
from tritonfleet.rules.faults import Fault, problems_of
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup, text_at

# Kinds of volumes that a container may have as a device, as a file system nobody made is on them.
BLOCKS = frozenset({"persistentVolumeClaim", "ephemeral"})
# Where a variable names the volume whose file it is read from.
FILE_VOLUME = ("valueFrom", "fileKeyRef", "volumeName")


@release_rule("TF243", "env initContainers sidecars podTemplate volumes")
def names_lead_somewhere(release: Release, values: Values) -> Iterator[Problem]:
    """Claims and volumes that a container names are there."""
    reads_files = any(lookup(each, FILE_VOLUME[:2]) for each in values["env"].values())
    if not reads_files and not has_own_parts(release):
        return  # as nearly every release, whose containers are the chart's own
    pod = server_pod(release)
    claims = _claims(pod, values)
    for container in pod.containers:
        yield from problems_of(release, pod, _in_container(container, pod, claims))
    for fault in _in_env(values["env"], pod):
        yield at(release, fault.path, fault.message, fault.hint)


def _in_env(env: Values, pod: Pod) -> Iterator[Fault]:
    """The same of the release's own variables; these paths are of its values."""
    for name, value in env.items():
        if not lookup(value, ("valueFrom", "fileKeyRef")):
            continue
        volume = text_at(value, *FILE_VOLUME)
        if not _has_files(pod, volume):
            yield _no_files(("env", name, *FILE_VOLUME), volume)


def _claims(pod: Pod, values: Values) -> list[str]:
    """Names of the pod's claims of devices."""
    claims = values["accelerator"]["claims"]
    if pod.is_patched(("spec", "resourceClaims")):
        claims = list_at(pod.spec, "resourceClaims")
    return [text_at(each, "name") for each in claims]


def _in_container(container: Part, pod: Pod, claims: list[str]) -> Iterator[Fault]:
    for claim in container.parts("resources", "claims"):
        name = text_at(claim.value, "name")
        if name not in claims:
            path = (*claim.path, "name")
            message = f"the pod has no claim {name}"
            hint = similar(name, claims) or "add it to `accelerator.claims`"
            yield Fault(path, message, hint)
    yield from _devices(container, pod)
    for variable in container.parts("env"):
        volume = text_at(variable.value, *FILE_VOLUME)
        if volume and not _has_files(pod, volume):
            yield _no_files((*variable.path, *FILE_VOLUME), volume)


def _devices(container: Part, pod: Pod) -> Iterator[Fault]:
    """Volumes that a container has as devices, each of a kind that can be one and not mounted, too."""
    mounts = list_at(container.value, "volumeMounts")
    mounted = {text_at(mount, "name") for mount in mounts}
    for device in container.parts("volumeDevices"):
        name = text_at(device.value, "name")
        path = (*device.path, "name")
        kinds = _kinds(pod, name)
        if not BLOCKS.intersection(kinds):
            message = f"no claim is called {name}, and only a claim can be a device"
            yield Fault(path, message, "add it to `volumes`")
        elif name in mounted:
            message = f"the container has {name} as a device and as a mount"
            yield Fault(path, message, "keep one of them")


def _kinds(pod: Pod, name: str) -> list[str]:
    kinds: list[str] = []
    for volume in pod.volumes:
        if text_at(volume.value, "name") == name:
            kinds += volume_kinds(volume)
    return kinds


def _has_files(pod: Pod, name: str) -> bool:
    """Whether variables can be read from a volume: Kubernetes takes those in the pod's own space only."""
    return "emptyDir" in _kinds(pod, name)


def _no_files(path: KeyPath, volume: str) -> Fault:
    message = f"no emptyDir is called {volume}, from which a variable could be read"
    return Fault(path, message, "add it to `volumes`")
