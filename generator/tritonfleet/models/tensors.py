"""Inputs and outputs of one model: names, types, shapes, and what is batched of them.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateModelIOConfig, ValidateBatchIO).
"""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field, in_config
from tritonfleet.models.python_code import may_complete

ANY = -1
"""A dimension of any size."""
_ANY_SIZE = "-1 means any size"
_THREE_DIMS = frozenset({"FORMAT_NHWC", "FORMAT_NCHW"})
# Other backends read their model's file to complete what is missing; a backend of somebody's own may do it, too.
_COMPLETES_NOTHING = frozenset({"", "identity", "pytorch"})


def tensors_are_whole(model: Model, server: Server) -> Iterator[Finding]:
    """Every tensor has a name, a type and a shape that the server can use."""
    for kind in ("input", "output"):
        for tensor in model.config.messages(kind):
            label = f"{kind} {tensor.name}"
            if not may_be_completed(model, server):
                yield from _missing(label, tensor)
            yield from _shape(label, tensor)
            yield from _for_tensorrt_only(model, label, tensor)
            yield from _reshape(model, label, tensor)


def may_be_completed(model: Model, server: Server) -> bool:
    """Whether server and backend may add what a configuration does not say of its tensors."""
    return server.completes and _completes(model)


def _completes(model: Model) -> bool:
    backend = run_of(model).backend
    if backend == "python":
        return may_complete(model)
    return backend not in _COMPLETES_NOTHING


def _missing(label: str, tensor: Message) -> Iterator[Finding]:
    """The first field that a tensor lacks."""
    for field in _missing_fields(tensor):
        # One space, where the name is what is missing.
        message = f"{label} has no `{field}`".replace("  ", " ")
        yield in_config(tensor.place, "TF208", message, f"add `{field}`")
        return


def _missing_fields(tensor: Message) -> Iterator[str]:
    """Dimensions may be given and none: that is a scalar."""
    for field in ("name", "data_type"):
        if tensor.text(field) in ("", "TYPE_INVALID"):
            yield field
    if not tensor.has("dims"):
        yield "dims"


def _shape(label: str, tensor: Message) -> Iterator[Finding]:
    dims = tensor.numbers("dims")
    if _has_impossible(dims):
        message = f"{label} has a dimension below 1"
        yield at_field(tensor, "dims", "TF208", message, _ANY_SIZE)
    count = len(dims)
    is_image = tensor.text("format") in _THREE_DIMS
    if is_image and count != 3:
        message = f"{label} has a format of images and {count} dimensions"
        hint = "give it three, or remove `format`"
        yield at_field(tensor, "dims", "TF208", message, hint)


def _has_impossible(dims: list[int]) -> bool:
    return any(dim < 1 and dim != ANY for dim in dims)


def _for_tensorrt_only(model: Model, label: str, tensor: Message) -> Iterator[Finding]:
    if model.platform == "tensorrt_plan":
        return
    if run_of(model).backend == "tensorrt":  # the server sets the platform itself
        return
    for field in ("is_shape_tensor", "is_non_linear_format_io"):
        if tensor.flag(field):
            message = f"{label}: only TensorRT takes `{field}`"
            yield at_field(tensor, field, "TF208", message, "remove it")


def _reshape(model: Model, label: str, tensor: Message) -> Iterator[Finding]:
    """The backend may get a tensor in another shape, with as many elements."""
    if not tensor.has("reshape"):
        return
    dims = tensor.numbers("dims")
    shape = tensor.message("reshape").numbers("shape")
    hint = ""
    if not shape and model.max_batch_size <= 0:
        is_wrong = "is reshaped to nothing, and a model without batches has no scalars"
    elif _has_impossible(shape):
        is_wrong = "is reshaped to a dimension below 1"
        hint = _ANY_SIZE
    elif not _same_size(dims, shape):
        is_wrong = "has another size than the shape it is reshaped to"
        hint = f"{dims} and {shape} must hold as many elements"
    else:
        return
    yield at_field(tensor, "reshape", "TF208", f"{label} {is_wrong}", hint)


def _same_size(dims: list[int], shape: list[int]) -> bool:
    """As many elements between each two dimensions of any size."""
    if not shape:
        return dims == [1] * len(dims)
    return _sizes(dims) == _sizes(shape)


def _sizes(dims: list[int]) -> list[int]:
    """[2, 3, -1, 4] is 6 elements, any number of times 4: [6, 4]."""
    sizes = [1]
    for dim in dims:
        if dim == ANY:
            sizes.append(1)
        else:
            sizes[-1] *= dim
    return sizes


def batched_tensors_are_there(model: Model, _: Server) -> Iterator[Finding]:
    """What the server adds to a batch comes from the model's inputs and goes to its outputs."""
    config = model.config
    inputs = {each.name for each in config.messages("input")}
    outputs = {each.name for each in config.messages("output")}
    for batched in config.messages("batch_input"):
        yield from _sources("batch_input", batched, inputs)
        yield from _batch_type(batched)
    for batched in config.messages("batch_output"):
        yield from _sources("batch_output", batched, inputs)
        yield from _targets(batched, outputs)


def _sources(field: str, batched: Message, inputs: set[str]) -> Iterator[Finding]:
    """The server makes each of them from one input, though the field takes a list."""
    sources = batched.words("source_input")
    count = len(sources)
    if count != 1:
        message = f"`{field}` names {count} inputs as its source"
        yield in_config(batched.place, "TF209", message, "name one")
    for name, place, _ in sources:
        if name not in inputs:
            yield in_config(place, "TF209", f"the model has no input {name}")


def _targets(batched: Message, outputs: set[str]) -> Iterator[Finding]:
    """Only of a batch's output: the targets of a batch's input are names that the backend gives it."""
    seen: set[str] = set()
    for name, place, _ in batched.words("target_name"):
        if name not in outputs:
            yield in_config(place, "TF209", f"the model has no output {name}")
        elif name in seen:
            yield in_config(place, "TF209", f"output {name} is named twice")
        seen.add(name)


def _batch_type(batched: Message) -> Iterator[Finding]:
    if batched.text("data_type") not in ("TYPE_INT32", "TYPE_FP32"):
        message = "a batch input is TYPE_INT32 or TYPE_FP32"
        yield in_config(batched.place, "TF209", message)
