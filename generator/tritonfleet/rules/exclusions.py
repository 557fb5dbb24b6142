"""Parts of a pod that each are right, and that the API server refuses together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tritonfleet.deployment import server_pod
from tritonfleet.nouns import Release
from tritonfleet.pod import Part, Pod
from tritonfleet.problem import Problem
from tritonfleet.rules.faults import Fault, problems_of
from tritonfleet.rules.helper_pods import helper_pods
from tritonfleet.rules.pod_security import APP_ARMOR, HOST_NAMESPACES
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup, mapping_at, text_at

SECCOMP = "seccomp.security.alpha.kubernetes.io/"
# Words of old annotations, and the types of the fields that replaced them.
PROFILES: Mapping[str, str] = {
    "runtime/default": "RuntimeDefault",
    "docker/default": "RuntimeDefault",
    "unconfined": "Unconfined",
    "localhost": "Localhost",
}
# Sysctls that belong to a namespace which a pod may share with its host.
_SYSCTLS = {
    "hostNetwork": re.compile(r"net[./]"),
    "hostIPC": re.compile(r"kernel[./](shm|msg|sem)|fs[./]mqueue[./]"),
}
_CONTEXT = ("spec", "securityContext")


@release_rule(
    "TF241",
    "podTemplate podSecurityContext securityContext initContainers sidecars volumeMounts podAnnotations "
    "commonAnnotations",
)
def parts_go_together(release: Release, values: Values) -> Iterator[Problem]:
    """No part of the pod excludes another one."""
    pod = server_pod(release)
    yield from problems_of(release, pod, _exclusions(pod, values))
    if pod.patch:  # else these have what the server's pod has
        yield from _unmasked_helpers(release, values)


def _unmasked_helpers(release: Release, values: Values) -> Iterator[Problem]:
    for name, helper in helper_pods(values):
        for fault in _unmasked(helper):
            origin = helper.origin(fault.path)
            message = f"{fault.message}, in {name}"
            yield at(release, origin, message, fault.hint)


def _exclusions(pod: Pod, values: Values) -> Iterator[Fault]:
    yield from _host_users(pod)
    yield from _names(pod)
    yield from _nodes(pod)
    yield from _sysctls(pod)
    yield from _resolvers(pod, values)
    yield from _unmasked(pod)
    yield from _windows(pod)
    for container in pod.containers:
        yield from _shared_mounts(container)
        yield from _host_ports(pod, container)
    yield from _annotations(pod)


def _host_users(pod: Pod) -> Iterator[Fault]:
    """Users of its own keep a pod out of the host's namespaces."""
    if pod.spec.get("hostUsers") is not False:
        return
    for key, words in HOST_NAMESPACES.items():
        if pod.spec.get(key) is True:
            message = f"a pod with users of its own cannot have {words}"
            yield Fault(("spec", key), message, "remove it, or `hostUsers: false`")


def _names(pod: Pod) -> Iterator[Fault]:
    """`hostnameOverride` names the pod, and so nothing else may."""
    path = ("spec", "hostnameOverride")
    if not lookup(pod.template, path):
        return
    for key in ("hostNetwork", "setHostnameAsFQDN"):
        if pod.spec.get(key) is True:
            message = f"`hostnameOverride` and `{key}` exclude each other"
            yield Fault(path, message, "remove one of them")


def _nodes(pod: Pod) -> Iterator[Fault]:
    if pod.spec.get("schedulingGates") and pod.spec.get("nodeName"):
        message = "a pod with `schedulingGates` waits, and `nodeName` lets it begin"
        yield Fault(("spec", "nodeName"), message, "remove one of them")


def _resolvers(pod: Pod, values: Values) -> Iterator[Fault]:
    """Without the cluster's DNS a pod has servers of its own."""
    config = pod.spec.get("dnsConfig") or values["dnsConfig"]
    servers = list_at(config, "nameservers")
    if pod.spec.get("dnsPolicy") == "None" and not servers:
        message = "`dnsPolicy: None` leaves the pod without DNS"
        hint = "say `nameservers` in `dnsConfig`"
        yield Fault(("spec", "dnsPolicy"), message, hint)


def _sysctls(pod: Pod) -> Iterator[Fault]:
    """A sysctl of a namespace is the pod's only where the namespace is."""
    for sysctl in pod.parts(*_CONTEXT, "sysctls"):
        name = text_at(sysctl.value, "name")
        for key, belongs in _SYSCTLS.items():
            is_shared = pod.spec.get(key) is True
            if is_shared and belongs.match(name):
                message = f"{name} is the host's, because of `{key}: true`"
                yield Fault(sysctl.path, message, "remove it")


def _unmasked(pod: Pod) -> Iterator[Fault]:
    """An unmasked /proc is for pods with users of their own."""
    if pod.spec.get("hostUsers") is False:
        return
    for container in pod.containers:
        path = ("securityContext", "procMount")
        if lookup(container.value, path) == "Unmasked":
            message = "only a pod with users of its own has an unmasked /proc"
            hint = "remove it, or say podTemplate: {spec: {hostUsers: false}}"
            yield Fault((*container.path, *path), message, hint)


def _windows(pod: Pod) -> Iterator[Fault]:
    path = (*_CONTEXT, "windowsOptions", "hostProcess")
    is_of_host = lookup(pod.template, path) is True
    if is_of_host and pod.spec.get("hostNetwork") is not True:
        message = "a process of the Windows host has the host's network, and this pod has its own"
        yield Fault(path, message, "remove it: Triton's images are of Linux")


def _shared_mounts(container: Part) -> Iterator[Fault]:
    """Only a privileged container may mount something for the whole node."""
    if lookup(container.value, ("securityContext", "privileged")) is True:
        return
    for mount in container.parts("volumeMounts"):
        if mount.value.get("mountPropagation") == "Bidirectional":
            path = (*mount.path, "mountPropagation")
            message = "only a privileged container mounts for its node, too"
            hint = "write HostToContainer, which sees what the node mounts"
            yield Fault(path, message, hint)


def _host_ports(pod: Pod, container: Part) -> Iterator[Fault]:
    """On the host's network a container listens on the node's port, and on no other."""
    if pod.spec.get("hostNetwork") is not True:
        return
    for port in container.parts("ports"):
        number = port.value.get("containerPort")
        of_node = port.value.get("hostPort")
        if of_node and of_node != number:
            path = (*port.path, "hostPort")
            message = f"on the host's network, port {number} cannot be port {of_node} of the node"
            yield Fault(path, message, "remove it")


def _annotations(pod: Pod) -> Iterator[Fault]:
    """Annotations of AppArmor and seccomp are older than the fields, and must say the same."""
    containers = {text_at(each.value, "name"): each for each in pod.containers}
    path = ("metadata", "annotations")
    for key, value in mapping_at(pod.template, *path).items():
        place = (*path, key)
        profile = str(value)
        if key.startswith(APP_ARMOR):
            container = containers.get(key.removeprefix(APP_ARMOR))
            yield from _app_armor(pod, place, profile, container)
        elif key.startswith(SECCOMP) and _differs(pod, "seccompProfile", profile):
            yield _old(place, "seccompProfile")


def _app_armor(
    pod: Pod, path: KeyPath, value: str, container: Part | None
) -> Iterator[Fault]:
    """An annotation of AppArmor is for a container that is there, and agrees with its field."""
    if container is None:
        message = "the annotation names a container that is not there"
        yield Fault(path, message, "name one of the pod's containers behind the /")
    elif _profile(value) is None:
        message = f"{value} is no profile of AppArmor"
        hint = "write runtime/default, unconfined or localhost/NAME"
        yield Fault(path, message, hint)
    elif _differs(pod, "appArmorProfile", value, container):
        yield _old(path, "appArmorProfile")


def _old(path: KeyPath, field: str) -> Fault:
    message = f"the annotation does not say what `{field}` says"
    return Fault(path, message, f"remove the annotation, and say `{field}`")


def _differs(pod: Pod, field: str, value: str, container: Part | None = None) -> bool:
    """Whether an annotation says another profile than the field of the container, or of the pod."""
    said: Any = None
    if container is not None:
        said = lookup(container.value, ("securityContext", field, "type"))
    said = said or lookup(pod.template, (*_CONTEXT, field, "type"))
    if said is None:
        return False
    return bool(said != _profile(value))


def _profile(annotation: str) -> str | None:
    kind, _, _ = annotation.partition("/")  # localhost of localhost/NAME
    return PROFILES.get(annotation) or PROFILES.get(kind)
