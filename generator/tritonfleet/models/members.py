"""The models that ensembles call: whether they are there, and whether what they take and give fits.

Source: triton-inference-server/core, src/ensemble_scheduler/ensemble_utils.cc (ValidateEnsembleConfig).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tritonfleet.models.ensembles import Wire, steps_of, wires
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.models.said import Said
from tritonfleet.models.tensors import completes
from tritonfleet.problem import similar


def members_are_there(
    model: Model, _: Server, models: Mapping[str, Model]
) -> Iterator[Finding]:
    for step in steps_of(model):
        name = step.text("model_name")
        if name and name not in models and not step.has("model_namespace"):
            message = f"the ensemble calls model {name}, which is not there"
            hint = similar(name, models) or "add it"
            yield Finding("TF218", message, hint, CONFIG, step.at("model_name"))
        elif name in models:
            yield from _version_is_there(step, models[name])
    if model.name in _called(model, models):
        message = "the ensemble calls itself"
        place = model.config.at("ensemble_scheduling")
        yield Finding("TF218", message, "", CONFIG, place)


def _version_is_there(step: Said, called: Model) -> Iterator[Finding]:
    version = step.number("model_version")
    if version > 0 and version not in called.loaded_versions:
        there = ", ".join(map(str, called.loaded_versions)) or "none"
        message = f"version {version} of model {called.name} is not loaded"
        hint = f"loaded: {there}; -1 is the latest"
        yield Finding("TF218", message, hint, CONFIG, step.at("model_version"))


def _called(model: Model, models: Mapping[str, Model]) -> set[str]:
    """Names of all models that an ensemble calls, by itself or through others."""
    names: set[str] = set()
    left = [step.text("model_name") for step in steps_of(model)]
    while left:
        name = left.pop()
        if name not in names:
            names.add(name)
            if name in models:
                left += [each.text("model_name") for each in steps_of(models[name])]
    return names


def closure(names: Iterable[str], models: Mapping[str, Model]) -> dict[str, Model]:
    """The models with these names and all that they call, as far as they are there."""
    wanted = {
        each for name in names if name in models for each in _with_called(name, models)
    }
    return {name: models[name] for name in sorted(wanted) if name in models}


def _with_called(name: str, models: Mapping[str, Model]) -> set[str]:
    return {name} | _called(models[name], models)


class _Tensor(NamedTuple):
    """What is known of an ensemble's tensor, and from whom."""

    model: str
    type: str
    dims: tuple[int, ...]
    full: tuple[int, ...]
    """With the dimension of the batch, where there is one."""


def wires_fit(
    model: Model, server: Server, models: Mapping[str, Model]
) -> Iterator[Finding]:
    """What a step reads and writes is what its model has, in type and shape."""
    config = model.config
    tensors: dict[str, _Tensor] = {}
    for field in ("input", "output"):
        for each in config.messages(field):
            tensors.setdefault(each.text("name"), _tensor(model, each, own=True))
    for step in steps_of(model):
        called = models.get(step.text("model_name"))
        if called is None or not _is_told(called, server):
            continue
        most = called.config.number("max_batch_size")
        wanted = config.number("max_batch_size")
        if most != 0 and most < wanted:
            message = f"the ensemble takes batches of {wanted}, and model {called.name} of {most}"
            place = config.at("max_batch_size")
            yield Finding("TF220", message, "", CONFIG, place)
        yield from _unmapped(step, called)
        for field, kind in (("input_map", "input"), ("output_map", "output")):
            for wire in wires(step, field):
                yield from _fits(wire, called, kind, tensors)


def _is_told(called: Model, server: Server) -> bool:
    """Whether the configuration has all tensors: a backend that completes may know more."""
    if called.config.has("ensemble_scheduling"):
        return True
    return not (server.completes and completes(called))


def _tensor(model: Model, tensor: Said, *, own: bool = False) -> _Tensor:
    reshaped = own and tensor.has("reshape")
    dims = tensor.message("reshape").numbers("shape") if reshaped else None
    shape = tuple(tensor.numbers("dims") if dims is None else dims)
    is_batched = model.config.number("max_batch_size") > 0
    full = (-1, *shape) if is_batched else shape
    return _Tensor(model.name, tensor.text("data_type"), shape, full)


def _unmapped(step: Said, called: Model) -> Iterator[Finding]:
    mapped = {wire.tensor for wire in wires(step, "input_map")}
    for tensor in called.config.messages("input"):
        name = tensor.text("name")
        if name not in mapped and not tensor.flag("optional"):
            message = f"the step leaves out input {name} of model {called.name}"
            hint = f'add `input_map {{ key: "{name}" value: … }}`'
            yield Finding("TF220", message, hint, CONFIG, step.place)


def _fits(
    wire: Wire, called: Model, kind: str, tensors: dict[str, _Tensor]
) -> Iterator[Finding]:
    own = {each.text("name"): each for each in called.config.messages(kind)}
    if wire.tensor not in own:
        message = f"model {called.name} has no {kind} {wire.tensor}"
        hint = similar(wire.tensor, own)
        yield Finding("TF220", message, hint, CONFIG, wire.place)
        return
    tensor = _tensor(called, own[wire.tensor])
    other = tensors.setdefault(wire.ensemble, tensor)
    where = f"{wire.ensemble} is {{}} for {other.model} and {{}} for {called.name}"
    if other.type != tensor.type:
        message = where.format(other.type, tensor.type)
        yield Finding("TF220", message, "", CONFIG, wire.place)
    elif not _same(other.dims, tensor.dims) and not _same(other.full, tensor.full):
        message = where.format(list(other.full), list(tensor.full))
        yield Finding("TF220", message, "", CONFIG, wire.place)


def _same(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    if len(one) != len(other):
        return False
    return all(a == b or -1 in (a, b) for a, b in zip(one, other, strict=True))
