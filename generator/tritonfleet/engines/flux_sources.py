"""What Flux fetches for an environment: the Git repository, and from it or from a registry the chart."""

from __future__ import annotations

from tritonfleet.engines.shared import (
    Document,
    environment_directory,
    in_repository,
    metadata,
    object_name,
)
from tritonfleet.nouns import Environment

SOURCE_API = "source.toolkit.fluxcd.io/v1"
CHART_INTERVAL = "10m"
GIT_INTERVAL = "1m"
# The layer of an OCI artifact that holds a chart: https://helm.sh/docs/topics/registries/.
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


def chart_reference(environment: Environment) -> Document:
    """How a HelmRelease names the chart's source."""
    kind = "OCIRepository" if environment.chart.oci else "HelmChart"
    return {"kind": kind, "name": object_name(environment)}


def git_reference(environment: Environment) -> Document:
    """How a Kustomization or a HelmChart names the Git repository."""
    return {"kind": "GitRepository", "name": object_name(environment)}


def chart_source(environment: Environment) -> Document:
    """The chart's source, shared by the environment's releases."""
    if environment.chart.oci:
        return _source(environment, "OCIRepository", _oci_chart(environment))
    return _source(environment, "HelmChart", _helm_chart(environment))


def _source(environment: Environment, kind: str, spec: Document) -> Document:
    name = object_name(environment)
    return {
        "apiVersion": SOURCE_API,
        "kind": kind,
        "metadata": metadata(environment, name, environment.namespace),
        "spec": spec,
    }


def _oci_chart(environment: Environment) -> Document:
    chart = environment.chart
    return {
        "interval": CHART_INTERVAL,
        "url": chart.oci,
        "ref": {"digest": chart.digest},
        "layerSelector": {"mediaType": CHART_LAYER, "operation": "copy"},
    }


def _helm_chart(environment: Environment) -> Document:
    path = in_repository(environment, environment.chart.path)
    return {
        "interval": CHART_INTERVAL,
        "chart": f"./{path}",
        "reconcileStrategy": "ChartVersion",  # Revision would upgrade every release on every commit
        "sourceRef": git_reference(environment),
    }


def git_repository(environment: Environment) -> Document:
    """The Git repository, of which only the environment's own directories and its charts are checked out."""
    gitops = environment.gitops
    spec: Document = {
        "interval": GIT_INTERVAL,
        "url": gitops.repository,
        "ref": {"branch": gitops.revision},
    }
    secret = gitops.flux.secret_name
    if secret:
        spec["secretRef"] = {"name": secret}
    paths = _directories(environment)
    spec["sparseCheckout"] = [in_repository(environment, path) for path in paths]
    return _source(environment, "GitRepository", spec)


def _directories(environment: Environment) -> list[str]:
    """Directories of the fleet that an environment's objects are made from."""
    directories = [environment_directory(environment), sources_directory(environment)]
    if not environment.chart.oci:
        directories.append(_beside(environment.chart.path))
    return directories


def sources_directory(environment: Environment) -> str:
    """Where the chart's source is, as the fleet's root sees it."""
    return f"deploy/_sources/{environment.name}"


def _beside(chart: str) -> str:
    """The directory that a chart lies in.

    What lies beside the chart is fetched too: the next version, or the bootstrap file would have to be applied again
    to reach it.
    """
    parent, _, _ = chart.rpartition("/")
    return parent or chart
