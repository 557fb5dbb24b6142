"""What an environment's cluster admits: Pod Security, kinds of volumes, and objects beside the chart's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.nouns import Environment, Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup


class Refused(NamedTuple):
    """Something that a Pod Security level refuses, as far as values can say it."""

    path: KeyPath
    test: Callable[[Any], bool]
    """Whether the value at `path` is refused."""
    words: str


def _is_root(user: Any) -> bool:
    return bool(user == 0)


def _is_not_true(value: Any) -> bool:
    return value is not True


def _is_not_false(value: Any) -> bool:
    return value is not False


def _keeps_capabilities(dropped: Any) -> bool:
    return "ALL" not in (dropped or ())


def _is_unconfined(profile: Any) -> bool:
    return profile in (None, "Unconfined")


# Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
_BASELINE = (
    Refused(("repository", "hostPath"), bool, "a hostPath volume"),
    Refused(("securityContext", "privileged"), bool, "a privileged container"),
    Refused(("podTemplate", "spec", "hostNetwork"), bool, "the host's network"),
    Refused(("podTemplate", "spec", "hostPID"), bool, "the host's processes"),
    Refused(("podTemplate", "spec", "hostIPC"), bool, "the host's IPC"),
    Refused(("securityContext", "capabilities", "add"), bool, "added capabilities"),
)
_RESTRICTED = (
    Refused(("repository", "nfs"), bool, "an nfs volume"),
    Refused(
        ("podSecurityContext", "runAsNonRoot"),
        _is_not_true,
        "a pod that may run as root",
    ),
    Refused(("podSecurityContext", "runAsUser"), _is_root, "user 0"),
    Refused(("securityContext", "runAsUser"), _is_root, "user 0"),
    Refused(
        ("securityContext", "allowPrivilegeEscalation"),
        _is_not_false,
        "privilege escalation",
    ),
    Refused(
        ("securityContext", "capabilities", "drop"),
        _keeps_capabilities,
        "a container that keeps capabilities",
    ),
    Refused(
        ("podSecurityContext", "seccompProfile", "type"),
        _is_unconfined,
        "a pod without a seccomp profile",
    ),
)
_REFUSED: Mapping[str, tuple[Refused, ...]] = {
    "privileged": (),
    "baseline": _BASELINE,
    "restricted": _BASELINE + _RESTRICTED,
}
# Kinds of volumes that `restricted` admits.
_VOLUMES = frozenset({
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
    "secret",
})  # fmt: skip


@release_rule(
    "TF119", "repository podSecurityContext securityContext podTemplate volumes"
)
def pod_is_admitted(release: Release, values: Values) -> Iterator[Problem]:
    """The environment's Pod Security level admits the pod; it would only warn about the Deployment."""
    environment = release.environment
    level = environment.pod_security
    refuses = f"Pod Security level `{level}` of {environment.name} refuses"
    hint = f"change it, or give {environment.name} a `podSecurity` that admits it"
    for refused in _REFUSED[level]:
        if refused.test(lookup(values, refused.path)):
            yield at(
                release, refused.path, f"{refuses} {refused.words}", hint, key=True
            )
    for index, volume in enumerate(values["volumes"]):
        kind = next((key for key in volume if key != "name"), "")
        if _is_refused_volume(level, kind):
            path = ("volumes", index)
            yield at(release, path, f"{refuses} a volume of kind {kind}", hint)


def _is_refused_volume(level: str, kind: str) -> bool:
    if level == "restricted":
        return kind != "" and kind not in _VOLUMES
    return level == "baseline" and kind == "hostPath"


@release_rule("TF120", "repository")
def image_volume_is_known(release: Release, values: Values) -> Iterator[Problem]:
    """The environment's Kubernetes mounts images as volumes."""
    environment = release.environment
    if not values["repository"].get("oci") or not environment.kubernetes:
        return
    minor = int(environment.kubernetes.split(".")[1])
    if minor < 35:  # image volumes are switched on from 1.35
        path = ("repository", "oci")
        message = f"Kubernetes {environment.kubernetes} of {environment.name} has no image volumes switched on"
        hint = "use Kubernetes 1.35 or newer, or another kind of repository"
        yield at(release, path, message, hint, key=True)


# API groups whose kinds are refused even inside a namespace, with the reason.
REFUSED_GROUPS: Mapping[str, str] = {
    "rbac.authorization.k8s.io": "grants rights",
    "admissionregistration.k8s.io": "is a webhook or policy",
    "apiextensions.k8s.io": "is a CRD",
}
CLUSTER_SCOPED = frozenset({
    "Namespace", "Node", "PersistentVolume", "StorageClass", "PriorityClass", "RuntimeClass", "IngressClass",
    "GatewayClass", "ClusterRole", "ClusterRoleBinding", "APIService", "CSIDriver", "DeviceClass", "ClusterIssuer",
    "ClusterSecretStore", "ClusterPolicy", "ResourceSlice",
})  # fmt: skip


@release_rule("TF121", "extraObjects")
def extra_objects_stay_inside(release: Release, values: Values) -> Iterator[Problem]:
    """Extra objects stay inside the release's namespace and grant nothing."""
    environment = release.environment
    for index, manifest in enumerate(values["extraObjects"]):
        if not isinstance(manifest, dict):
            continue
        kind = manifest.get("kind")
        path = ("extraObjects", index)
        namespace = lookup(manifest, ("metadata", "namespace"))
        if namespace not in (None, environment.namespace):
            message = (
                f"{kind} is for namespace {namespace}, not {environment.namespace}"
            )
            hint = "remove `metadata.namespace`"
            yield at(release, path, message, hint)
            continue
        reason = _refusal(manifest, environment)
        if reason:
            hint = f"`extraKinds` of {environment.name} can allow it"
            yield at(release, path, f"{kind} {reason}", hint)


def _refusal(manifest: Mapping[str, Any], environment: Environment) -> str:
    """Why a kind is refused; "" when it is not, or when the environment allows it."""
    group, _, version = str(manifest.get("apiVersion", "")).rpartition("/")
    kind = str(manifest.get("kind", ""))
    allowed = [
        (extra.get("group"), extra.get("kind")) for extra in environment.extra_kinds
    ]
    if (group, kind) in allowed:
        return ""
    if group in REFUSED_GROUPS:
        return REFUSED_GROUPS[group]
    if kind in CLUSTER_SCOPED and version:
        return "belongs to the whole cluster"
    return ""
