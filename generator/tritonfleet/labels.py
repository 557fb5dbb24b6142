"""What the engines' objects of a release are called for other tools: labels to find them by, and annotations.

Every layer may say more in `gitops`. Nothing of this reaches a pod.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tritonfleet.gitops import Names
from tritonfleet.nouns import Environment, Release
from tritonfleet.source import Layer
from tritonfleet.values import Values, lookup, mapping_at, overlay

PREFIX = "tritonfleet"
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
_LABEL = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")


def names_of(release: Release) -> Names:
    """Ours, and those that the layers say; what cannot be a label's value is an annotation."""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    # 1. Ours.
    for name, value in _ours(release).items():
        if not value:
            continue
        place = labels if _LABEL.match(value) else annotations
        place[f"{PREFIX}/{name}"] = value
    # 2. What the layers say.
    given = said(release)
    labels.update(_texts(given, "labels"))
    annotations.update(_texts(given, "annotations"))
    return Names(labels, annotations)


def names_of_environment(environment: Environment) -> Names:
    """Of the objects that find an environment's releases: what the environment says of all its releases."""
    gitops = environment.gitops
    name = environment.name
    own = {f"{PREFIX}/environment": name} if _LABEL.match(name) else {}
    return Names({**own, **gitops.labels}, {**gitops.annotations})


def _ours(release: Release) -> Mapping[str, str]:
    return {
        "environment": release.environment.name,
        "release": release.name,
        "team": release.value("owner")["team"],
        "model-version": release.value("modelVersion"),
    }


def said(release: Release) -> Values:
    """What the files and their layers say of it, the later the stronger: a null takes a name away."""
    gitops = release.environment.gitops
    found: Values = {"labels": gitops.labels, "annotations": gitops.annotations}
    for layer in release.layers:
        own = _of_layer(layer)
        if own:
            found = overlay(found, own)
    return found


def _of_layer(layer: Layer) -> Values:
    """What a layer says in `gitops`, which is no value of the chart; {} for nearly all."""
    path = (*layer.path, "gitops")
    own = lookup(layer.source.data, path)
    return own if isinstance(own, dict) else {}


def _texts(given: Values, key: str) -> Iterator[tuple[str, str]]:
    """Names with their texts, sorted; anything else does not fit the schema."""
    values: Mapping[str, Any] = mapping_at(given, key)
    for name, value in sorted(values.items()):
        if isinstance(value, str):
            yield name, value
