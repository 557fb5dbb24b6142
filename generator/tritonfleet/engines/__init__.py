"""Who rolls releases out. An engine is a module with three functions: `release`, `sources` and `bootstrap`.

`argocd_projects`, `flux_accounts` and `flux_sources` are the parts of two engines that an environment is given once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tritonfleet.engines import argocd, flux
from tritonfleet.engines.shared import Document, Documents
from tritonfleet.nouns import Environment, Installation

__all__ = ["ENGINES", "Document", "Documents", "Engine"]


class Engine(Protocol):
    """What an engine's module offers; each function gives the documents of files by name."""

    def release(self, installation: Installation, /) -> Documents:
        """Files beside a release's values.yaml."""

    def sources(self, environment: Environment, /) -> Documents:
        """Files that an environment's releases share, applied by the engine itself."""

    def bootstrap(self, environment: Environment, /) -> Documents:
        """Files that an admin applies once."""


ENGINES: Mapping[str, Engine] = {"argocd": argocd, "flux": flux}
