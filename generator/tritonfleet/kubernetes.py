"""Manifests against the strict schemas of Kubernetes, offline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from tritonfleet.problem import Missing


@dataclass(frozen=True, slots=True)
class Checked:
    """What strict schemas of Kubernetes say about manifests; `unknown` counts kinds without a schema."""

    problems: tuple[str, ...]
    unknown: Mapping[str, int]


def check(manifests: str, kubernetes: str) -> Checked:
    """Validates manifests offline for a version like 1.36 (default: the newest known). Raises Missing without it."""
    try:
        import kubernetes_validate as schemas
    except ImportError:
        raise Missing("the extra `validate` (schemas of Kubernetes) is not installed") from None
    version = ".".join(kubernetes.split(".")[:2]) or schemas.latest_version()
    found: list[str] = []
    unknown: Counter[str] = Counter()
    for document in filter(
        None, yaml.load_all(manifests, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    ):
        try:
            schemas.validate(document, version, strict=True)
        except schemas.SchemaNotFoundError:
            unknown[str(document.get("kind"))] += 1
        except schemas.ValidationError as error:
            found.append(
                f"{document.get('kind')}: {'.'.join(map(str, error.path))}: {error.message}"
            )
    return Checked(tuple(found), unknown)
