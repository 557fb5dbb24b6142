"""The plan of an ensemble: its steps, and the tensors between them.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateEnsembleSchedulingConfig).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tritonfleet.models.backends import ENSEMBLE, run_of
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.models.said import Place, Said
from tritonfleet.problem import similar

_NOT_OF_ENSEMBLES = ("instance_group", "optimization", "model_warmup")


class Wire(NamedTuple):
    """A tensor of a model and the ensemble's tensor that it is."""

    tensor: str
    ensemble: str
    place: Place


def steps_of(model: Model) -> list[Said]:
    return model.config.message("ensemble_scheduling").messages("step")


def wires(step: Said, field: str) -> list[Wire]:
    """The wires of `input_map` or `output_map`; of a key that is given twice, the last counts."""
    last = {each.text("key"): each for each in step.messages(field)}
    return [Wire(key, each.text("value"), each.place) for key, each in last.items()]


def ensemble_is_whole(model: Model, _: Server) -> Iterator[Finding]:
    config = model.config
    is_ensemble = config.text("platform") == ENSEMBLE
    has_plan = config.has("ensemble_scheduling")
    if is_ensemble and not has_plan:
        message = "an ensemble needs `ensemble_scheduling`"
        yield Finding("TF214", message, "", CONFIG, config.at("platform"))
    elif has_plan and not is_ensemble and run_of(model).backend:
        message = f'`ensemble_scheduling` is for `platform: "{ENSEMBLE}"`'
        place = config.at("ensemble_scheduling")
        yield Finding("TF214", message, "", CONFIG, place)
    elif has_plan:
        yield from _foreign(config)
        yield from _wrong_steps(model)


def _foreign(config: Said) -> Iterator[Finding]:
    """Fields that only other models have."""
    for field in _NOT_OF_ENSEMBLES:
        if config.has(field):
            message = f"an ensemble has no `{field}`; its models have"
            yield Finding("TF214", message, "remove it", CONFIG, config.at(field))


def _wrong_steps(model: Model) -> Iterator[Finding]:
    """What a step lacks; once all are finished, how they do not fit together."""
    steps = steps_of(model)
    if not steps:
        place = model.config.at("ensemble_scheduling")
        yield Finding("TF214", "the ensemble has no `step`", "", CONFIG, place)
    unfinished = [finding for step in steps for finding in _unfinished(step)]
    yield from unfinished or _flow(model, steps)


def _unfinished(step: Said) -> Iterator[Finding]:
    for field in ("model_name", "input_map", "output_map"):
        is_empty = field == "model_name" and not step.text(field)
        if is_empty or not step.has(field):
            yield Finding("TF214", f"a step has no `{field}`", "", CONFIG, step.place)


def _flow(model: Model, steps: Sequence[Said]) -> Iterator[Finding]:
    """Every tensor is written once, by a step or by the ensemble's input, and read by somebody."""
    inputs = _by_name(model.config.messages("input"))
    outputs = _by_name(model.config.messages("output"))
    read = [wire for step in steps for wire in wires(step, "input_map")]
    written = [wire for step in steps for wire in wires(step, "output_map")]
    known = _tensors(read) | _tensors(written)
    yield from _written_twice(written)
    yield from _not_among(known, inputs, "no step reads the ensemble's input")
    yield from _not_among(known, outputs, "no step writes the ensemble's output")

    sourceless = list(_sourceless(read, set(inputs) | _tensors(written)))
    yield from sourceless
    if not sourceless:
        yield from _circles(written, _ready(set(inputs), steps))
        yield from _unread(written, _tensors(read) | set(outputs))


def _by_name(tensors: Sequence[Said]) -> dict[str, Said]:
    return {each.text("name"): each for each in tensors}


def _tensors(of: Sequence[Wire]) -> set[str]:
    """The ensemble's tensors."""
    return {wire.ensemble for wire in of}


def _written_twice(written: Sequence[Wire]) -> Iterator[Finding]:
    seen: set[str] = set()
    for wire in written:
        if wire.ensemble in seen:
            message = f"two steps write {wire.ensemble}"
            yield Finding("TF214", message, "give one another name", CONFIG, wire.place)
        seen.add(wire.ensemble)


def _not_among(
    known: set[str], tensors: Mapping[str, Said], words: str
) -> Iterator[Finding]:
    for name, tensor in tensors.items():
        if name not in known:
            hint = similar(name, known)
            yield Finding("TF214", f"{words} {name}", hint, CONFIG, tensor.place)


def _sourceless(read: Sequence[Wire], sources: set[str]) -> Iterator[Finding]:
    for wire in read:
        if wire.ensemble not in sources:
            message = f"nothing writes {wire.ensemble}, which a step reads"
            hint = similar(wire.ensemble, sources)
            yield Finding("TF214", message, hint, CONFIG, wire.place)


def _circles(written: Sequence[Wire], ready: set[str]) -> Iterator[Finding]:
    for wire in written:
        if wire.ensemble not in ready:
            message = f"the steps wait for each other before they write {wire.ensemble}"
            yield Finding("TF214", message, "", CONFIG, wire.place)


def _unread(written: Sequence[Wire], read: set[str]) -> Iterator[Finding]:
    for wire in written:
        if wire.ensemble not in read:
            message = f"nobody reads {wire.ensemble}, which a step writes"
            hint = "make it an output of the ensemble, or leave it out of `output_map`"
            yield Finding("TF214", message, hint, CONFIG, wire.place)


def _ready(names: set[str], steps: Sequence[Said]) -> set[str]:
    """The tensors that are there in the end, if the ensemble's inputs are."""
    ready = set(names)
    waiting = list(steps)
    while waiting:
        runs = [
            step
            for step in waiting
            if ready.issuperset(_tensors(wires(step, "input_map")))
        ]
        if not runs:
            return ready
        for step in runs:
            ready |= _tensors(wires(step, "output_map"))
            waiting.remove(step)
    return ready
