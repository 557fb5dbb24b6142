"""What an environment's cluster admits: Pod Security, and kinds of volumes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup

IMAGE_VOLUMES_SINCE = 35  # Kubernetes 1.35, in which they are switched on


class Refused(NamedTuple):
    """Something that a Pod Security level refuses, as far as values can say it."""

    path: KeyPath
    test: Callable[[Any], bool]
    """Whether the value at `path` is refused."""
    words: str


# What no layer and not even the chart sets is None to these tests: `restricted` wants some settings to be there.


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
# Kinds of volumes that `restricted` admits; `baseline` admits all but hostPath.
_VOLUMES = frozenset({
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
    "secret",
})  # fmt: skip


@release_rule(
    "TF119", "repository podSecurityContext securityContext podTemplate volumes"
)
def pod_is_admitted(release: Release, values: Values) -> Iterator[Problem]:
    """The environment's Pod Security level admits the pod; it would only warn about the Deployment."""
    name = release.environment.name
    level = release.environment.pod_security
    refuses = f"Pod Security level `{level}` of {name} refuses"
    hint = f"change it, or give {name} a `podSecurity` that admits it"
    for path, what in (*_settings(level, values), *_volumes(level, values)):
        yield at(release, path, f"{refuses} {what}", hint, key=True)


def _settings(level: str, values: Values) -> Iterator[tuple[KeyPath, str]]:
    """Settings that the level refuses: where each is, and what it means."""
    for refused in _REFUSED[level]:
        if refused.test(lookup(values, refused.path)):
            yield refused.path, refused.words


def _volumes(level: str, values: Values) -> Iterator[tuple[KeyPath, str]]:
    """Volumes that the level refuses; the kind of a volume is the key beside its name."""
    for index, volume in enumerate(values["volumes"]):
        kind = next((key for key in volume if key != "name"), "")
        if _is_refused_volume(level, kind):
            yield ("volumes", index), f"a volume of kind {kind}"


def _is_refused_volume(level: str, kind: str) -> bool:
    if level == "restricted":
        return kind != "" and kind not in _VOLUMES
    return level == "baseline" and kind == "hostPath"


@release_rule("TF120", "repository")
def image_volume_is_known(release: Release, values: Values) -> Iterator[Problem]:
    """The environment's Kubernetes mounts images as volumes."""
    if not values["repository"].get("oci"):
        return
    environment = release.environment
    version = environment.kubernetes
    if version and _minor(version) < IMAGE_VOLUMES_SINCE:
        cluster = f"Kubernetes {version} of {environment.name}"
        message = f"{cluster} has no image volumes switched on"
        hint = "use Kubernetes 1.35 or newer, or another kind of repository"
        yield at(release, ("repository", "oci"), message, hint, key=True)


def _minor(version: str) -> int:
    """35 of 1.35 and of 1.35.2."""
    return int(version.split(".")[1])
