"""Ensembles of the models that are in the lists, in columns: what can run at the same time stands in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tritonfleet.models.pipelines import Pipeline, pipelines
from tritonfleet.nouns import Release
from tritonfleet.overview.shapes import Box, Ensemble
from tritonfleet.rules.inline_models import loaded_models


def ensembles(releases: Iterable[Release]) -> tuple[Ensemble, ...]:
    """Each ensemble of each entry once, with the environments in which it is so."""
    found: dict[tuple[str, str, tuple[tuple[Box, ...], ...]], list[str]] = {}
    for release in releases:
        for pipeline in _pipelines(release):
            key = release.name, pipeline.name, tuple(_columns(pipeline))
            found.setdefault(key, []).append(release.environment.name)
    return tuple(
        Ensemble(name, model, tuple(environments), columns)
        for (model, name, columns), environments in found.items()
    )


def _pipelines(release: Release) -> list[Pipeline]:
    """Those of models that the values hold; the values of other releases are not completed for this."""
    if "configMap" not in release.value("repository"):
        return []
    return pipelines(loaded_models(release.complete()))


def _columns(pipeline: Pipeline) -> Iterator[tuple[Box, ...]]:
    """Inputs, then steps by the longest way that leads to them, then outputs."""
    yield tuple(Box(name, _shape(pipeline, name)) for name in pipeline.inputs)
    depths = _depths(pipeline)
    for depth in sorted(set(depths)):
        steps = zip(pipeline.steps, depths, strict=True)
        yield tuple(
            Box(
                step.model,
                step.backend,
                takes=tuple(_told(pipeline, name) for name in step.takes),
                gives=tuple(_told(pipeline, name) for name in step.gives),
            )
            for step, own_depth in steps
            if own_depth == depth
        )
    yield tuple(Box(name, _shape(pipeline, name)) for name in pipeline.outputs)


def _depths(pipeline: Pipeline) -> list[int]:
    """How many steps come before each; those of a circle, of which there should be none, end at their number."""
    steps = pipeline.steps
    depths = [0] * len(steps)
    for _ in steps:
        written = {
            name: depth
            for step, depth in zip(steps, depths, strict=True)
            for name in step.gives
        }
        depths = [
            max(
                (written[name] + 1 for name in step.takes if name in written), default=0
            )
            for step in steps
        ]
    return depths


def _told(pipeline: Pipeline, name: str) -> str:
    return f"{name} {_shape(pipeline, name)}".strip()


def _shape(pipeline: Pipeline, name: str) -> str:
    tensor = pipeline.tensors.get(name)
    return tensor.shape if tensor else ""
