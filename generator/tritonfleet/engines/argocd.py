"""Argo CD: one Application for each release, found by one root Application for each environment."""

from __future__ import annotations

from functools import cache

from tritonfleet.engines.argocd_projects import (
    API,
    destination,
    is_remote,
    own_destination,
    projects,
    root_project_name,
)
from tritonfleet.engines.dynamo import definitions
from tritonfleet.engines.shared import (
    Document,
    Documents,
    environment_directory,
    finder_metadata,
    in_repository,
    namespace,
    object_name,
    release_directory,
    release_metadata,
)
from tritonfleet.nouns import Environment, Installation
from tritonfleet.yaml import Constant

AUTOMATED = {"enabled": True, "prune": True, "selfHeal": True, "allowEmpty": False}
RETRY = {
    "limit": 5,
    "refresh": True,
    "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"},
}
# A release never takes an object that another Application has, and what it gives up goes when the rest is healthy.
SYNC_OPTIONS = (
    "ServerSideApply=true",
    "FailOnSharedResource=true",
    "PruneLast=true",
)
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
    file = f"{environment.name}.yaml"
    own = [*projects(environment), root(environment)]
    target = [namespace(environment), *definitions(environment)]
    if not is_remote(environment):
        return {file: [*target, *own]}
    return {file: own, f"{environment.name}-target.yaml": target}


def application(installation: Installation) -> Document:
    """The Application that installs a release's chart with its values file."""
    environment = installation.environment
    name = f"{environment.name}-{installation.name}"
    place = environment.gitops.argocd.namespace
    made = release_metadata(installation, name, place)
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {
            **made,
            "annotations": {**_annotations(installation), **made["annotations"]},
            # Deleting the Application deletes the release, and waits until it is gone.
            "finalizers": ["resources-finalizer.argocd.argoproj.io/foreground"],
        },
        "spec": _spec(installation),
    }


def _spec(installation: Installation) -> Document:
    environment = installation.environment
    autoscaled = installation.autoscaled
    spec = {
        "project": environment.gitops.argocd.project,
        **_source(installation),
        "destination": destination(environment),
        "syncPolicy": sync_policy(
            suspended=installation.suspended, autoscaled=autoscaled
        ),
    }
    if autoscaled:
        spec["ignoreDifferences"] = [REPLICAS_IGNORED]
    spec["revisionHistoryLimit"] = 3
    return spec


@cache
def sync_policy(*, suspended: bool, autoscaled: bool) -> Constant:
    """How a release is synced: by hand while it is suspended.

    Releases of one kind share one mapping, whose text the YAML writer then makes once: 5 µs less for each release.
    """
    policy: Document = {}
    if not suspended:
        policy["automated"] = AUTOMATED
    policy["syncOptions"] = [*SYNC_OPTIONS]
    if autoscaled:
        policy["syncOptions"].append("RespectIgnoreDifferences=true")
    policy["retry"] = RETRY
    return Constant(policy)


def _annotations(installation: Installation) -> dict[str, str]:
    """What Argo CD reads about its own work on a release."""
    environment = installation.environment
    chart = environment.chart
    # Argo CD 3.6 and newer does this by itself.
    annotations = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
    if chart.oci:
        # argocd-diff-preview then renders only what a change touches.
        files = f"{in_repository(environment, release_directory(installation))}/"
        pattern = files.replace(".", r"\.")
        annotations["argocd-diff-preview/watch-pattern"] = pattern
    else:
        # Without it every commit renders every release again. Two sources get no benefit from it.
        directory = "/" + in_repository(environment, chart.path)
        paths = f"{_values_file(installation)};{directory}"
        annotations["argocd.argoproj.io/manifest-generate-paths"] = paths
    return annotations


def _values_file(installation: Installation) -> str:
    """A release's values as seen from the root of the Git repository, which begins with /."""
    path = f"{release_directory(installation)}/values.yaml"
    return "/" + in_repository(installation.environment, path)


def _source(installation: Installation) -> Document:
    """Where chart and values come from: one source when both are in Git, else two."""
    environment = installation.environment
    git = _git(environment)
    if environment.chart.oci:
        return {"sources": [_registry(installation), {**git, "ref": "values"}]}
    path = in_repository(environment, environment.chart.path)
    return {"source": {**git, "path": path, "helm": _helm(installation)}}


def _registry(installation: Installation) -> Document:
    """The chart from a registry. Its values are in the other source, whose `ref` makes it $values here."""
    chart = installation.environment.chart
    return {
        "repoURL": chart.oci,
        "targetRevision": chart.digest,
        "path": ".",
        "helm": _helm(installation, "$values"),
    }


def _helm(installation: Installation, place: str = "") -> Document:
    """How the chart is rendered; `place` is the source of the values file when that is not the chart's own."""
    return {
        "releaseName": installation.name,
        # The test of the chart is a hook of Argo CD, too, and comes after each sync.
        "skipTests": not installation.test,
        "valueFiles": [place + _values_file(installation)],
    }


def _git(environment: Environment) -> Document:
    gitops = environment.gitops
    return {"repoURL": gitops.repository, "targetRevision": gitops.revision}


def root(environment: Environment) -> Document:
    """The root Application: every application.yaml below the environment's directory."""
    argocd = environment.gitops.argocd
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": finder_metadata(
            environment, object_name(environment), argocd.namespace
        ),
        "spec": {
            "project": root_project_name(environment),
            "source": _applications(environment),
            "destination": own_destination(environment),
            "syncPolicy": {
                "automated": AUTOMATED,
                "syncOptions": ["ServerSideApply=true"],
                "retry": RETRY,
            },
        },
    }


def _applications(environment: Environment) -> Document:
    """Where the root Application finds the others: a directory for each release, with other files beside it."""
    return {
        **_git(environment),
        "path": in_repository(environment, environment_directory(environment)),
        "directory": {"recurse": True, "include": "*/application.yaml"},
    }
