"""Flux: one HelmRelease for each release; all objects of an environment live in its namespace."""

from __future__ import annotations

from functools import cache

from tritonfleet.engines.shared import (
    Document,
    Documents,
    in_repository,
    labels,
    namespace,
    object_name,
)
from tritonfleet.nouns import Environment, Installation
from tritonfleet.yaml import Constant

# If anybody adds postBuild substitution to the Kustomization, `${…}` in values must still pass literally.
LITERAL = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
# Without it a change of values waits for the interval.
WATCHED = {"reconcile.fluxcd.io/watch": "Enabled"}
OPTIONS = Constant(disableNameSuffixHash=True, labels=WATCHED, annotations=LITERAL)
SOURCE_INTERVAL = "10m"
GIT_INTERVAL = "1m"


def release(installation: Installation) -> Documents:
    """The HelmRelease, and the Kustomization that turns values.yaml into the ConfigMap it reads."""
    return {
        "helmrelease.yaml": [helm_release(installation)],
        "kustomization.yaml": [kustomization(installation)],
    }


def sources(environment: Environment) -> Documents:
    """The chart's source. It must be Ready before the releases, so it is applied by a Kustomization of its own."""
    return {"source.yaml": [chart_source(environment)]}


def bootstrap(environment: Environment) -> Documents:
    """What an admin applies once, to the environment's cluster."""
    objects = [
        namespace(environment),
        git_repository(environment),
        sources_kustomization(environment),
        releases_kustomization(environment),
    ]
    return {f"{environment.name}.yaml": objects}


def helm_release(installation: Installation) -> Document:
    """The HelmRelease of a release."""
    environment = installation.environment
    flux = environment.gitops.flux
    spec: Document = {
        "interval": flux.interval,  # of looking for drift; changes act at once
        "timeout": f"{installation.timing.timeout}s",
        "releaseName": installation.name,
        "chartRef": {
            "kind": _source_kind(environment),
            "name": object_name(environment),
        },
        **_account(environment),
    }
    if installation.suspended:
        spec["suspend"] = True
    values = {
        "kind": "ConfigMap",
        "name": f"{installation.name}-values",
        "valuesKey": "values.yaml",
    }
    spec |= {
        "maxHistory": 3,
        "install": install(take_ownership=flux.take_ownership),
        "upgrade": upgrade(take_ownership=flux.take_ownership),
        "driftDetection": drift_detection(autoscaled=installation.autoscaled),
        "valuesFrom": [values],
    }
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {
            **_metadata(installation.name, environment),
            "annotations": LITERAL,
        },
        "spec": spec,
    }


# Releases of one kind share the mappings of these three: the YAML writer makes their text once, 5 µs less for each.


@cache
def install(*, take_ownership: bool) -> Constant:
    """The first installation, which is tried again until it succeeds."""
    return Constant(
        crds="Skip",
        disableTakeOwnership=not take_ownership,
        strategy={"name": "RetryOnFailure", "retryInterval": "5m"},
    )


@cache
def upgrade(*, take_ownership: bool) -> Constant:
    """An upgrade. A broken model is tried once, then the release goes back to what worked."""
    return Constant(
        crds="Skip",
        cleanupOnFail=True,
        disableTakeOwnership=not take_ownership,
        strategy={"name": "RemediateOnFailure"},
        remediation={
            "retries": 0,
            "remediateLastFailure": True,
            "strategy": "rollback",
        },
    )


@cache
def drift_detection(*, autoscaled: bool) -> Constant:
    """What Flux sets back when somebody changes it: everything but replicas that are the autoscaler's."""
    if not autoscaled:
        return Constant(mode="enabled")
    replicas = {"paths": ["/spec/replicas"], "target": {"kind": "Deployment"}}
    return Constant(mode="enabled", ignore=[replicas])


def kustomization(installation: Installation) -> Document:
    """values.yaml as a ConfigMap: the values have no second copy in Git."""
    config_map = {
        "name": f"{installation.name}-values",
        "namespace": installation.environment.namespace,
        "files": ["values.yaml"],
        "options": OPTIONS,
    }
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["helmrelease.yaml"],
        "configMapGenerator": [config_map],
    }


def _metadata(name: str, environment: Environment) -> Document:
    return {
        "name": name,
        "namespace": environment.namespace,
        "labels": labels(environment),
    }


def _account(environment: Environment) -> dict[str, str]:
    name = environment.gitops.flux.service_account_name
    return {"serviceAccountName": name} if name else {}


def _source_kind(environment: Environment) -> str:
    return "OCIRepository" if environment.chart.oci else "HelmChart"


def chart_source(environment: Environment) -> Document:
    """The chart's source, shared by the environment's releases."""
    spec = (
        _oci_chart(environment) if environment.chart.oci else _helm_chart(environment)
    )
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": _source_kind(environment),
        "metadata": _metadata(object_name(environment), environment),
        "spec": spec,
    }


def _oci_chart(environment: Environment) -> Document:
    layer = {
        "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        "operation": "copy",
    }
    return {
        "interval": SOURCE_INTERVAL,
        "url": environment.chart.oci,
        "ref": {"digest": environment.chart.digest},
        "layerSelector": layer,
    }


def _helm_chart(environment: Environment) -> Document:
    return {
        "interval": SOURCE_INTERVAL,
        "chart": "./" + in_repository(environment, environment.chart.path),
        "reconcileStrategy": "ChartVersion",  # Revision would upgrade every release on every commit
        "sourceRef": {"kind": "GitRepository", "name": object_name(environment)},
    }


def git_repository(environment: Environment) -> Document:
    """The Git repository, of which only the environment's own directories and its charts are checked out."""
    gitops = environment.gitops
    spec: Document = {
        "interval": GIT_INTERVAL,
        "url": gitops.repository,
        "ref": {"branch": gitops.revision},
    }
    if gitops.flux.secret_name:
        spec["secretRef"] = {"name": gitops.flux.secret_name}
    paths = _directories(environment)
    spec["sparseCheckout"] = [in_repository(environment, path) for path in paths]
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": _metadata(object_name(environment), environment),
        "spec": spec,
    }


def _directories(environment: Environment) -> list[str]:
    """Directories of the fleet that an environment's objects are made from."""
    directories = [f"deploy/{environment.name}", f"deploy/_sources/{environment.name}"]
    if not environment.chart.oci:
        # What lies beside the chart too: the next version, or this file would have to be applied again to reach it.
        chart = environment.chart.path
        directories.append(chart.rpartition("/")[0] or chart)
    return directories


def sources_kustomization(environment: Environment) -> Document:
    """Applies the chart's source and waits until it is Ready, so that new values never meet the chart before theirs.

    While Flux waits it sees neither the next commit nor its own end: for a wrong chart that is the whole timeout. A
    chart is fetched in seconds, and a slower one is waited for again.
    """
    path = f"deploy/_sources/{environment.name}"
    settings = {"timeout": "1m", "prune": False, "wait": True}
    return _kustomization(
        environment, f"{object_name(environment)}-sources", path, settings
    )


def releases_kustomization(environment: Environment) -> Document:
    """Applies the HelmReleases. It does not wait for them: one broken model must not hold up the others."""
    depends = [{"name": f"{object_name(environment)}-sources"}]
    settings = {
        "prune": True,
        "wait": False,
        "deletionPolicy": "Orphan",
        "dependsOn": depends,
    }
    return _kustomization(
        environment, object_name(environment), f"deploy/{environment.name}", settings
    )


def _kustomization(
    environment: Environment, name: str, path: str, settings: Document
) -> Document:
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": _metadata(name, environment),
        "spec": {
            "interval": "1h",
            "retryInterval": "1m",
            "timeout": "10m",
            "path": "./" + in_repository(environment, path),
            "sourceRef": {"kind": "GitRepository", "name": object_name(environment)},
            **_account(environment),
            **settings,
        },
    }
