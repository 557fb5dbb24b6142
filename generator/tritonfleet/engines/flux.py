"""Flux: one HelmRelease for each release; all objects of an environment live in its namespace."""

from __future__ import annotations

from typing import Any

from tritonfleet.engines.shared import in_repository, labels, namespace, object_name
from tritonfleet.nouns import Environment, Installation
from tritonfleet.yaml import Constant

# If anybody adds postBuild substitution to the Kustomization, `${…}` in values must still pass literally.
LITERAL = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
WATCHED = {
    "reconcile.fluxcd.io/watch": "Enabled"
}  # without it a change of values waits for the interval
OPTIONS = Constant(disableNameSuffixHash=True, labels=WATCHED, annotations=LITERAL)
REPLICAS_IGNORED = {
    "paths": ["/spec/replicas"],
    "target": {"kind": "Deployment"},
}  # they are the autoscaler's
DRIFT = {False: Constant(mode="enabled"), True: Constant(mode="enabled", ignore=[REPLICAS_IGNORED])}
INSTALL = {
    take: Constant(
        crds="Skip",
        disableTakeOwnership=not take,
        strategy={"name": "RetryOnFailure", "retryInterval": "5m"},
    )
    for take in (False, True)
}
# A broken model is tried once, then the release goes back to what worked.
UPGRADE = {
    take: Constant(
        crds="Skip",
        cleanupOnFail=True,
        disableTakeOwnership=not take,
        strategy={"name": "RemediateOnFailure"},
        remediation={"retries": 0, "remediateLastFailure": True, "strategy": "rollback"},
    )
    for take in (False, True)
}
SOURCE_INTERVAL = "10m"
GIT_INTERVAL = "1m"


def release(installation: Installation) -> dict[str, list[Any]]:
    """The HelmRelease, and the Kustomization that turns values.yaml into the ConfigMap it reads."""
    return {
        "helmrelease.yaml": [helm_release(installation)],
        "kustomization.yaml": [kustomization(installation)],
    }


def sources(environment: Environment) -> dict[str, list[Any]]:
    """The chart's source. It must be Ready before the releases, so it is applied by a Kustomization of its own."""
    return {"source.yaml": [chart_source(environment)]}


def bootstrap(environment: Environment) -> dict[str, list[Any]]:
    """What an admin applies once, to the environment's cluster."""
    objects = [
        namespace(environment),
        git_repository(environment),
        sources_kustomization(environment),
        releases_kustomization(environment),
    ]
    return {f"{environment.name}.yaml": objects}


def helm_release(installation: Installation) -> dict[str, Any]:
    """The HelmRelease of a release."""
    environment = installation.environment
    flux = environment.gitops.flux
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {**_metadata(installation.name, environment), "annotations": LITERAL},
        "spec": {
            "interval": flux.interval,  # of looking for drift; changes act at once
            "timeout": f"{installation.timing.timeout}s",
            "releaseName": installation.name,
            "chartRef": {"kind": _source_kind(environment), "name": object_name(environment)},
            **_account(environment),
            **({"suspend": True} if installation.suspended else {}),
            "maxHistory": 3,
            "install": INSTALL[flux.take_ownership],
            "upgrade": UPGRADE[flux.take_ownership],
            "driftDetection": DRIFT[installation.autoscaled],
            "valuesFrom": [
                {
                    "kind": "ConfigMap",
                    "name": f"{installation.name}-values",
                    "valuesKey": "values.yaml",
                }
            ],
        },
    }


def kustomization(installation: Installation) -> dict[str, Any]:
    """values.yaml as a ConfigMap: the values have no second copy in Git."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["helmrelease.yaml"],
        "configMapGenerator": [
            {
                "name": f"{installation.name}-values",
                "namespace": installation.environment.namespace,
                "files": ["values.yaml"],
                "options": OPTIONS,
            }
        ],
    }


def _metadata(name: str, environment: Environment) -> dict[str, Any]:
    return {"name": name, "namespace": environment.namespace, "labels": labels(environment)}


def _account(environment: Environment) -> dict[str, str]:
    name = environment.gitops.flux.service_account_name
    return {"serviceAccountName": name} if name else {}


def _source_kind(environment: Environment) -> str:
    return "OCIRepository" if environment.chart.oci else "HelmChart"


def chart_source(environment: Environment) -> dict[str, Any]:
    """The chart's source, shared by the environment's releases."""
    chart = environment.chart
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": _source_kind(environment),
        "metadata": _metadata(object_name(environment), environment),
        "spec": _oci(chart.oci, chart.digest) if chart.oci else _helm_chart(environment),
    }


def _oci(url: str, digest: str) -> dict[str, Any]:
    chart = {
        "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        "operation": "copy",
    }
    return {
        "interval": SOURCE_INTERVAL,
        "url": url,
        "ref": {"digest": digest},
        "layerSelector": chart,
    }


def _helm_chart(environment: Environment) -> dict[str, Any]:
    return {
        "interval": SOURCE_INTERVAL,
        "chart": "./" + in_repository(environment, environment.chart.path),
        "reconcileStrategy": "ChartVersion",  # Revision would upgrade every release on every commit
        "sourceRef": {"kind": "GitRepository", "name": object_name(environment)},
    }


def git_repository(environment: Environment) -> dict[str, Any]:
    """The Git repository, of which only the environment's own directories and its charts are checked out."""
    gitops, chart = environment.gitops, environment.chart
    # What lies beside the chart too: the next version, or this file would have to be applied again to reach it.
    charts = chart.path.rpartition("/")[0] or chart.path
    paths = [
        f"deploy/{environment.name}",
        f"deploy/_sources/{environment.name}",
        *([] if chart.oci else [charts]),
    ]
    secret = gitops.flux.secret_name
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": _metadata(object_name(environment), environment),
        "spec": {
            "interval": GIT_INTERVAL,
            "url": gitops.repository,
            "ref": {"branch": gitops.revision},
            **({"secretRef": {"name": secret}} if secret else {}),
            "sparseCheckout": [in_repository(environment, path) for path in paths],
        },
    }


def sources_kustomization(environment: Environment) -> dict[str, Any]:
    """Applies the chart's source and waits until it is Ready, so that new values never meet the chart before theirs.

    While Flux waits it sees neither the next commit nor its own end: for a wrong chart that is the whole timeout. A
    chart is fetched in seconds, and a slower one is waited for again.
    """
    path = f"deploy/_sources/{environment.name}"
    settings = {"timeout": "1m", "prune": False, "wait": True}
    return _kustomization(environment, f"{object_name(environment)}-sources", path, settings)


def releases_kustomization(environment: Environment) -> dict[str, Any]:
    """Applies the HelmReleases. It does not wait for them: one broken model must not hold up the others."""
    depends = [{"name": f"{object_name(environment)}-sources"}]
    settings = {"prune": True, "wait": False, "deletionPolicy": "Orphan", "dependsOn": depends}
    return _kustomization(
        environment, object_name(environment), f"deploy/{environment.name}", settings
    )


def _kustomization(
    environment: Environment, name: str, path: str, settings: dict[str, Any]
) -> dict[str, Any]:
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
