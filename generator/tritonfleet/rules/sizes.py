"""Sizes that etcd, Kubernetes, Helm or Flux refuse."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator

from tritonfleet.nouns import Release, Resolved
from tritonfleet.problem import Problem
from tritonfleet.rules.annotations import OF_OBJECTS
from tritonfleet.rules.registry import at, fleet_rule, release_rule
from tritonfleet.values import KeyPath, Values, dotted, lookup

# Source: TotalAnnotationSizeLimitB of k8s.io/apimachinery. Engines and the chart add some of their own.
MOST_ANNOTATIONS = 256 * 1024 - 4096
# Source: MaxSecretSize of k8s.io/api, which also holds for ConfigMaps.
MOST_OBJECT = 1024 * 1024
# What Helm keeps beside the values, compressed: the chart and the manifests of ci/everything-values.yaml take 120 kB.
CHART_SHARE = 160 * 1024
_ANNOTATIONS: tuple[KeyPath, ...] = (("podAnnotations",), *OF_OBJECTS)


@release_rule(
    "TF146",
    "podAnnotations commonAnnotations service ingress httpRoute grpcRoute serviceAccount",
)
def annotations_fit(release: Release, values: Values) -> Iterator[Problem]:
    """The annotations of an object are no more than Kubernetes takes."""
    common = _bytes_of(values, ("commonAnnotations",))
    for path in _ANNOTATIONS:
        size = _bytes_of(values, path)
        if path != ("commonAnnotations",) and size:
            size += common
        if size > MOST_ANNOTATIONS:
            made = f"`{dotted(path)}` makes {size} bytes of annotations"
            message = f"{made}; an object has {MOST_ANNOTATIONS} at most"
            hint = "put the data into a ConfigMap"
            yield at(release, path, message, hint, key=True)


def _bytes_of(values: Values, path: KeyPath) -> int:
    """Bytes of names and values, which Kubernetes counts together."""
    annotations: Values = lookup(values, path) or {}
    size = 0
    for name, value in annotations.items():
        size += len(name.encode())
        size += len(str(value).encode())
    return size


@fleet_rule("TF144")
def values_fit(resolved: Resolved) -> Iterator[Problem]:
    """The values of a release are no more than a ConfigMap and Helm's Secret hold."""
    for release in resolved.releases:
        if _is_from_large_files(release):
            yield from _too_large(release)


def _is_from_large_files(release: Release) -> bool:
    """Whether the values can be large at all: most files are smaller than what is looked for."""
    sources = (layer.source for layer in release.layers)
    sizes = {source.file: len(source.text) for source in sources}
    return sum(sizes.values()) > MOST_OBJECT // 4


def _too_large(release: Release) -> Iterator[Problem]:
    """The values of one release, against the object that they fill most."""
    text = json.dumps(release.values, ensure_ascii=False).encode()
    if len(text) < MOST_OBJECT // 4:
        return
    size = len(text)
    size_for_helm = _bytes_of_helm(text)
    holder = "a ConfigMap"
    if release.environment.engine == "flux" and size_for_helm > size:
        size = size_for_helm
        holder = "Helm's Secret"
    if size > MOST_OBJECT:
        made = f"the values make about {size} bytes of {holder}"
        message = f"{made}, which holds {MOST_OBJECT}"
        hint = "put large texts into a ConfigMap or an image, and name that"
        yield at(release, ("name",), message, hint)


def _bytes_of_helm(values: bytes) -> int:
    """What Helm's Secret takes: values, and what they become, in base64 of what gzip makes of both."""
    compressed = zlib.compress(values, 9)
    size = 2 * len(compressed) + CHART_SHARE
    return size * 4 // 3
