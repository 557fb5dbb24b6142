"""Fields that Pod Security's levels look at, and the values that they admit.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, as Kubernetes 1.37 enforces it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tritonfleet.values import KeyPath


class Setting(NamedTuple):
    """A field of a security context that a level refuses."""

    path: KeyPath
    refuses: Callable[[Any], bool]
    """Whether its value is refused; what nobody sets is None."""
    words: str
    instead: str
    """What to write."""


# Kinds of volumes that `restricted` admits; `baseline` admits all but hostPath.
VOLUMES = frozenset({
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
    "secret",
})  # fmt: skip
# Capabilities that a container may add below `restricted`: those that it would have anyway.
CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
# Sysctls that are admitted, with the minor version of Kubernetes that began to.
SYSCTLS = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_slow_start_after_idle": 37,
    "net.ipv4.tcp_notsent_lowat": 37,
}
_SELINUX_TYPES = frozenset({
    "container_t", "container_init_t", "container_kvm_t", "container_engine_t",
})  # fmt: skip


def has_foreign_profile(annotation: Any) -> bool:
    """Whether an annotation of AppArmor names a profile that the levels do not admit."""
    profile = str(annotation)
    return profile not in ("", "runtime/default") and not profile.startswith("localhost/")  # fmt: skip


def _is_true(value: Any) -> bool:
    return value is True


def _is_false(value: Any) -> bool:
    return value is False


def _is_not_false(value: Any) -> bool:
    return value is not False


def _is_root(user: Any) -> bool:
    return bool(user == 0) and user is not False


def _is_foreign_type(selinux_type: Any) -> bool:
    return bool(selinux_type) and selinux_type not in _SELINUX_TYPES


def _is_unconfined(profile: Any) -> bool:
    return profile not in (None, "RuntimeDefault", "Localhost")


def _is_unmasked(mount: Any) -> bool:
    return mount not in (None, "Default")


def _adds_beyond(admitted: Iterable[str]) -> Callable[[Any], bool]:
    return lambda added: not set(_texts(added)) <= set(admitted)


def _keeps_some(dropped: Any) -> bool:
    return "ALL" not in _texts(dropped)


def _texts(items: Any) -> list[str]:
    return list(map(str, items)) if isinstance(items, list) else []


_WITHOUT_IT = "remove it"
# Of a pod's security context, and of each container's.
OF_BOTH = (
    Setting(
        ("windowsOptions", "hostProcess"),
        _is_true,
        "a process of the Windows host",
        _WITHOUT_IT,
    ),
    Setting(
        ("seLinuxOptions", "type"), _is_foreign_type, "this SELinux type", _WITHOUT_IT
    ),
    Setting(("seLinuxOptions", "user"), bool, "an SELinux user", _WITHOUT_IT),
    Setting(("seLinuxOptions", "role"), bool, "an SELinux role", _WITHOUT_IT),
    Setting(
        ("seccompProfile", "type"),
        _is_unconfined,
        "a process without a seccomp profile",
        "write RuntimeDefault",
    ),
    Setting(
        ("appArmorProfile", "type"),
        _is_unconfined,
        "a process without an AppArmor profile",
        "write RuntimeDefault",
    ),
)
OF_CONTAINERS = (
    Setting(("privileged",), _is_true, "a privileged container", _WITHOUT_IT),
    Setting(
        ("capabilities", "add"),
        _adds_beyond(CAPABILITIES),
        "added capabilities",
        _WITHOUT_IT,
    ),
)
# Of each container, unless the pod has users of its own.
UNMASKED = Setting(("procMount",), _is_unmasked, "an unmasked /proc", _WITHOUT_IT)
RESTRICTED_OF_CONTAINERS = (
    Setting(
        ("allowPrivilegeEscalation",),
        _is_not_false,
        "privilege escalation",
        "write `allowPrivilegeEscalation: false`",
    ),
    Setting(
        ("capabilities", "drop"),
        _keeps_some,
        "a container that keeps capabilities",
        "write `capabilities: {drop: [ALL]}`",
    ),
    Setting(
        ("capabilities", "add"),
        _adds_beyond({"NET_BIND_SERVICE"}),
        "added capabilities",
        _WITHOUT_IT,
    ),
    UNMASKED,
)
# Of a pod's security context, and of each container's, unless the pod has users of its own.
ROOT = (
    Setting(("runAsUser",), _is_root, "user 0", "name another user"),
    Setting(
        ("runAsNonRoot",),
        _is_false,
        "a container that may run as root",
        "use an image that runs as another user",
    ),
)
