"""Ensembles as they are drawn: steps, and the tensors that go from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tritonfleet.models.backends import run_of
from tritonfleet.models.ensembles import steps_of, wires
from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import ENSEMBLE, Model

_KINDS = (("input", "input_map"), ("output", "output_map"))


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of an ensemble: `FP32 [3, 224, 224]`, or "" where no configuration says it."""

    name: str
    shape: str


@dataclass(frozen=True, slots=True)
class Step:
    """A model that an ensemble calls, and the names of the ensemble's tensors that it takes and gives."""

    model: str
    backend: str
    """"" where nobody knows: the model is not there, or its configuration does not tell."""
    takes: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ensemble: its steps in the order of its configuration, and every tensor once."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    steps: tuple[Step, ...]
    tensors: Mapping[str, Tensor]


def pipelines(models: Mapping[str, Model]) -> list[Pipeline]:
    """Every ensemble among the models, by name; what is wrong with one is drawn as it is written."""
    return [
        _pipeline(model, models)
        for _, model in sorted(models.items())
        if model.has_plan
    ]


def _pipeline(model: Model, models: Mapping[str, Model]) -> Pipeline:
    config = model.config
    steps = steps_of(model)
    shapes: dict[str, str] = {}
    for name, shape in _shapes(model, steps, models):
        shapes[name] = shape or shapes.get(name, "")
    return Pipeline(
        name=model.name,
        inputs=tuple(each.name for each in config.messages("input")),
        outputs=tuple(each.name for each in config.messages("output")),
        steps=tuple(_step(step, models) for step in steps),
        tensors={name: Tensor(name, shape) for name, shape in shapes.items()},
    )


def _step(step: Message, models: Mapping[str, Model]) -> Step:
    name = step.text("model_name")
    called = models.get(name)
    return Step(
        model=name,
        backend=_backend(called) if called else "",
        takes=tuple(wire.ensemble for wire in wires(step, "input_map")),
        gives=tuple(wire.ensemble for wire in wires(step, "output_map")),
    )


def _backend(model: Model) -> str:
    return ENSEMBLE if model.is_ensemble else run_of(model).backend


def _shapes(
    model: Model, steps: Iterable[Message], models: Mapping[str, Model]
) -> Iterator[tuple[str, str]]:
    """Each tensor with its shape: what the steps' models say, and over it what the ensemble says itself."""
    for step in steps:
        called = models.get(step.text("model_name"))
        for kind, field in _KINDS:
            own = _tensors(called, kind) if called else {}
            for wire in wires(step, field):
                said = own.get(wire.tensor)
                yield wire.ensemble, _shape(said) if said else ""
    for kind, _ in _KINDS:
        for name, tensor in _tensors(model, kind).items():
            yield name, _shape(tensor)


def _tensors(model: Model, kind: str) -> dict[str, Message]:
    return {each.name: each for each in model.config.messages(kind)}


def _shape(tensor: Message) -> str:
    """A type as clients write it, and the dimensions without the batch's."""
    kind = tensor.text("data_type").removeprefix("TYPE_")
    dims = tensor.numbers("dims") if tensor.has("dims") else ""
    return f"{kind} {dims}".strip()
