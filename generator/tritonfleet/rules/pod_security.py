"""Pod Security: what the level of an environment's namespace refuses in the pods of a release.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, as Kubernetes 1.37 enforces it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tritonfleet.deployment import has_own_parts, server_pod
from tritonfleet.nouns import Environment, Release
from tritonfleet.pod import Part, Pod, volume_kinds
from tritonfleet.problem import Problem
from tritonfleet.rules.admission import minor
from tritonfleet.rules.extra_pods import pods_of_extras
from tritonfleet.rules.helper_pods import helper_pods
from tritonfleet.rules.pod_security_fields import (
    OF_BOTH,
    OF_CONTAINERS,
    RESTRICTED_OF_CONTAINERS,
    ROOT,
    SYSCTLS,
    UNMASKED,
    VOLUMES,
    Setting,
    has_foreign_profile,
)
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup, mapping_at, text_at

HOST_NAMESPACES = {
    "hostNetwork": "the host's network",
    "hostPID": "the host's processes",
    "hostIPC": "the host's IPC",
}
HANDLERS = (
    ("startupProbe",),
    ("livenessProbe",),
    ("readinessProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
# Repositories in volumes of which some level refuses at least one kind.
UNUSUAL_REPOSITORIES = frozenset({"hostPath", "nfs", "volume"})
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
HOSTS_SINCE = 34  # Kubernetes 1.34 began to look at hosts of probes
USERS_SINCE = 35  # and 1.35 at pods with users of their own


class Refused(NamedTuple):
    """A part of a pod that a level refuses: its path in the template, what it is, and what to write instead."""

    path: KeyPath
    words: str
    instead: str


@release_rule(
    "TF119",
    "repository extraRepositories scratch podSecurityContext securityContext podTemplate volumes initContainers "
    "sidecars podAnnotations commonAnnotations lifecycle startupProbe livenessProbe readinessProbe extraObjects",
)
def pod_is_admitted(release: Release, values: Values) -> Iterator[Problem]:
    """The environment's Pod Security level admits the pods; it would only warn about the Deployment."""
    environment = release.environment
    if environment.pod_security == "privileged":
        return
    yield from _refused_beside(release, pods_of_extras(values))
    if not has_own_parts(release) and not _has_unusual_volume(values):
        return  # as nearly every release, whose pod is the chart's own
    pod = server_pod(release)
    for refused in _refused(pod, environment):
        yield _problem(release, pod, refused, refused.words)
    if pod.patch:  # else what is refused in these was refused in the server's
        yield from _refused_beside(release, helper_pods(values))


def _refused_beside(
    release: Release, pods: Iterator[tuple[str, Pod]]
) -> Iterator[Problem]:
    """What is refused in pods that are not the server's, each with what it is called."""
    for name, pod in pods:
        for refused in _refused(pod, release.environment):
            what = f"{refused.words} in {name}"
            yield _problem(release, pod, refused, what)


def _has_unusual_volume(values: Values) -> bool:
    """Whether a volume that the chart makes may be of a kind that not every level admits."""
    if values.get("extraRepositories") or values["scratch"].get("volume"):
        return True
    return not UNUSUAL_REPOSITORIES.isdisjoint(values["repository"])


def _problem(release: Release, pod: Pod, refused: Refused, what: str) -> Problem:
    """The problem of a refused part, blamed on the value that it comes from."""
    environment = release.environment
    name = environment.name
    level = f"Pod Security level `{environment.pod_security}` of {name}"
    message = f"{level} refuses {what}"
    hint = f"{refused.instead}, or give {name} a `podSecurity` that admits it"
    origin = pod.origin(refused.path)
    return at(release, origin, message, hint, key=True)


def _refused(pod: Pod, environment: Environment) -> Iterator[Refused]:
    """Everything in a pod that the environment's level refuses."""
    version = minor(environment.kubernetes)
    has_own_users = version >= USERS_SINCE and pod.spec.get("hostUsers") is False
    yield from _of_baseline(pod, version)
    if not has_own_users:
        yield from _of_containers(pod, (UNMASKED,))
    if environment.pod_security == "restricted":
        yield from _of_restricted(pod)
        if not has_own_users:
            yield from _roots(pod)


def _of_baseline(pod: Pod, version: int) -> Iterator[Refused]:
    """What `baseline` refuses, and so `restricted` does, too."""
    yield from _host_namespaces(pod)
    yield from _kinds(pod, "hostPath".__eq__)
    yield from _of_pod(pod, OF_BOTH)
    yield from _sysctls(pod, version)
    yield from _annotations(pod)
    yield from _of_containers(pod, OF_BOTH + OF_CONTAINERS)
    for container in pod.containers:
        yield from _host_ports(container)
        if version >= HOSTS_SINCE:
            yield from _hosts(container)


def _of_restricted(pod: Pod) -> Iterator[Refused]:
    yield from _kinds(pod, lambda kind: kind not in VOLUMES)
    yield from _of_containers(pod, RESTRICTED_OF_CONTAINERS)
    words = "a pod without a seccomp profile"
    instead = "write `seccompProfile: {type: RuntimeDefault}`"
    yield from _missing(pod, ("seccompProfile", "type"), words, instead)


def _roots(pod: Pod) -> Iterator[Refused]:
    """Whatever in a pod may run as root."""
    yield from _of_pod(pod, ROOT)
    yield from _of_containers(pod, ROOT)
    words = "a pod that may run as root"
    yield from _missing(pod, ("runAsNonRoot",), words, "write `runAsNonRoot: true`")


def _host_namespaces(pod: Pod) -> Iterator[Refused]:
    for key, words in HOST_NAMESPACES.items():
        if pod.spec.get(key) is True:
            yield Refused(("spec", key), words, "remove it")


def _kinds(pod: Pod, refuses: Callable[[str], bool]) -> Iterator[Refused]:
    """Volumes of kinds that are refused."""
    for volume in pod.volumes:
        refused = filter(refuses, volume_kinds(volume))
        for kind in refused:
            words = f"{_article(kind)} {kind} volume"
            yield Refused((*volume.path, kind), words, "use another kind")


def _article(word: str) -> str:
    return "an" if word[0] in "aeiofn" and word != "flexVolume" else "a"


def _of_pod(pod: Pod, settings: Iterable[Setting]) -> Iterator[Refused]:
    """Settings of the pod's own security context."""
    path = ("spec", "securityContext")
    context = mapping_at(pod.template, *path)
    for setting in settings:
        value = lookup(context, setting.path)
        if setting.refuses(value):
            place = (*path, *setting.path)
            words = setting.words.replace("a container", "a pod")
            yield Refused(place, words, setting.instead)


def _of_containers(pod: Pod, settings: Iterable[Setting]) -> Iterator[Refused]:
    """Settings of every container's security context."""
    for container in pod.containers:
        context = mapping_at(container.value, "securityContext")
        for setting in settings:
            value = lookup(context, setting.path)
            if setting.refuses(value):
                place = (*container.path, "securityContext", *setting.path)
                yield Refused(place, setting.words, setting.instead)


def _missing(pod: Pod, path: KeyPath, words: str, instead: str) -> Iterator[Refused]:
    """A setting that each container has, or the pod for those that say nothing."""
    of_pod = ("spec", "securityContext", *path)
    if lookup(pod.template, of_pod) is not None:
        return
    for container in pod.containers:
        if lookup(container.value, ("securityContext", *path)) is None:
            yield Refused(of_pod, words, instead)
            return


def _sysctls(pod: Pod, version: int) -> Iterator[Refused]:
    for sysctl in pod.parts("spec", "securityContext", "sysctls"):
        name = text_at(sysctl.value, "name")
        since = SYSCTLS.get(name)
        if since is None or since > version:
            yield Refused(sysctl.path, f"the sysctl {name}", "remove it")


def _annotations(pod: Pod) -> Iterator[Refused]:
    """Annotations from before there were fields for AppArmor, which still count."""
    path = ("metadata", "annotations")
    for name, profile in mapping_at(pod.template, *path).items():
        if name.startswith(APP_ARMOR) and has_foreign_profile(profile):
            words = f"the AppArmor profile {profile}"
            yield Refused((*path, name), words, "use runtime/default")


def _host_ports(container: Part) -> Iterator[Refused]:
    for port in container.parts("ports"):
        number = port.value.get("hostPort")
        if number:
            path = (*port.path, "hostPort")
            yield Refused(path, f"hostPort {number}", "remove it")


def _hosts(container: Part) -> Iterator[Refused]:
    """Probes and hooks that ask another host than the pod."""
    for handler in HANDLERS:
        for protocol in ("httpGet", "tcpSocket"):
            path = (*handler, protocol, "host")
            host = text_at(container.value, *path)
            if host:
                words = f"the host {host} of a probe or hook"
                yield Refused((*container.path, *path), words, "remove it")
