"""Kinds of objects, by API group: what the chart makes, and what a list may add to a release.

Argo CD's project permits the first. What may be added is a part of it, so that no engine refuses what the rules accept.
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
# What runs pods. Without Pod and ReplicaSet in its project, Argo CD shows no logs.
RUNNING: frozenset[Kind] = frozenset({
    ("", "Pod"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("batch", "CronJob"), ("batch", "Job"),
})  # fmt: skip
MADE: frozenset[Kind] = ADDABLE | RUNNING

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
