"""What an admin applies once for workers of Dynamo: the kind of object by which they are found."""

from __future__ import annotations

from collections.abc import Mapping

from tritonfleet.engines.shared import Document
from tritonfleet.nouns import Environment

GROUP = "nvidia.com"
KIND = "DynamoWorkerMetadata"
PLURAL = "dynamoworkermetadatas"
# What the chart's Role gives workers and frontends: all that they ask for.
GRANTED: Mapping[tuple[str, str], frozenset[str]] = {
    ("discovery.k8s.io", "endpointslices"): frozenset({"list", "watch"}),
    (GROUP, PLURAL): frozenset({"list", "watch", "create", "patch"}),
}
# Dynamo writes what it likes below `spec`: which models a worker has, and where it listens.
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def definitions(environment: Environment) -> list[Document]:
    """The custom resource definition, where the environment permits workers of Dynamo.

    It belongs to the whole cluster and to all environments there, so it has no label of one, and no release holds it.
    Source: lib/runtime/src/discovery/kube/crd.rs of github.com/ai-dynamo/dynamo, v1.6.1.
    """
    if not environment.dynamo:
        return []
    names = {"kind": KIND, "plural": PLURAL, "singular": KIND.lower()}
    schema = {"type": "object", "properties": {"spec": ANYTHING}}
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": names,
            "scope": "Namespaced",
            "versions": [version],
        },
    }
    return [definition]
