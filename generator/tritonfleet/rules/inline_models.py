"""Inline models as the server would read them; what is wrong is told at its line inside of the list's text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tritonfleet.facts import (
    explicit,
    inline_models,
    path_of_inline_models,
    triton_version,
)
from tritonfleet.models import CODES, Finding, Model, Server, check, closure
from tritonfleet.nouns import Release
from tritonfleet.problem import Position, Problem
from tritonfleet.rules.registry import release_rule
from tritonfleet.values import Values
from tritonfleet.vllm import engines
from tritonfleet.yaml import inside


@release_rule("TF200", "repository", tells=CODES)
def inline_models_can_be_loaded(release: Release, values: Values) -> Iterator[Problem]:
    """Every check of a model, each with its own code."""
    models = loaded_models(values)
    codes = _codes_of(values)
    for model, finding in check(models, server_of(values)):
        if finding.code not in codes:
            continue  # a rule of its own says it of all models, as the chart does
        yield Problem(
            _position(release, model, finding),
            finding.code,
            finding.message,
            hint=finding.hint,
            severity=finding.severity,
            subject=release.name,
            environment=release.environment.name,
        )


def _codes_of(values: Values) -> set[str]:
    """Of models that the chart writes, the rules of `repository.vllm` say what their engines are told."""
    codes = {"TF200", *CODES}
    return codes - {"TF223"} if engines(values) else codes


def loaded_models(values: Values) -> Mapping[str, Model]:
    """The inline models that the server loads: all, or those that are named and what they call."""
    texts = inline_models(values)
    models = {name: Model(name, files) for name, files in texts.items()}
    if explicit(values):
        return closure(values["loadModels"], models)
    return models


def server_of(values: Values) -> Server:
    """What the values say of the server."""
    server = values["server"]
    return Server(
        version=triton_version(values),
        completes=server["autoCompleteConfig"],
        devices=_devices(values["accelerator"]),
        caches=bool(server["cache"]),
        has_metrics=values["metrics"]["enabled"],
        limits_rates=server["rateLimit"]["enabled"],
        resources=server["rateLimit"]["resources"],
    )


def _devices(accelerator: Values) -> int | None:
    """GPUs of a pod; None for other devices, and for claims, whose classes say how many."""
    is_gpu = accelerator["resource"].startswith("nvidia.com/")
    if accelerator["claims"] or not is_gpu:
        return None
    count: int = accelerator["count"]
    return count


def _position(release: Release, model: Model, finding: Finding) -> Position:
    """The line of the file inside of the text; the model's name where it is about no file."""
    repository = path_of_inline_models(release.complete())
    of_model = (*repository, model.name)
    of_file = (*of_model, finding.file)
    text = model.files.get(finding.file)
    layer = release.setter(of_file)
    if layer is None or text is None:
        return release.position(of_model, key=True)
    path = layer.path + of_file
    return inside(layer.source, path, text, *finding.place)
