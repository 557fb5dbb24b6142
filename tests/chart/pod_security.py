"""Pod Security Standards, level "restricted": what it refuses in a pod.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/. The real admission plugin decides in
tests/cluster; this names the offender without a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def violations(template: Mapping[str, Any]) -> list[str]:
    """Sentences, one for each thing that "restricted" refuses in a pod template."""
    return list(_violations(template["spec"]))


def _violations(spec: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        f"{field} is true"
        for field in ("hostNetwork", "hostPID", "hostIPC")
        if spec.get(field)
    )
    for volume in spec.get("volumes", []):
        yield from (
            f"volume {volume['name']} is of type {kind}"
            for kind in volume.keys() - VOLUMES - {"name"}
        )
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        own, pod = container.get("securityContext", {}), spec.get("securityContext", {})
        name = container["name"]
        if own.get("privileged"):
            yield f"{name} is privileged"
        if own.get("allowPrivilegeEscalation") is not False:
            yield f"{name} may escalate privileges"
        if not own.get("runAsNonRoot", pod.get("runAsNonRoot")):
            yield f"{name} may run as root"
        if 0 in (own.get("runAsUser"), pod.get("runAsUser")):
            yield f"{name} runs as root"
        if own.get("seccompProfile", pod.get("seccompProfile", {})).get("type") not in (
            "RuntimeDefault",
            "Localhost",
        ):
            yield f"{name} has no seccomp profile"
        capabilities = own.get("capabilities", {})
        if "ALL" not in capabilities.get("drop", []) or set(
            capabilities.get("add", [])
        ) - {"NET_BIND_SERVICE"}:
            yield f"{name} keeps capabilities"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield f"{name} has a host port"
