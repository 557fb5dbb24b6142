"""Paths and objects that both engines write alike."""

from __future__ import annotations

from typing import Any, TypeAlias

from tritonfleet.labels import names_of_environment
from tritonfleet.nouns import Environment, Installation

Document: TypeAlias = dict[str, Any]
"""A manifest, or a part of one."""
Documents: TypeAlias = dict[str, list[Document]]
"""The documents of files, by the files' names."""


def in_repository(environment: Environment, path: str) -> str:
    """A path of the fleet as the Git repository's root sees it."""
    prefix = environment.gitops.path
    return f"{prefix}/{path}" if prefix else path


def environment_directory(environment: Environment) -> str:
    """Where an environment's releases are, as the fleet's root sees it."""
    return f"deploy/{environment.name}"


def release_directory(installation: Installation) -> str:
    """Where a release's files are, as the fleet's root sees it."""
    return f"{environment_directory(installation.environment)}/{installation.name}"


def object_name(environment: Environment) -> str:
    """Name of the objects that stand for an environment of this fleet."""
    return f"{environment.fleet}-{environment.name}"


def metadata(environment: Environment, name: str, namespace: str) -> Document:
    """Metadata of an object that an engine reads; the label finds all of an environment's."""
    labels = {"app.kubernetes.io/part-of": object_name(environment)}
    return {"name": name, "namespace": namespace, "labels": labels}


def finder_metadata(environment: Environment, name: str, namespace: str) -> Document:
    """Metadata of an object that finds an environment's releases, with what the environment is called besides."""
    made = metadata(environment, name, namespace)
    names = names_of_environment(environment)
    made["labels"] |= names.labels
    if names.annotations:
        made["annotations"] = names.annotations
    return made


def release_metadata(installation: Installation, name: str, namespace: str) -> Document:
    """Metadata of the object that stands for a release; its own labels come last."""
    made = metadata(installation.environment, name, namespace)
    labels = {**made["labels"], **installation.names.labels}
    return {**made, "labels": labels, "annotations": {**installation.names.annotations}}


def namespace(environment: Environment) -> Document:
    """The Namespace of the releases, with the Pod Security level that the rules check against."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": environment.namespace,
            "labels": {"pod-security.kubernetes.io/enforce": environment.pod_security},
        },
    }
