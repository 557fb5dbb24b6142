"""Argo CD's projects: what the Applications of an environment may read, and what they may make, and where."""

from __future__ import annotations

from tritonfleet.engines.shared import Document, metadata, object_name
from tritonfleet.kinds import GRANTING, MADE
from tritonfleet.nouns import Environment

IN_CLUSTER = "https://kubernetes.default.svc"
API = "argoproj.io/v1alpha1"


def projects(environment: Environment) -> list[Document]:
    """The projects of an environment that are not the admin's: one with a name of its own may serve others as well."""
    if environment.gitops.argocd.project != object_name(environment):
        return [root_project(environment)]
    return [project(environment), root_project(environment)]


def project(environment: Environment) -> Document:
    """The AppProject of the releases: one namespace, and no kind that the chart does not make."""
    repositories = [environment.gitops.repository]
    if environment.chart.oci:
        repositories.append(environment.chart.oci)
    extra = [(kind["group"], kind["kind"]) for kind in environment.extra_kinds]
    if environment.dynamo:
        extra += GRANTING
    spec = {
        "description": f"Triton models of {object_name(environment)}",
        "sourceRepos": repositories,
        "destinations": [destination(environment)],
        **_kinds(sorted({*MADE, *extra})),
    }
    return _project(environment, environment.gitops.argocd.project, spec)


def root_project(environment: Environment) -> Document:
    """The AppProject of the root Application, which may make Applications and nothing else."""
    spec = {
        "description": f"The Applications of {object_name(environment)}",
        "sourceRepos": [environment.gitops.repository],
        "destinations": [own_destination(environment)],
        **_kinds([("argoproj.io", "Application")]),
    }
    return _project(environment, root_project_name(environment), spec)


def root_project_name(environment: Environment) -> str:
    """Name of the project that the root Application is in."""
    return f"{object_name(environment)}-root"


def _project(environment: Environment, name: str, spec: Document) -> Document:
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": metadata(environment, name, environment.gitops.argocd.namespace),
        "spec": spec,
    }


def _kinds(kinds: list[tuple[str, str]]) -> Document:
    """Kinds that a project allows, by group and kind: none for the whole cluster, and these in namespaces."""
    allowed = [{"group": group, "kind": kind} for group, kind in kinds]
    return {"clusterResourceWhitelist": [], "namespaceResourceWhitelist": allowed}


def destination(environment: Environment) -> dict[str, str]:
    """Where the releases go: the cluster by its name if it has one, else by its URL."""
    namespace = environment.namespace
    if environment.destination_name:
        return {"name": environment.destination_name, "namespace": namespace}
    return {"server": environment.server or IN_CLUSTER, "namespace": namespace}


def is_remote(environment: Environment) -> bool:
    """Whether the releases go to another cluster than Argo CD's own."""
    if environment.destination_name not in {"", "in-cluster"}:
        return True
    return environment.server not in {"", IN_CLUSTER}


def own_destination(environment: Environment) -> dict[str, str]:
    """Where Applications go: into Argo CD's own namespace, in the cluster that it runs in."""
    return {"server": IN_CLUSTER, "namespace": environment.gitops.argocd.namespace}
