"""Argo CD: one Application for each release, found by one root Application for each environment."""

from __future__ import annotations

from typing import Any

from tritonfleet.engines.shared import (
    in_repository,
    labels,
    namespace,
    object_name,
    release_directory,
)
from tritonfleet.nouns import Environment, Installation
from tritonfleet.yaml import Constant

IN_CLUSTER = "https://kubernetes.default.svc"
API = "argoproj.io/v1alpha1"

# A project's list of kinds also decides what the UI shows: without Pod and ReplicaSet there are no logs.
KINDS = (
    ("", "ConfigMap"), ("", "PersistentVolumeClaim"), ("", "Pod"), ("", "Service"), ("", "ServiceAccount"),
    ("apps", "Deployment"), ("apps", "ReplicaSet"), ("autoscaling", "HorizontalPodAutoscaler"), ("batch", "CronJob"),
    ("batch", "Job"), ("gateway.networking.k8s.io", "GRPCRoute"), ("gateway.networking.k8s.io", "HTTPRoute"),
    ("keda.sh", "ScaledObject"), ("monitoring.coreos.com", "PodMonitor"), ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ServiceMonitor"), ("networking.k8s.io", "Ingress"),
    ("networking.k8s.io", "NetworkPolicy"), ("policy", "PodDisruptionBudget"),
)  # fmt: skip

RETRY = Constant(
    limit=5, refresh=True, backoff={"duration": "10s", "factor": 2, "maxDuration": "5m"}
)
AUTOMATED = Constant(enabled=True, prune=True, selfHeal=True, allowEmpty=False)
SYNC_OPTIONS = ["ServerSideApply=true", "FailOnSharedResource=true", "PruneLast=true"]
# An autoscaler owns the replicas; without this the switch to autoscaling would reset them to 1.
REPLICAS_IGNORED = {"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}
# What each kind of release does about syncing: by suspended, autoscaled.
SYNC_POLICY = {
    (suspended, autoscaled): Constant(
        {
            **({} if suspended else {"automated": dict(AUTOMATED)}),
            "syncOptions": [
                *SYNC_OPTIONS,
                *(["RespectIgnoreDifferences=true"] if autoscaled else []),
            ],
            "retry": dict(RETRY),
        }
    )
    for suspended in (False, True)
    for autoscaled in (False, True)
}


def release(installation: Installation) -> dict[str, list[Any]]:
    """The Application of a release."""
    return {"application.yaml": [application(installation)]}


def sources(_: Environment) -> dict[str, list[Any]]:
    """Nothing: an Application names its own sources."""
    return {}


def bootstrap(environment: Environment) -> dict[str, list[Any]]:
    """What an admin applies once: to Argo CD's cluster and, where that is another one, to the target."""
    own = [*_own_project(environment), root_project(environment), root(environment)]
    if _remote(environment):
        return {
            f"{environment.name}.yaml": own,
            f"{environment.name}-target.yaml": [namespace(environment)],
        }
    return {f"{environment.name}.yaml": [namespace(environment), *own]}


def application(installation: Installation) -> dict[str, Any]:
    """The Application that installs a release's chart with its values file."""
    environment = installation.environment
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {
            "name": f"{environment.name}-{installation.name}",
            "namespace": _namespace(environment),
            "labels": labels(environment),
            "annotations": _annotations(installation),
            "finalizers": ["resources-finalizer.argocd.argoproj.io/foreground"],
        },
        "spec": {
            "project": environment.gitops.argocd.project,
            **_source(installation),
            "destination": {**_destination(environment), "namespace": environment.namespace},
            "syncPolicy": SYNC_POLICY[installation.suspended, installation.autoscaled],
            **({"ignoreDifferences": [REPLICAS_IGNORED]} if installation.autoscaled else {}),
            "revisionHistoryLimit": 3,
        },
    }


def _annotations(installation: Installation) -> dict[str, str]:
    annotations = {
        "argocd.argoproj.io/compare-options": "ServerSideDiff=true"
    }  # implied from Argo CD 3.6 on
    if not installation.environment.chart.oci:
        # Without it every commit renders every release again. Two sources get no benefit from it.
        paths = (
            _values_file(installation),
            "/" + in_repository(installation.environment, installation.environment.chart.path),
        )
        annotations["argocd.argoproj.io/manifest-generate-paths"] = ";".join(paths)
    return annotations


def _values_file(installation: Installation) -> str:
    return "/" + in_repository(
        installation.environment, f"{release_directory(installation)}/values.yaml"
    )


def _source(installation: Installation) -> dict[str, Any]:
    chart, gitops = installation.environment.chart, installation.environment.gitops
    helm = {"releaseName": installation.name, "skipTests": True}
    git = {"repoURL": gitops.repository, "targetRevision": gitops.revision}
    if not chart.oci:
        path = in_repository(installation.environment, chart.path)
        return {
            "source": {
                **git,
                "path": path,
                "helm": {**helm, "valueFiles": [_values_file(installation)]},
            }
        }
    oci = {"repoURL": chart.oci, "targetRevision": chart.digest, "path": "."}
    helm["valueFiles"] = [f"$values{_values_file(installation)}"]
    return {"sources": [{**oci, "helm": helm}, {**git, "ref": "values"}]}


def _namespace(environment: Environment) -> str:
    return environment.gitops.argocd.namespace


def _remote(environment: Environment) -> bool:
    server = environment.server or IN_CLUSTER
    return server != IN_CLUSTER or environment.destination_name not in {"", "in-cluster"}


def _destination(environment: Environment) -> dict[str, str]:
    if environment.destination_name:
        return {"name": environment.destination_name}
    return {"server": environment.server or IN_CLUSTER}


def _own_project(environment: Environment) -> list[Any]:
    """A project with a name of its own is the admin's, and may serve other environments as well."""
    return (
        [project(environment)]
        if environment.gitops.argocd.project == object_name(environment)
        else []
    )


def project(environment: Environment) -> dict[str, Any]:
    """The AppProject of the releases: one namespace, and no kind that the chart does not make."""
    chart = environment.chart
    repositories = [environment.gitops.repository, *([chart.oci] if chart.oci else [])]
    extra = [(kind["group"], kind["kind"]) for kind in environment.extra_kinds]
    return _project(
        environment.gitops.argocd.project,
        environment,
        f"Triton models of {object_name(environment)}",
        repositories,
        {**_destination(environment), "namespace": environment.namespace},
        sorted({*KINDS, *extra}),
    )


def root_project(environment: Environment) -> dict[str, Any]:
    """The AppProject of the root Application, which may make Applications and nothing else."""
    return _project(
        f"{object_name(environment)}-root",
        environment,
        f"The Applications of {object_name(environment)}",
        [environment.gitops.repository],
        {"server": IN_CLUSTER, "namespace": _namespace(environment)},
        [("argoproj.io", "Application")],
    )


def _project(
    name: str,
    environment: Environment,
    description: str,
    repositories: list[str],
    destination: dict[str, str],
    kinds: list[tuple[str, str]],
) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {
            "name": name,
            "namespace": _namespace(environment),
            "labels": labels(environment),
        },
        "spec": {
            "description": description,
            "sourceRepos": repositories,
            "destinations": [destination],
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in kinds],
        },
    }


def root(environment: Environment) -> dict[str, Any]:
    """The root Application: every application.yaml below the environment's directory."""
    gitops = environment.gitops
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {
            "name": object_name(environment),
            "namespace": _namespace(environment),
            "labels": labels(environment),
        },
        "spec": {
            "project": f"{object_name(environment)}-root",
            "source": {
                "repoURL": gitops.repository,
                "targetRevision": gitops.revision,
                "path": in_repository(environment, f"deploy/{environment.name}"),
                "directory": {"recurse": True, "include": "*/application.yaml"},
            },
            "destination": {"server": IN_CLUSTER, "namespace": _namespace(environment)},
            "syncPolicy": {
                "automated": AUTOMATED,
                "syncOptions": ["ServerSideApply=true"],
                "retry": RETRY,
            },
        },
    }
