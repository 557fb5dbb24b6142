"""States of sequences: what the server keeps for a model between the requests of one sequence.

Source: triton-inference-server/core, src/sequence_batch_scheduler/sequence_batch_scheduler.cc
(GenerateInitialStateData), at 2.71.
"""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field, in_config
from tritonfleet.models.tensors import ANY

DIRECTORY = "initial_state"
_DATA = ("zero_data", "data_file")


def states_can_begin(model: Model, _: Server) -> Iterator[Finding]:
    """A state begins with nothing, or with one value that fits it."""
    seen: set[str] = set()
    for state in model.config.message("sequence_batching").messages("state"):
        name = state.text("input_name")
        beginnings = state.messages("initial_state")
        if len(beginnings) > 1:
            message = f"state {name} begins with {len(beginnings)} values"
            hint = "give `initial_state` once"
            yield in_config(beginnings[1].place, "TF225", message, hint)
        elif beginnings and name in seen:
            message = f"two states of the input {name} begin with a value"
            hint = "give one of them another `input_name`"
            yield at_field(state, "input_name", "TF225", message, hint)
        elif beginnings:
            seen.add(name)
            yield from _begins(model, state, beginnings[0])


def _begins(model: Model, state: Message, beginning: Message) -> Iterator[Finding]:
    """The first thing that is wrong with a value; the server says no more either."""
    place = beginning.place
    type_of_state, type_of_value = state.text("data_type"), beginning.text("data_type")
    if type_of_value != type_of_state:
        words = f"begins with {type_of_value or 'no type'}"
        message = _of(state, f"is {type_of_state or 'without a type'} and {words}")
        yield at_field(beginning, "data_type", "TF225", message, "make them the same")
    elif not beginning.name:
        message = _of(state, "begins with a value that has no `name`")
        yield in_config(place, "TF225", message, "add `name`, which only tells it")
    elif not _fits(state.numbers("dims"), beginning.numbers("dims")):
        sizes = f"{beginning.numbers('dims')} and is {state.numbers('dims')}"
        hint = "write the same sizes; none of them is -1"
        message = _of(state, f"begins with {sizes}")
        yield at_field(beginning, "dims", "TF225", message, hint)
    elif not any(map(beginning.has, _DATA)):
        message = _of(state, "begins with a value that has no data")
        yield in_config(place, "TF225", message, "add `zero_data: true`")
    else:
        yield from _file(model, beginning)


def _of(state: Message, words: str) -> str:
    return f"state {state.text('input_name')} {words}"


def _fits(dims: list[int], sizes: list[int]) -> bool:
    """Whether the value has all sizes, and those that the state says."""
    if len(dims) != len(sizes):
        return False
    pairs = zip(dims, sizes, strict=True)
    return all(size != ANY and dim in (ANY, size) for dim, size in pairs)


def _file(model: Model, beginning: Message) -> Iterator[Finding]:
    file = beginning.text("data_file")
    if file and f"{DIRECTORY}/{file}" not in model.files:
        message = f"there is no file {DIRECTORY}/{file} in the model's directory"
        hint = "add it, or use `zero_data: true`"
        yield at_field(beginning, "data_file", "TF225", message, hint)
