"""Argo CD: one Application for each release, found by one root Application for each environment."""

from __future__ import annotations

from functools import cache

from tritonfleet.engines.shared import (
    Document,
    Documents,
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

AUTOMATED = {"enabled": True, "prune": True, "selfHeal": True, "allowEmpty": False}
RETRY = {
    "limit": 5,
    "refresh": True,
    "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"},
}
# An autoscaler owns the replicas; without this the switch to autoscaling would reset them to 1.
REPLICAS_IGNORED = {
    "group": "apps",
    "kind": "Deployment",
    "jsonPointers": ["/spec/replicas"],
}


def release(installation: Installation) -> Documents:
    """The Application of a release."""
    return {"application.yaml": [application(installation)]}


def sources(_: Environment) -> Documents:
    """Nothing: an Application names its own sources."""
    return {}


def bootstrap(environment: Environment) -> Documents:
    """What an admin applies once: to Argo CD's cluster and, where that is another one, to the target."""
    own = [*_own_project(environment), root_project(environment), root(environment)]
    if _is_remote(environment):
        return {
            f"{environment.name}.yaml": own,
            f"{environment.name}-target.yaml": [namespace(environment)],
        }
    return {f"{environment.name}.yaml": [namespace(environment), *own]}


def application(installation: Installation) -> Document:
    """The Application that installs a release's chart with its values file."""
    environment = installation.environment
    spec = {
        "project": environment.gitops.argocd.project,
        **_source(installation),
        "destination": {
            **_destination(environment),
            "namespace": environment.namespace,
        },
        "syncPolicy": sync_policy(
            suspended=installation.suspended, autoscaled=installation.autoscaled
        ),
    }
    if installation.autoscaled:
        spec["ignoreDifferences"] = [REPLICAS_IGNORED]
    spec["revisionHistoryLimit"] = 3
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
        "spec": spec,
    }


@cache
def sync_policy(*, suspended: bool, autoscaled: bool) -> Constant:
    """How a release is synced: by hand while it is suspended.

    Releases of one kind share one mapping, whose text the YAML writer then makes once: 5 µs less for each release.
    """
    policy: Document = {}
    if not suspended:
        policy["automated"] = AUTOMATED
    policy["syncOptions"] = [
        "ServerSideApply=true",
        "FailOnSharedResource=true",
        "PruneLast=true",
    ]
    if autoscaled:
        policy["syncOptions"].append("RespectIgnoreDifferences=true")
    policy["retry"] = RETRY
    return Constant(policy)


def _annotations(installation: Installation) -> dict[str, str]:
    environment = installation.environment
    # Argo CD 3.6 and newer does this by itself.
    annotations = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
    if not environment.chart.oci:
        # Without it every commit renders every release again. Two sources get no benefit from it.
        chart = "/" + in_repository(environment, environment.chart.path)
        paths = f"{_values_file(installation)};{chart}"
        annotations["argocd.argoproj.io/manifest-generate-paths"] = paths
    return annotations


def _values_file(installation: Installation) -> str:
    path = f"{release_directory(installation)}/values.yaml"
    return "/" + in_repository(installation.environment, path)


def _source(installation: Installation) -> Document:
    """Where chart and values come from: one source when both are in Git, else two."""
    environment = installation.environment
    chart, gitops = environment.chart, environment.gitops
    values_file = _values_file(installation)
    helm: Document = {"releaseName": installation.name, "skipTests": True}
    git: Document = {"repoURL": gitops.repository, "targetRevision": gitops.revision}
    if chart.oci:
        helm["valueFiles"] = [f"$values{values_file}"]
        oci = {
            "repoURL": chart.oci,
            "targetRevision": chart.digest,
            "path": ".",
            "helm": helm,
        }
        return {"sources": [oci, {**git, "ref": "values"}]}
    helm["valueFiles"] = [values_file]
    return {
        "source": {**git, "path": in_repository(environment, chart.path), "helm": helm}
    }


def _namespace(environment: Environment) -> str:
    return environment.gitops.argocd.namespace


def _is_remote(environment: Environment) -> bool:
    """Whether the releases go to another cluster than Argo CD's own."""
    if environment.destination_name not in {"", "in-cluster"}:
        return True
    return environment.server not in {"", IN_CLUSTER}


def _destination(environment: Environment) -> dict[str, str]:
    if environment.destination_name:
        return {"name": environment.destination_name}
    return {"server": environment.server or IN_CLUSTER}


def _own_project(environment: Environment) -> list[Document]:
    """A project with a name of its own is the admin's, and may serve other environments as well."""
    if environment.gitops.argocd.project != object_name(environment):
        return []
    return [project(environment)]


def project(environment: Environment) -> Document:
    """The AppProject of the releases: one namespace, and no kind that the chart does not make."""
    repositories = [environment.gitops.repository]
    if environment.chart.oci:
        repositories.append(environment.chart.oci)
    extra = [(kind["group"], kind["kind"]) for kind in environment.extra_kinds]
    return _project(
        environment.gitops.argocd.project,
        environment,
        f"Triton models of {object_name(environment)}",
        repositories,
        {**_destination(environment), "namespace": environment.namespace},
        sorted({*KINDS, *extra}),
    )


def root_project(environment: Environment) -> Document:
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
) -> Document:
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
            "namespaceResourceWhitelist": [
                {"group": group, "kind": kind} for group, kind in kinds
            ],
        },
    }


def root(environment: Environment) -> Document:
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
