"""What engines are told: the section `gitops`, the names of objects, and how long to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tritonfleet.values import Values, mapping_at, text_at


class Names(NamedTuple):
    """Labels and annotations by name: what other tools find an engine's object by."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ArgoCD:
    """Where Argo CD's own objects of an environment live."""

    namespace: str
    project: str


@dataclass(frozen=True, slots=True)
class Flux:
    """What Flux's objects of an environment say; an empty name is not written."""

    interval: str
    """How often Flux compares with Git: 1h, 10m."""
    secret_name: str
    service_account_name: str
    """The account of the releases, which the bootstrap file makes; without one they have the controller's rights."""
    take_ownership: bool
    """Whether releases adopt objects that exist already."""

    @property
    def root_account_name(self) -> str:
        """The account of the Kustomizations; empty where the releases have none."""
        name = self.service_account_name
        return f"{name}-root" if name else ""


@dataclass(frozen=True, slots=True)
class GitOps:
    """The Git repository as an engine reads it, with the settings of each engine."""

    repository: str
    revision: str
    path: str
    """The fleet's directory inside the repository; empty when it is the repository's root."""
    argocd: ArgoCD
    flux: Flux
    labels: Values
    """Of the releases' Applications and HelmReleases."""
    annotations: Values


def gitops_of(gitops: Values, project: str) -> GitOps:
    """The section `gitops` of a file, with our defaults; `project` is Argo CD's where nobody names one."""
    return GitOps(
        repository=text_at(gitops, "repository"),
        revision=text_at(gitops, "revision", default="main"),
        path=text_at(gitops, "path"),
        argocd=_argocd(mapping_at(gitops, "argocd"), project),
        flux=_flux(mapping_at(gitops, "flux")),
        labels=mapping_at(gitops, "labels"),
        annotations=mapping_at(gitops, "annotations"),
    )


def _argocd(settings: Values, project: str) -> ArgoCD:
    return ArgoCD(
        namespace=text_at(settings, "namespace", default="argocd"),
        project=text_at(settings, "project", default=project),
    )


def _flux(settings: Values) -> Flux:
    return Flux(
        interval=text_at(settings, "interval", default="1h"),
        secret_name=text_at(settings, "secretName"),
        service_account_name=text_at(settings, "serviceAccountName"),
        take_ownership=settings.get("takeOwnership") is True,
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that engines need and the chart derives as well."""

    startup: int
    pull: int
    drain: int
    grace: int
    deadline: int
    timeout: int
    pods: int
