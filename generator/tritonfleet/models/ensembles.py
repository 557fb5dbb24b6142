"""The plan of an ensemble: its steps, and the tensors between them.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateEnsembleSchedulingConfig).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import Message, Place
from tritonfleet.models.nouns import (
    ENSEMBLE,
    PLAN,
    Finding,
    Model,
    Server,
    at_field,
    guess,
    in_config,
)

_NOT_OF_ENSEMBLES = ("instance_group", "optimization", "model_warmup")


class Wire(NamedTuple):
    """A tensor of a model and the ensemble's tensor that it is."""

    tensor: str
    ensemble: str
    place: Place


def steps_of(model: Model) -> list[Message]:
    """The steps of an ensemble; none of any other model."""
    return model.config.message(PLAN).messages("step")


def wires(step: Message, field: str) -> list[Wire]:
    """The wires of `input_map` or `output_map`; of a key that is given twice, the last counts."""
    last = {each.text("key"): each for each in step.messages(field)}
    return [Wire(key, each.text("value"), each.place) for key, each in last.items()]


def _read_by(steps: Iterable[Message]) -> list[Wire]:
    """A step's inputs are what it reads of the ensemble."""
    return [wire for step in steps for wire in wires(step, "input_map")]


def _written_by(steps: Iterable[Message]) -> list[Wire]:
    return [wire for step in steps for wire in wires(step, "output_map")]


def ensemble_is_whole(model: Model, _: Server) -> Iterator[Finding]:
    """An ensemble has a plan, no other model has one, and the plan's steps are whole."""
    config = model.config
    if model.is_ensemble and not model.has_plan:
        message = f"an ensemble needs `{PLAN}`"
        yield at_field(config, "platform", "TF214", message)
    elif model.has_plan and not model.is_ensemble and run_of(model).backend:
        message = f'`{PLAN}` is for `platform: "{ENSEMBLE}"`'
        yield at_field(config, PLAN, "TF214", message)
    elif model.has_plan:
        yield from _foreign(config)
        yield from _wrong_steps(model)


def _foreign(config: Message) -> Iterator[Finding]:
    """Fields that only other models have."""
    for field in _NOT_OF_ENSEMBLES:
        if config.has(field):
            message = f"an ensemble has no `{field}`; its models have"
            yield at_field(config, field, "TF214", message, "remove it")


def _wrong_steps(model: Model) -> Iterator[Finding]:
    """What a step lacks; once all are finished, how they do not fit together."""
    steps = steps_of(model)
    if not steps:
        yield at_field(model.config, PLAN, "TF214", "the ensemble has no `step`")
    unfinished = list(_unfinished(steps))
    yield from unfinished or _flow(model, steps)


def _unfinished(steps: Iterable[Message]) -> Iterator[Finding]:
    for step in steps:
        for field in _missing_fields(step):
            yield in_config(step.place, "TF214", f"a step has no `{field}`")


def _missing_fields(step: Message) -> Iterator[str]:
    """A map may be given and empty, a name may not."""
    if not step.text("model_name"):
        yield "model_name"
    for field in ("input_map", "output_map"):
        if not step.has(field):
            yield field


def _flow(model: Model, steps: Sequence[Message]) -> Iterator[Finding]:
    """Every tensor is written once, by a step or by the ensemble's input, and read by somebody."""
    read, written = _read_by(steps), _written_by(steps)
    yield from _written_twice(written)
    yield from _foreign_tensors(model, _tensors(read) | _tensors(written))

    inputs = _names(model.config.messages("input"))
    sourceless = list(_sourceless(read, inputs | _tensors(written)))
    yield from sourceless
    # A tensor without a source keeps its readers waiting, which is no circle.
    if not sourceless:
        outputs = _names(model.config.messages("output"))
        yield from _circles(written, _ready(inputs, steps))
        yield from _unread(written, _tensors(read) | outputs)


def _names(tensors: Iterable[Message]) -> set[str]:
    return {tensor.name for tensor in tensors}


def _tensors(of: Iterable[Wire]) -> set[str]:
    """The ensemble's tensors."""
    return {wire.ensemble for wire in of}


def _written_twice(written: Iterable[Wire]) -> Iterator[Finding]:
    seen: set[str] = set()
    for wire in written:
        tensor = wire.ensemble
        if tensor in seen:
            message = f"two steps write {tensor}"
            hint = "give one another name"
            yield in_config(wire.place, "TF214", message, hint)
        seen.add(tensor)


def _foreign_tensors(model: Model, known: set[str]) -> Iterator[Finding]:
    """Inputs and outputs of the ensemble that no step knows."""
    inputs = model.config.messages("input")
    outputs = model.config.messages("output")
    yield from _not_among(known, inputs, "no step reads the ensemble's input")
    yield from _not_among(known, outputs, "no step writes the ensemble's output")


def _not_among(
    known: set[str], tensors: Iterable[Message], words: str
) -> Iterator[Finding]:
    """Each name once, however many tensors have it."""
    by_name = {tensor.name: tensor for tensor in tensors}
    for name, tensor in by_name.items():
        if name not in known:
            hint = guess(name, known)
            yield in_config(tensor.place, "TF214", f"{words} {name}", hint)


def _others(among: Iterable[Wire], tensors: Container[str]) -> list[Wire]:
    """The wires of none of these tensors."""
    return [wire for wire in among if wire.ensemble not in tensors]


def _sourceless(read: Iterable[Wire], sources: set[str]) -> Iterator[Finding]:
    for _, tensor, place in _others(read, sources):
        message = f"nothing writes {tensor}, which a step reads"
        yield in_config(place, "TF214", message, guess(tensor, sources))


def _circles(written: Iterable[Wire], ready: set[str]) -> Iterator[Finding]:
    for _, tensor, place in _others(written, ready):
        message = f"the steps wait for each other before they write {tensor}"
        yield in_config(place, "TF214", message)


def _unread(written: Iterable[Wire], read: set[str]) -> Iterator[Finding]:
    for _, tensor, place in _others(written, read):
        message = f"nobody reads {tensor}, which a step writes"
        hint = "make it an output of the ensemble, or leave it out of `output_map`"
        yield in_config(place, "TF214", message, hint)


def _ready(inputs: set[str], steps: Sequence[Message]) -> set[str]:
    """The tensors that are there in the end, if the ensemble's inputs are."""
    return inputs | _tensors(_written_by(_in_order(inputs, steps)))


def running_order(model: Model) -> list[Message]:
    """The steps of an ensemble as they run; those that wait for each other never do."""
    return _in_order(_names(model.config.messages("input")), steps_of(model))


def _readers(reads: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """The numbers of the steps that read a tensor, by the tensor."""
    readers: dict[str, list[int]] = {}
    for number, tensors in enumerate(reads):
        for tensor in tensors:
            readers.setdefault(tensor, []).append(number)
    return readers


def _in_order(inputs: set[str], steps: Sequence[Message]) -> list[Message]:
    """Each step once all that it reads is there. Each wire is looked at once: there may be many thousands."""
    reads = [_tensors(_read_by([step])) for step in steps]
    readers = _readers(reads)
    missing = list(map(len, reads))
    order = [number for number, count in enumerate(missing) if not count]
    ahead = [*inputs, *_tensors(_written_by(steps[number] for number in order))]
    seen: set[str] = set()
    while ahead:
        tensor = ahead.pop()
        if tensor in seen:
            continue
        seen.add(tensor)
        for number in readers.get(tensor, []):
            missing[number] -= 1
            if not missing[number]:
                order.append(number)
                ahead += _tensors(_written_by([steps[number]]))
    return [steps[number] for number in order]
