"""Manifests against the strict schemas of Kubernetes, offline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from tritonfleet.problem import Missing

Manifest: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """What strict schemas of Kubernetes say about manifests; `unknown` counts kinds without a schema."""

    problems: tuple[str, ...]
    unknown: Mapping[str, int]


def check(manifests: str, kubernetes: str) -> Checked:
    """Validates manifests for a version like 1.36 or 1.36.2 (default: the newest known); a key too many is a problem.

    Raises Missing without the package kubernetes-validate.
    """
    package = _package()
    version = _minor(kubernetes) or package.latest_version()
    problems: list[str] = []
    unknown: Counter[str] = Counter()
    try:
        found = documents(manifests)
    except yaml.YAMLError as error:
        return Checked((f"not YAML: {error}",), unknown)
    for manifest in found:
        kind = str(manifest.get("kind"))
        try:
            problems += _problems(package, manifest, version)
        except package.SchemaNotFoundError:
            unknown[kind] += 1
        except package.utils.VersionNotSupportedError:
            return Checked((f"there are no schemas of Kubernetes {version}",), unknown)
    return Checked(tuple(problems), unknown)


def _problems(package: Any, manifest: Manifest, version: str) -> Iterator[str]:
    """The first thing that is wrong with a manifest, if any is. Raises the package's errors about schemas."""
    kind = str(manifest.get("kind"))
    if not _has_type(manifest):
        yield f"{kind}: apiVersion and kind must be text"
        return
    try:
        package.validate(manifest, version, strict=True)
    except package.ValidationError as error:
        path = ".".join(map(str, error.path))
        yield f"{kind}: {path}: {error.message}"


def _has_type(manifest: Manifest) -> bool:
    """Whether it says of which type it is; an extra object need not."""
    return all(isinstance(manifest.get(key), str) for key in ("apiVersion", "kind"))


def _package() -> Any:
    """kubernetes-validate, which has no types. Raises Missing."""
    try:
        import kubernetes_validate
    except ImportError:
        raise Missing(
            "the extra `validate` (schemas of Kubernetes) is not installed"
        ) from None
    return kubernetes_validate


def _minor(version: str) -> str:
    """1.36 of 1.36.2: schemas do not change in between."""
    major_and_minor = version.split(".")[:2]
    return ".".join(major_and_minor)


def documents(manifests: str) -> list[Manifest]:
    """Every document that is not empty. Raises yaml.YAMLError, also for one that is no mapping."""
    loader: type[yaml.CSafeLoader] | type[yaml.SafeLoader]
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = yaml.load_all(manifests, Loader=loader)
    found = list(filter(None, documents))
    if not all(isinstance(document, dict) for document in found):
        raise yaml.YAMLError("a manifest is no mapping")
    return found
