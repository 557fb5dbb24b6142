"""Flux: one HelmRelease for each release; all objects of an environment live in its namespace."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256

from tritonfleet.engines.dynamo import definitions
from tritonfleet.engines.flux_accounts import accounts
from tritonfleet.engines.flux_sources import (
    chart_reference,
    chart_source,
    git_reference,
    git_repository,
    sources_directory,
)
from tritonfleet.engines.shared import (
    Document,
    Documents,
    environment_directory,
    finder_metadata,
    in_repository,
    namespace,
    object_name,
    release_metadata,
)
from tritonfleet.nouns import Environment, Installation
from tritonfleet.yaml import Constant

# If anybody adds postBuild substitution to the Kustomization, `${…}` in values must still pass literally.
LITERAL = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
# https://fluxcd.io/flux/components/helm/helmreleases/#triggering-a-reconcile
REQUEST = "reconcile.fluxcd.io/requestedAt"
# Without it a change of values waits for the interval.
WATCHED = {"reconcile.fluxcd.io/watch": "Enabled"}
OPTIONS = Constant(disableNameSuffixHash=True, labels=WATCHED, annotations=LITERAL)


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
        *accounts(environment),
        *definitions(environment),
        git_repository(environment),
        sources_kustomization(environment),
        releases_kustomization(environment),
    ]
    return {f"{environment.name}.yaml": objects}


def helm_release(installation: Installation) -> Document:
    """The HelmRelease of a release."""
    environment = installation.environment
    made = release_metadata(installation, installation.name, environment.namespace)
    own = {**LITERAL, REQUEST: _request(installation)}
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {
            **made,
            "annotations": {**own, **made["annotations"]},
        },
        "spec": _spec(installation),
    }


def _request(installation: Installation) -> str:
    """A name for these values. Flux repeats it in the release's status when it has taken them up.

    The values are in a ConfigMap: without it nothing in a HelmRelease tells whether those of the last commit are meant.
    """
    text = json.dumps(installation.values, sort_keys=True)
    return f"values-{sha256(text.encode()).hexdigest()[:16]}"


def _spec(installation: Installation) -> Document:
    environment = installation.environment
    flux = environment.gitops.flux
    spec: Document = {
        "interval": flux.interval,  # of looking for drift; changes act at once
        "timeout": f"{installation.timing.timeout}s",
        "releaseName": installation.name,
        "chartRef": chart_reference(environment),
        **_acting_as(flux.service_account_name),
    }
    if installation.suspended:
        spec["suspend"] = True
    if installation.test:
        # It ends itself before, and then says why.
        spec["test"] = {"enable": True, "timeout": f"{installation.test + 30}s"}
    return spec | {
        "maxHistory": 3,
        "install": install(take_ownership=flux.take_ownership),
        "upgrade": upgrade(take_ownership=flux.take_ownership),
        "driftDetection": drift_detection(autoscaled=installation.autoscaled),
        "valuesFrom": [_values_reference(installation)],
    }


def _values_reference(installation: Installation) -> Document:
    return {
        "kind": "ConfigMap",
        "name": _config_map_name(installation),
        "valuesKey": "values.yaml",
    }


def _config_map_name(installation: Installation) -> str:
    """Name of the ConfigMap of the values, which has no hash of them: the HelmRelease watches it instead."""
    return f"{installation.name}-values"


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
        "name": _config_map_name(installation),
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


def _acting_as(account: str) -> dict[str, str]:
    """Whose rights Flux uses; without an account the controller's own."""
    return {"serviceAccountName": account} if account else {}


def sources_kustomization(environment: Environment) -> Document:
    """Applies the chart's source and waits until it is Ready, so that new values never meet the chart before theirs.

    While Flux waits it sees neither the next commit nor its own end: for a wrong chart that is the whole timeout. A
    chart is fetched in seconds, and a slower one is waited for again.
    """
    settings = {"timeout": "1m", "prune": False, "wait": True}
    name = _sources_name(environment)
    return _kustomization(environment, name, sources_directory(environment), settings)


def _sources_name(environment: Environment) -> str:
    return f"{object_name(environment)}-sources"


def releases_kustomization(environment: Environment) -> Document:
    """Applies the HelmReleases. It does not wait for them: one broken model must not hold up the others."""
    settings = {
        "prune": True,
        "wait": False,
        # Who deletes the bootstrap file's objects keeps the models.
        "deletionPolicy": "Orphan",
        "dependsOn": [{"name": _sources_name(environment)}],
    }
    name = object_name(environment)
    directory = environment_directory(environment)
    return _kustomization(environment, name, directory, settings)


def _kustomization(
    environment: Environment, name: str, directory: str, settings: Document
) -> Document:
    path = in_repository(environment, directory)
    spec = {
        "interval": "1h",
        "retryInterval": "1m",
        "timeout": "10m",
        "path": f"./{path}",
        "sourceRef": git_reference(environment),
        **_acting_as(environment.gitops.flux.root_account_name),
    }
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": finder_metadata(environment, name, environment.namespace),
        "spec": spec | settings,
    }
