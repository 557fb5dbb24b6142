"""What a pod can be: memory, claims, grace, ports, and what its environment admits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tritonfleet.facts import most_pods, owns_single_writer_claim, quantity, seconds
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, lookup

GIBIBYTE = 2**30


@release_rule("TF110", "repository replicas autoscaling")
def claim_serves_its_pods(release: Release, values: Values) -> Iterator[Problem]:
    if owns_single_writer_claim(values) and (pods := most_pods(values)) > 1:
        path = ("autoscaling", "maxReplicas") if values["autoscaling"]["enabled"] else ("replicas",)
        message = f"{pods} pods on a created claim that one node mounts"
        yield at(release, path, message, "accessModes: [ReadWriteMany], or one pod")


@release_rule("TF111", "rollout", WARNING)
def surge_fits_claim(release: Release, values: Values) -> Iterator[Problem]:
    if owns_single_writer_claim(values) and values["rollout"] == "surge":
        yield at(
            release,
            ("rollout",),
            "the surge pod waits for the claim when it lands on another node",
            "rollout: auto",
        )


@release_rule("TF112", "terminationGracePeriodSeconds")
def grace_covers_drain(release: Release, values: Values) -> Iterator[Problem]:
    given, shutdown = values["terminationGracePeriodSeconds"], values["shutdown"]
    needed = seconds(shutdown["drain"]) + seconds(shutdown["requestTimeout"])
    if 0 < given < needed:
        message = (
            f"{given} s end the pod before drain and requestTimeout, {needed} s together, are over"
        )
        yield at(
            release, ("terminationGracePeriodSeconds",), message, "remove it: the chart derives it"
        )


@release_rule("TF113", "sharedMemory resources")
def shared_memory_fits(release: Release, values: Values) -> Iterator[Problem]:
    limit = lookup(values, ("resources", "limits", "memory"))
    shared = shared_memory(values)
    if limit is not None and shared * 2 > quantity(limit):
        message = (
            f"shared memory of {_gibibytes(shared)} is more than half of the memory limit {limit}"
        )
        yield at(release, ("sharedMemory", "size"), message)


def shared_memory(values: Values) -> int:
    """Bytes of /dev/shm: what is asked for, or what Python instances need when that is more."""
    shared = values["sharedMemory"]
    instances = shared["pythonInstances"]
    least = (64 + 16 * instances) * 2**20 if instances else 0
    return max(int(quantity(shared["size"])), least)


def _gibibytes(size: int) -> str:
    return f"{size / GIBIBYTE:.3g}Gi"


@release_rule("TF115", "image sharedMemory", WARNING)
def vllm_has_shared_memory(release: Release, values: Values) -> Iterator[Problem]:
    if "vllm" in values["image"]["tag"] and shared_memory(values) < GIBIBYTE:
        message = f"a vLLM image with {values['sharedMemory']['size']} of shared memory"
        yield at(release, ("sharedMemory", "size"), message, "sharedMemory: {size: 1Gi}")


@release_rule("TF116", "resources")
def requests_are_below_limits(release: Release, values: Values) -> Iterator[Problem]:
    resources = values["resources"]
    for name, limit in (resources.get("limits") or {}).items():
        request = (resources.get("requests") or {}).get(name)
        if request is not None and quantity(request) > quantity(limit):
            yield at(
                release,
                ("resources", "requests", name),
                f"{name}: request {request} is above its limit {limit}",
            )


@release_rule("TF118", "resources")
def devices_are_said_once(release: Release, values: Values) -> Iterator[Problem]:
    device = values["accelerator"]["resource"]
    for kind in ("requests", "limits"):
        if device in (values["resources"].get(kind) or {}):
            path = ("resources", kind, device)
            yield at(release, path, f"{device} is a device", "accelerator: {count: …}", key=True)


@release_rule("TF122", "autoscaling")
def bounds_are_in_order(release: Release, values: Values) -> Iterator[Problem]:
    scaling = values["autoscaling"]
    if scaling["enabled"] and scaling["minReplicas"] > scaling["maxReplicas"]:
        message = f"minReplicas {scaling['minReplicas']} is more than maxReplicas {scaling['maxReplicas']}"
        yield at(release, ("autoscaling", "minReplicas"), message)


@release_rule("TF123", "ingress")
def ingress_leads_somewhere(release: Release, values: Values) -> Iterator[Problem]:
    for index, host in enumerate(
        values["ingress"]["hosts"] if values["ingress"]["enabled"] else ()
    ):
        listener = host.get("port", "http")
        if not values[listener]["enabled"]:
            yield at(
                release,
                ("ingress", "hosts", index),
                f"{host['host']} leads to {listener}, which is off",
            )


@release_rule("TF117", "http grpc metrics service")
def ports_differ(release: Release, values: Values) -> Iterator[Problem]:
    taken: dict[int, str] = {}
    for listener in ("http", "grpc", "metrics"):
        if values[listener]["enabled"]:
            port = values[listener]["port"]
            if taken.setdefault(port, listener) != listener:
                yield at(
                    release,
                    (listener, "port"),
                    f"{listener} and {taken[port]} both listen on port {port}",
                )
    if values["service"]["ports"] or values["service"]["nodePorts"]:
        yield from _service_ports(release, values)


def _service_ports(release: Release, values: Values) -> Iterator[Problem]:
    service = values["service"]
    outside: dict[int, str] = {}
    nodes: dict[int, str] = {}
    for listener in filter(lambda name: values[name]["enabled"], ("http", "grpc", "metrics")):
        port = service["ports"].get(listener, values[listener]["port"])
        if not _apart(service, listener) and outside.setdefault(port, listener) != listener:
            message = f"{listener} and {outside[port]} are both port {port} of the Service"
            yield at(release, ("service", "ports", listener), message)
        node = service["nodePorts"].get(listener)
        if node and nodes.setdefault(node, listener) != listener:
            message = f"{listener} and {nodes[node]} are both nodePort {node}"
            yield at(release, ("service", "nodePorts", listener), message)


def _apart(service: Values, listener: str) -> bool:
    """Metrics leave a Service that is reachable from outside, unless somebody asks for them there."""
    asked = service["ports"].get("metrics") or service["nodePorts"].get("metrics")
    return listener == "metrics" and service["type"] != "ClusterIP" and not asked


# What each Pod Security level refuses, as far as values can say it: the value's path, a test, and words.
_BASELINE: tuple[tuple[KeyPath, Any, str], ...] = (
    (("repository", "hostPath"), bool, "a hostPath volume"),
    (("securityContext", "privileged"), bool, "a privileged container"),
    (("podTemplate", "spec", "hostNetwork"), bool, "the host's network"),
    (("podTemplate", "spec", "hostPID"), bool, "the host's processes"),
    (("podTemplate", "spec", "hostIPC"), bool, "the host's IPC"),
    (("securityContext", "capabilities", "add"), bool, "added capabilities"),
)
_RESTRICTED: tuple[tuple[KeyPath, Any, str], ...] = (
    (("repository", "nfs"), bool, "an nfs volume"),
    (
        ("podSecurityContext", "runAsNonRoot"),
        lambda value: value is not True,
        "a pod that may run as root",
    ),
    (("podSecurityContext", "runAsUser"), lambda value: value == 0, "user 0"),
    (("securityContext", "runAsUser"), lambda value: value == 0, "user 0"),
    (
        ("securityContext", "allowPrivilegeEscalation"),
        lambda value: value is not False,
        "privilege escalation",
    ),
    (
        ("securityContext", "capabilities", "drop"),
        lambda value: "ALL" not in (value or ()),
        "kept capabilities",
    ),
    (
        ("podSecurityContext", "seccompProfile", "type"),
        lambda value: value in (None, "Unconfined"),
        "no seccomp profile",
    ),
)
_REFUSED = {"privileged": (), "baseline": _BASELINE, "restricted": _BASELINE + _RESTRICTED}
_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
    "image",
}


@release_rule("TF119", "repository podSecurityContext securityContext podTemplate volumes")
def pod_is_admitted(release: Release, values: Values) -> Iterator[Problem]:
    level = release.environment.pod_security
    for path, refuses, words in _REFUSED[level]:
        if refuses(lookup(values, path)):
            yield at(
                release,
                path,
                f"{words}: Pod Security `{level}` of {release.environment.name} refuses it",
                key=True,
            )
    for index, volume in enumerate(values["volumes"]):
        kind = next((key for key in volume if key != "name"), "")
        if _refused_volume(level, kind):
            message = f"volume of kind {kind}: Pod Security `{level}` of {release.environment.name} refuses it"
            yield at(release, ("volumes", index), message)


def _refused_volume(level: str, kind: str) -> bool:
    return (level == "baseline" and kind == "hostPath") or (
        level == "restricted" and bool(kind) and kind not in _VOLUMES
    )


@release_rule("TF120", "repository")
def image_volume_is_known(release: Release, values: Values) -> Iterator[Problem]:
    version = release.environment.kubernetes
    if values["repository"].get("oci") and version and _minor(version) < 35:
        message = f"an image volume on Kubernetes {version} of {release.environment.name}"
        yield at(
            release,
            ("repository", "oci"),
            message,
            "Kubernetes 1.35 has them switched on",
            key=True,
        )


def _minor(version: str) -> int:
    return int(version.split(".")[1])


NAMESPACED_ONLY: Mapping[str, str] = {
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
    for index, found in enumerate(values["extraObjects"]):
        if isinstance(found, dict) and (words := _outside(release, found)):
            hint = f"`extraKinds` of {release.environment.name} may allow it"
            yield at(release, ("extraObjects", index), f"{found.get('kind')} {words}", hint)


def _outside(release: Release, found: Mapping[str, Any]) -> str:
    environment = release.environment
    group, _, version = str(found.get("apiVersion", "")).rpartition("/")
    kind = str(found.get("kind", ""))
    namespace = lookup(found, ("metadata", "namespace"))
    if namespace not in (None, environment.namespace):
        return f"is of namespace {namespace}, not {environment.namespace}"
    if any(
        extra.get("group") == group and extra.get("kind") == kind
        for extra in environment.extra_kinds
    ):
        return ""
    if group in NAMESPACED_ONLY:
        return NAMESPACED_ONLY[group]
    return "belongs to the whole cluster" if kind in CLUSTER_SCOPED and version else ""
