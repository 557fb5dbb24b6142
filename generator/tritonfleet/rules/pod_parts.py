"""Parts of a pod that must fit each other: volumes, mounts, containers, and what a Deployment's pods may say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tritonfleet.deployment import selector, server_pod
from tritonfleet.nouns import Release
from tritonfleet.pod import Part, Pod, volume_kinds
from tritonfleet.problem import Problem, similar
from tritonfleet.rules.clashes import clashes
from tritonfleet.rules.faults import Fault, problems_of
from tritonfleet.rules.registry import release_rule
from tritonfleet.values import KeyPath, Values, lookup, mapping_at, text_at

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
LABEL = "at most 63 of a-z, 0-9 and -, with a letter or digit at both ends"
# What the chart mounts, and the value that changes it.
OWN_DIRECTORIES = {"/tmp": "scratch", "/dev/shm": "sharedMemory"}  # noqa: S108
# Root keys in which people write parts of a pod themselves, and those that add mounts.
PEOPLES = ("volumes", "initContainers", "sidecars", "podTemplate")
PEOPLES_MOUNTS = ("volumeMounts", "caches", "extraRepositories", *PEOPLES)


def _named(parts: Iterator[Part]) -> Iterator[tuple[str, Part]]:
    """Parts with a name, each with it."""
    for part in parts:
        name = text_at(part.value, "name")
        if name:
            yield name, part


def _is_peoples(pod: Pod, part: Part) -> bool:
    """Whether people wrote a part themselves, and not the chart."""
    origin = pod.origin(part.path)  # () of the server's own container
    return bool(origin) and origin[0] in PEOPLES


@release_rule("TF124", "volumes podTemplate repository caches")
def volumes_are_one_each(release: Release, values: Values) -> Iterator[Problem]:
    """Every volume has a name of its own, and one kind."""
    has_own = values["volumes"] or values["podTemplate"] or values.get("caches")
    if has_own:  # else all volumes are the chart's
        pod = server_pod(release)
        yield from problems_of(release, pod, _wrong_volumes(pod))


def _wrong_volumes(pod: Pod) -> Iterator[Fault]:
    yield from _clashing_volumes(pod)
    for volume in pod.volumes:
        yield from _wrong_volume(volume)


def _clashing_volumes(pod: Pod) -> Iterator[Fault]:
    for name, first, later in clashes(_named(pod.volumes)):
        message = f"two volumes are called {name}"
        if not _is_peoples(pod, first):
            message = f"the chart has a volume {name} itself"
        yield Fault(later.path, message, "choose another name")


def _wrong_volume(volume: Part) -> Iterator[Fault]:
    """What Kubernetes refuses in one volume, whatever the others are."""
    name = text_at(volume.value, "name")
    kinds = volume_kinds(volume)
    if len(kinds) > 1:
        words = " and ".join(kinds)
        message = f"the volume {name} has {len(kinds)} kinds: {words}"
        yield Fault(volume.path, message, "keep one")
    if name and not _LABEL.match(name):
        yield Fault(volume.path, f"{name} cannot name a volume", LABEL)


@release_rule("TF125", "volumes volumeMounts initContainers sidecars podTemplate")
def mounted_volumes_are_there(release: Release, _: Values) -> Iterator[Problem]:
    """Every volume that a container mounts is there."""
    pod = server_pod(release)
    yield from problems_of(release, pod, _mounts_of_nothing(pod))


def _mounts_of_nothing(pod: Pod) -> Iterator[Fault]:
    names = [name for name, _ in _named(pod.volumes)]
    for container, mount in _mounts(pod):
        name = text_at(mount.value, "name")
        if not name or name in names:
            continue
        who = text_at(container.value, "name")
        message = f"container {who} mounts the volume {name}, which is not there"
        if _has_lost_its_volume(pod, mount):
            hint = "this list replaces all volumes: say in `volumes` what you add"
            yield Fault(VOLUMES, message, hint)
        else:
            path = (*mount.path, "name")
            hint = similar(name, names) or "add it to `volumes`"
            yield Fault(path, message, hint)


VOLUMES = ("spec", "volumes")


def _has_lost_its_volume(pod: Pod, mount: Part) -> bool:
    """Whether a mount was right until `podTemplate` took its volume away."""
    return pod.is_patched(VOLUMES) and not pod.is_patched(mount.path)


def _mounts(pod: Pod) -> Iterator[tuple[Part, Part]]:
    """Every container with each of its mounts."""
    for container in pod.containers:
        for mount in container.parts("volumeMounts"):
            yield container, mount


MOUNTING = frozenset({
    "volumeMounts", "initContainers", "sidecars", "podTemplate", "caches", "extraRepositories",
})  # fmt: skip


@release_rule(
    "TF126",
    "volumeMounts initContainers sidecars podTemplate caches extraRepositories repository",
)
def mounts_have_places(release: Release, values: Values) -> Iterator[Problem]:
    """A container mounts one volume at a path."""
    keys = release.values.keys() - {"repository"}
    if keys.isdisjoint(MOUNTING) and "volume" not in values["repository"]:
        return  # as nearly every release, whose mounts are the chart's own
    pod = server_pod(release)
    yield from problems_of(release, pod, _clashing_mounts(pod))


def _clashing_mounts(pod: Pod) -> Iterator[Fault]:
    """Directories of a container at which two volumes are mounted."""
    for (_, directory), first, later in clashes(_directories(pod)):
        message = f"two volumes are mounted at {directory}"
        hint = "choose another path"
        key = pod.origin(first.path)[0]
        if key not in PEOPLES_MOUNTS:
            message = f"the chart mounts {directory} itself"
            owner = OWN_DIRECTORIES.get(directory, key)
            hint = f"remove it; `{owner}` says what is there"
        yield Fault((*later.path, "mountPath"), message, hint)


def _directories(pod: Pod) -> Iterator[tuple[tuple[KeyPath, str], Part]]:
    """Every directory of a container at which something is mounted, with the mount."""
    for container, mount in _mounts(pod):
        directory = text_at(mount.value, "mountPath")
        if directory:
            place = (container.path, directory)
            yield place, mount


@release_rule("TF127", "initContainers sidecars podTemplate")
def containers_have_names(release: Release, _: Values) -> Iterator[Problem]:
    """Every container has a name of its own, which a DNS label can be."""
    pod = server_pod(release)
    yield from problems_of(release, pod, _wrong_names(pod))


def _wrong_names(pod: Pod) -> Iterator[Fault]:
    yield from _clashing_names(pod)
    for name, container in _named(pod.containers):
        if not _LABEL.match(name):
            path = (*container.path, "name")
            yield Fault(path, f"{name} cannot name a container", LABEL)


def _clashing_names(pod: Pod) -> Iterator[Fault]:
    """Equal names of containers, blamed on one that people wrote: the chart's own cannot be called otherwise."""
    for name, first, later in clashes(_named(pod.containers)):
        peoples = [part for part in (later, first) if _is_peoples(pod, part)]
        message = f"two containers are called {name}"
        if len(peoples) < 2:
            message = f"the chart has a container {name} itself"
        blamed = peoples[0] if peoples else later
        path = (*blamed.path, "name")
        yield Fault(path, message, "choose another name")


@release_rule("TF128", "podTemplate")
def template_fits_the_deployment(release: Release, values: Values) -> Iterator[Problem]:
    """`podTemplate` keeps the labels that find the pods, and says what a Deployment's pods may have."""
    pod = server_pod(release)
    labels = selector(release.name, values)
    wrong_labels = _wrong_labels(pod.template, labels)
    yield from problems_of(release, pod, wrong_labels)
    foreign = _foreign_to_deployments(pod.template)
    yield from problems_of(release, pod, foreign)


def _wrong_labels(template: Values, labels: Values) -> Iterator[Fault]:
    finds = "is a label by which Deployment and Service find the pods"
    for label, value in labels.items():
        path = ("metadata", "labels", label)
        if lookup(template, path) != value:
            yield Fault(path, f"{label} {finds}", "remove it")


def _foreign_to_deployments(template: Values) -> Iterator[Fault]:
    """What Kubernetes takes in a pod, but not in one of a Deployment."""
    spec = mapping_at(template, "spec")
    if spec.get("restartPolicy") not in (None, "Always"):
        path = ("spec", "restartPolicy")
        yield Fault(path, "a Deployment restarts its pods always", "remove it")
    yield from _shared_processes(spec)
    for key in ("activeDeadlineSeconds", "ephemeralContainers"):
        if spec.get(key) is not None:
            message = f"a Deployment's pods have no {key}"
            yield Fault(("spec", key), message, "remove it")


def _shared_processes(spec: Values) -> Iterator[Fault]:
    """Two settings of processes that exclude each other; the chart has set the second."""
    is_separate = spec.get("shareProcessNamespace") is False
    if spec.get("hostPID") is True and not is_separate:
        message = (
            "a pod has the host's processes, or shares its own as the chart's does"
        )
        hint = "say `shareProcessNamespace: false` beside it"
        yield Fault(("spec", "hostPID"), message, hint)
