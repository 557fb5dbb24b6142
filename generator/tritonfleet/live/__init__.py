"""Clusters as people reach them: contexts of a kubeconfig, bounded requests, and connections into pods.

Nothing here writes to a cluster. The client is the extra `live`; it is imported when a cluster is asked for.
"""

from tritonfleet.live.cluster import Cluster, Object, connected
from tritonfleet.live.contexts import Choice, Kubeconfig, choose, kubeconfig
from tritonfleet.live.failures import Absent, Denied, Failed, Unreachable
from tritonfleet.live.forward import Address, listening

__all__ = [
    "Absent",
    "Address",
    "Choice",
    "Cluster",
    "Denied",
    "Failed",
    "Kubeconfig",
    "Object",
    "Unreachable",
    "choose",
    "connected",
    "kubeconfig",
    "listening",
]
