"""Warm-ups: requests that the server makes up and runs before a model is ready.

Source: triton-inference-server/core, src/backend_model_instance.cc (GenerateWarmupData) and src/infer_request.cc
(Normalize), at 2.71. What a warm-up does wrong keeps its model from being loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tritonfleet.models.backends import WITH_KNOWN_FILES, run_of
from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field, guess, in_config
from tritonfleet.models.tensors import ANY, may_be_completed
from tritonfleet.problem import WARNING

DIRECTORY = "warmup"
_DATA = ("zero_data", "random_data", "input_data_file")
_LIKE = '`inputs { key: "…" value { data_type: TYPE_FP32 dims: [1] zero_data: true } }`'


def warmups_can_run(model: Model, server: Server) -> Iterator[Finding]:
    """Every warm-up is a request that the model takes."""
    if model.has_plan:
        return  # an ensemble has no warm-ups, which is told elsewhere
    for warmup in model.config.messages("model_warmup"):
        if warmup.number("batch_size"):
            yield from _batch(model, server, warmup)
            yield from _inputs(model, server, warmup)
        else:
            message = "a warm-up without `batch_size` is never run"
            found = in_config(warmup.place, "TF221", message, "add `batch_size: 1`")
            yield found._replace(severity=WARNING)


def _batch(model: Model, server: Server, warmup: Message) -> Iterator[Finding]:
    """NVIDIA's backends refuse a larger batch than they are told; one alone is no batch."""
    if may_be_completed(model, server) or run_of(model).backend not in WITH_KNOWN_FILES:
        return
    size, most = warmup.number("batch_size"), max(1, model.max_batch_size)
    if size > most:
        message = f"a warm-up of {size} requests, and the model takes batches of {most}"
        hint = "raise `max_batch_size`, or lower this"
        yield at_field(warmup, "batch_size", "TF221", message, hint)


def _inputs(model: Model, server: Server, warmup: Message) -> Iterator[Finding]:
    """Of a name that is given twice, the last counts."""
    given = {
        each.text("key"): each.message("value") for each in warmup.messages("inputs")
    }
    own = {each.name: each for each in model.config.messages("input")}
    for name, value in given.items():
        said = list(_data(model, name, value))
        yield from said
        if not said and name in own:
            yield from _fits(model, server, own[name], value)
    yield from _missing(warmup, given, own)
    if not may_be_completed(model, server):
        yield from _foreign(model, given, own)


def _data(model: Model, name: str, value: Message) -> Iterator[Finding]:
    """An input says of what size it is, and what is in it."""
    place = value.place
    if ANY in value.numbers("dims"):
        message = f"input {name} of a warm-up has a dimension of any size"
        hint = "write the size that the request shall have"
        yield at_field(value, "dims", "TF221", message, hint)
    if not any(map(value.has, _DATA)):
        message = f"input {name} of a warm-up has no data"
        yield in_config(place, "TF221", message, "add `zero_data: true`")
    file = value.text("input_data_file")
    if file and f"{DIRECTORY}/{file}" not in model.files:
        message = f"there is no file {DIRECTORY}/{file} in the model's directory"
        hint = "add it, or use `zero_data: true`"
        yield at_field(value, "input_data_file", "TF221", message, hint)


def _fits(
    model: Model, server: Server, own: Message, value: Message
) -> Iterator[Finding]:
    """The model's input has the same type, and a shape that takes this one."""
    name = own.name
    wanted, given = own.text("data_type"), value.text("data_type")
    if wanted and given != wanted:
        message = (
            f"input {name} of a warm-up is {given or 'without a type'}, not {wanted}"
        )
        hint = f"write `data_type: {wanted}`"
        yield at_field(value, "data_type", "TF221", message, hint)
    dims, sizes = own.numbers("dims"), value.numbers("dims")
    # What completes a configuration may take the first dimension for a batch's.
    is_told = own.has("dims") and not may_be_completed(model, server)
    if is_told and not _takes(dims, sizes):
        message = f"input {name} of a warm-up is {sizes}, and the model's {dims}"
        hint = "leave out the dimension of the batch, which the server adds"
        yield at_field(value, "dims", "TF221", message, hint)


def _takes(dims: list[int], sizes: list[int]) -> bool:
    """Whether an input of these dimensions takes a tensor of these sizes."""
    if len(dims) != len(sizes):
        return False
    pairs = zip(dims, sizes, strict=True)
    return all(dim in (ANY, size) for dim, size in pairs)


def _missing(
    warmup: Message, given: Mapping[str, Message], own: Mapping[str, Message]
) -> Iterator[Finding]:
    """Inputs that the model needs and the warm-up does not give."""
    for name, tensor in own.items():
        if name not in given and not tensor.flag("optional"):
            message = f"a warm-up gives no input {name}"
            hint = guess(name, given) or f"add it like {_LIKE}"
            yield in_config(warmup.place, "TF221", message, hint)


def _foreign(
    model: Model, given: Mapping[str, Message], own: Mapping[str, Message]
) -> Iterator[Finding]:
    """Other inputs go to the backend as they are: controls and states of sequences do, and a slip does, too."""
    sequences = model.config.message("sequence_batching")
    controls = [each.name for each in sequences.messages("control_input")]
    states = [each.text("input_name") for each in sequences.messages("state")]
    batched = [
        name
        for each in model.config.messages("batch_input")
        for name in each.texts("target_name")
    ]
    for name in given.keys() - {*own, *controls, *states, *batched}:
        message = f"the model has no input {name}, which a warm-up gives"
        found = in_config(given[name].place, "TF221", message, guess(name, own))
        yield found._replace(severity=WARNING)
