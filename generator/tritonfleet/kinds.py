"""Kinds of objects, by API group: what the chart makes, and what a list may add to a release.

Argo CD's project and the Role of Flux's account permit the first. What may be added is a part of it, so that no engine
refuses what the rules accept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

Kind: TypeAlias = tuple[str, str]
"""API group and kind; the core group is ""."""

# Kinds that a namespace's user may have more of without running anything, or granting anything to anybody.
ADDABLE: frozenset[Kind] = frozenset({
    ("", "ConfigMap"), ("", "PersistentVolumeClaim"), ("", "Service"), ("", "ServiceAccount"),
    ("autoscaling", "HorizontalPodAutoscaler"), ("gateway.networking.k8s.io", "GRPCRoute"),
    ("gateway.networking.k8s.io", "HTTPRoute"), ("keda.sh", "ScaledObject"), ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "PrometheusRule"), ("monitoring.coreos.com", "ServiceMonitor"),
    ("networking.k8s.io", "Ingress"), ("networking.k8s.io", "NetworkPolicy"), ("policy", "PodDisruptionBudget"),
})  # fmt: skip
# What of the chart's runs pods.
RUNNING: frozenset[Kind] = frozenset({
    ("apps", "Deployment"), ("batch", "CronJob"), ("batch", "Job"),
})  # fmt: skip
# What Kubernetes makes of these. Flux reads it to see how they are doing; without it in its project, Argo CD shows no
# logs.
FOLLOWING: frozenset[Kind] = frozenset({("", "Pod"), ("apps", "ReplicaSet")})
MADE: frozenset[Kind] = ADDABLE | RUNNING | FOLLOWING
# What gives workers of Dynamo their few rights, in environments that permit it.
GRANTING: frozenset[Kind] = frozenset({
    ("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "RoleBinding"),
})  # fmt: skip

# Kinds without a namespace, which no release may have: a project permits them in a list of its own.
CLUSTER_SCOPED = frozenset({
    "APIService", "CSIDriver", "CertificateSigningRequest", "CiliumClusterwideNetworkPolicy", "ClusterExternalSecret",
    "ClusterIssuer", "ClusterPolicy", "ClusterRole", "ClusterRoleBinding", "ClusterSecretStore",
    "ClusterTriggerAuthentication", "CustomResourceDefinition", "DeviceClass", "FlowSchema", "GatewayClass",
    "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
    "Namespace", "Node", "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "ResourceSlice",
    "RuntimeClass", "StorageClass", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass",
})  # fmt: skip

# Kinds of which the chart, or Flux for it, makes objects with other names than the release's: how these end.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "ConfigMap": ("-models", "-dashboard", "-values"),
    "CronJob": ("-benchmark",),
    "Ingress": ("", "-grpc"),
    "NetworkPolicy": ("", "-weights"),
    "PersistentVolumeClaim": ("-models", "-weights"),
    "Pod": ("-test",),
    "Service": ("", "-metrics"),
}
# How the names of further objects end that a release in mode dynamo has.
DYNAMO_ENDINGS: Mapping[str, str] = {
    "NetworkPolicy": "-frontend", "PodDisruptionBudget": "-frontend", "PodMonitor": "-frontend", "Role": "-discovery",
    "RoleBinding": "-discovery", "Service": "-workers",
}  # fmt: skip
# The root key whose `enabled` makes objects of a kind; what is not here is made for every release, or may be.
SWITCHES: Mapping[str, str] = {
    "GRPCRoute": "grpcRoute", "HTTPRoute": "httpRoute", "HorizontalPodAutoscaler": "autoscaling", "Ingress": "ingress",
    "NetworkPolicy": "networkPolicy", "PodDisruptionBudget": "podDisruptionBudget", "PodMonitor": "podMonitor",
    "PrometheusRule": "prometheusRule", "ScaledObject": "autoscaling", "ServiceMonitor": "serviceMonitor",
}  # fmt: skip


def names_behind(kind: str, name: str) -> Iterator[str]:
    """Names of the releases that would make an object of this kind and name."""
    if kind not in {kind for _, kind in MADE}:
        return
    for ending in _ENDINGS.get(kind, ("",)):
        if name.endswith(ending):
            yield name.removesuffix(ending)


def resource_of(kind: str) -> str:
    """The name that RBAC has for a kind, by the rule of Kubernetes' generators: networkpolicies for NetworkPolicy.

    An author of a definition may have chosen another plural.
    """
    name = kind.lower()
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"
