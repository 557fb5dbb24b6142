"""Models of vLLM: what the chart writes for them, and which weights it prepares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tritonfleet.values import Values

CONFIG = 'backend: "vllm"\ninstance_group [{count: 1, kind: KIND_MODEL}]\n'
WEIGHTS = "/weights"
# Sources from which somebody downloads; the others are volumes that hold the weights already.
DOWNLOADED = frozenset({"hub", "s3"})


def engines(values: Values) -> Mapping[str, Values]:
    """What the engines are told, by model."""
    models: Mapping[str, Values] = values["repository"].get("vllm") or {}
    return models


def files_of(engine: Values, weights: Values) -> Mapping[str, str]:
    """The files of one model by path."""
    told = dict(engine)
    if weights and is_prepared(engine):
        told["model"] = f"{WEIGHTS}/{engine['model']}"
        told.pop("revision", None)
    text = json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)
    return {"config.pbtxt": CONFIG, "1/model.json": f"{text}\n"}


def weights(values: Values) -> Values:
    """Where they come from: one source with its settings, or nothing. A chart before 0.2 has none."""
    found: Values = values.get("weights") or {}
    return found


def is_prepared(engine: Values) -> bool:
    """Whether its weights are a name in their source, and not a place of their own."""
    name: str = engine["model"]
    return not (name.startswith("/") or "://" in name)


def downloads(values: Values) -> list[str]:
    """Names of the weights that are downloaded before the server starts."""
    if DOWNLOADED.isdisjoint(weights(values)):
        return []
    told = engines(values).values()
    return sorted({engine["model"] for engine in told if is_prepared(engine)})


def claims(values: Values) -> Iterator[Values]:
    """What a claim for weights is created with; none for an existing one, or a pod's own copy."""
    for settings in weights(values).values():
        if "create" in settings:
            modes = settings["create"].get("accessModes", ["ReadWriteMany"])
            yield {**settings["create"], "accessModes": modes}


def volume_of(settings: Values) -> str:
    """The kind of the volume with the weights, by the settings of their source."""
    if "reference" in settings:
        return "image"
    if "claim" in settings or "create" in settings:
        return "persistentVolumeClaim"
    return "emptyDir"


def is_filled_by_a_job(values: Values) -> bool:
    """Whether a Job downloads into a claim that all pods share, and not each pod into its own."""
    for settings in weights(values).values():
        modes = [each["accessModes"] for each in claims(values)]
        return "claim" in settings or ["ReadWriteMany"] in modes
    return False
