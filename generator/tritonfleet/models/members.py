"""The models that ensembles call: whether they are there, and whether what they take and give fits.

Source: triton-inference-server/core, src/ensemble_scheduler/ensemble_utils.cc (ValidateEnsembleConfig).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tritonfleet.models.ensembles import Wire, running_order, steps_of, wires
from tritonfleet.models.fields import Message, Place
from tritonfleet.models.nouns import (
    PLAN,
    Finding,
    Model,
    Server,
    at_field,
    guess,
    in_config,
)
from tritonfleet.models.tensors import ANY, may_be_completed


def members_are_there(
    model: Model, _: Server, models: Mapping[str, Model]
) -> Iterator[Finding]:
    """An ensemble calls models that are there, in versions that are loaded, and never itself."""
    for step in steps_of(model):
        called = models.get(step.text("model_name"))
        if called:
            yield from _version_is_there(step, called)
        else:
            yield from _absent(step, models)
    if model.name in _called(model, models):
        yield at_field(model.config, PLAN, "TF218", "the ensemble calls itself")


def _absent(step: Message, models: Mapping[str, Model]) -> Iterator[Finding]:
    """What is in another namespace, another repository holds."""
    name = step.text("model_name")
    if name and not step.has("model_namespace"):
        message = f"the ensemble calls model {name}, which is not there"
        hint = guess(name, models) or "add it"
        yield at_field(step, "model_name", "TF218", message, hint)


def _version_is_there(step: Message, called: Model) -> Iterator[Finding]:
    """-1 is the latest. A step without a version takes version 0, protobuf's default for a number."""
    version = step.number("model_version")
    loaded = called.loaded_versions
    if version < 0 or version in loaded:
        return
    message = f"version {version} of model {called.name} is not loaded"
    there = ", ".join(map(str, loaded)) or "none"
    hint = f"loaded: {there}; -1 is the latest"
    if not step.has("model_version"):
        message = f"the step has no `model_version`, which means {version}"
        hint = "add `model_version: -1`, the latest"
    yield at_field(step, "model_version", "TF218", message, hint)


def _called(model: Model, models: Mapping[str, Model]) -> set[str]:
    """Names of all models that an ensemble calls, by itself or through others."""
    names: set[str] = set()
    left = _called_by_steps(model)
    while left:
        name = left.pop()
        is_new = name not in names
        names.add(name)
        if is_new and name in models:
            left += _called_by_steps(models[name])
    return names


def _called_by_steps(model: Model) -> list[str]:
    return [step.text("model_name") for step in steps_of(model)]


def closure(names: Iterable[str], models: Mapping[str, Model]) -> dict[str, Model]:
    """The models with these names and all that they call, as far as they are there."""
    wanted: set[str] = set()
    for name in models.keys() & names:
        wanted |= {name, *_called(models[name], models)}
    return {name: models[name] for name in sorted(wanted & models.keys())}


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
    tensors = _own_tensors(model)
    for step in steps_of(model):
        called = models.get(step.text("model_name"))
        if called is None or not _is_told(called, server):
            continue
        yield from _batches_fit(model, called)
        yield from _unmapped(step, called)
        for wire in wires(step, "input_map"):
            yield from _fits(wire, called, "input", tensors)
        for wire in wires(step, "output_map"):
            yield from _fits(wire, called, "output", tensors)


def answers_are_of_one_model(
    model: Model, _: Server, models: Mapping[str, Model]
) -> Iterator[Finding]:
    """Of two models that answer as often as they like, nobody knows which answers belong together."""
    config = model.config
    # By the ensemble's tensors, the step whose answers they are of; 0 is the request itself.
    answers = {tensor.name: 0 for tensor in config.messages("input")}
    for number, step in enumerate(running_order(model), start=1):
        read = {answers[wire.ensemble] for wire in wires(step, "input_map")}
        if len(read) > 1:
            yield _mixed(step.place, "a step takes")
            return
        own = number if _is_decoupled(step, models) else min(read, default=0)
        answers |= {wire.ensemble: own for wire in wires(step, "output_map")}
    if len({answers.get(tensor.name) for tensor in config.messages("output")}) > 1:
        yield _mixed(config.at(PLAN), "the ensemble's outputs are")


def _is_decoupled(step: Message, models: Mapping[str, Model]) -> bool:
    called = models.get(step.text("model_name"))
    policy = "model_transaction_policy"
    return called is not None and called.config.message(policy).flag("decoupled")


def _mixed(place: Place, words: str) -> Finding:
    message = f"{words} answers of two models, one of which answers several times"
    hint = "take all of one model, or make each of them answer once"
    return in_config(place, "TF220", message, hint)


def _own_tensors(model: Model) -> dict[str, _Tensor]:
    """The ensemble's inputs and outputs; of two with one name, the first counts."""
    config = model.config
    tensors: dict[str, _Tensor] = {}
    for tensor in [*config.messages("input"), *config.messages("output")]:
        dims = tensor.numbers("dims")
        if tensor.has("reshape"):
            dims = tensor.message("reshape").numbers("shape")
        tensors.setdefault(tensor.name, _tensor(model, tensor, dims))
    return tensors


def _batches_fit(model: Model, called: Model) -> Iterator[Finding]:
    """A model without batches gets each request alone."""
    most, wanted = called.max_batch_size, model.max_batch_size
    if most != 0 and most < wanted:
        batches = f"the ensemble takes batches of {wanted}"
        message = f"{batches}, and model {called.name} of {most}"
        yield at_field(model.config, "max_batch_size", "TF220", message)


def _is_told(called: Model, server: Server) -> bool:
    """Whether the configuration has all tensors: a backend that completes may know more."""
    return called.has_plan or not may_be_completed(called, server)


def _tensor(model: Model, tensor: Message, dims: list[int]) -> _Tensor:
    """A tensor of a model with this shape."""
    shape = tuple(dims)
    batched = (ANY, *shape) if model.max_batch_size > 0 else shape
    return _Tensor(model.name, tensor.text("data_type"), shape, batched)


def _unmapped(step: Message, called: Model) -> Iterator[Finding]:
    """Inputs of a model that a step does not give it."""
    mapped = {wire.tensor for wire in wires(step, "input_map")}
    for name in _needed_inputs(called):
        if name not in mapped:
            message = f"the step leaves out input {name} of model {called.name}"
            hint = f'add `input_map {{ key: "{name}" value: … }}`'
            yield in_config(step.place, "TF220", message, hint)


def _needed_inputs(model: Model) -> list[str]:
    inputs = model.config.messages("input")
    return [tensor.name for tensor in inputs if not tensor.flag("optional")]


def _fits(
    wire: Wire, called: Model, kind: str, tensors: dict[str, _Tensor]
) -> Iterator[Finding]:
    """Whether the model has the wire's tensor, as those say that named it before; the first decides what it is."""
    own = {each.name: each for each in called.config.messages(kind)}
    if wire.tensor not in own:
        message = f"model {called.name} has no {kind} {wire.tensor}"
        hint = guess(wire.tensor, own)
        yield in_config(wire.place, "TF220", message, hint)
        return
    said = own[wire.tensor]
    tensor = _tensor(called, said, said.numbers("dims"))
    other = tensors.setdefault(wire.ensemble, tensor)
    yield from _differ(wire, other, tensor)


def _differ(wire: Wire, one: _Tensor, other: _Tensor) -> Iterator[Finding]:
    """How two models see one tensor of the ensemble, where they do not see the same."""
    have_same_type = one.type == other.type
    if have_same_type and _have_same_shape(one, other):
        return
    here, there = one.type, other.type
    if have_same_type:
        here, there = str([*one.full]), str([*other.full])
    message = f"{wire.ensemble} is {here} for {one.model} and {there} for {other.model}"
    yield in_config(wire.place, "TF220", message)


def _have_same_shape(one: _Tensor, other: _Tensor) -> bool:
    """With the batch or without: a model without batches may take a batch as one request."""
    return _same(one.dims, other.dims) or _same(one.full, other.full)


def _same(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two shapes can be one: a dimension of any size fits every size."""
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(
        size == size_there or ANY in (size, size_there) for size, size_there in pairs
    )
