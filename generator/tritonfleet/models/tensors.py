"""Inputs and outputs of one model: names, types, shapes, and what is batched of them.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateModelIOConfig, ValidateBatchIO).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from tritonfleet.models.backends import run_of
from tritonfleet.models.nouns import CONFIG, Finding, Model, Server
from tritonfleet.models.python_code import may_complete
from tritonfleet.models.said import Said

ANY = -1
_THREE_DIMS = frozenset({"FORMAT_NHWC", "FORMAT_NCHW"})
NEEDED = ("name", "data_type", "dims")
# Backends that read their model's file to complete what is missing; a backend of somebody's own may do it, too.
_COMPLETES_NOTHING = frozenset({"", "pytorch"})


def tensors_are_whole(model: Model, server: Server) -> Iterator[Finding]:
    for kind in ("input", "output"):
        for tensor in model.config.messages(kind):
            yield from _missing(model, server, kind, tensor)
            yield from _shape(model, kind, tensor)
            yield from _reshape(model, kind, tensor)


def _missing(
    model: Model, server: Server, kind: str, tensor: Said
) -> Iterator[Finding]:
    if server.completes and completes(model):
        return
    for field in NEEDED:
        if not tensor.has(field) or tensor.text(field) in ("", "TYPE_INVALID"):
            if field == "dims" and tensor.has(field):
                continue
            message = f"{kind} {tensor.text('name')} has no `{field}`".replace(
                "  ", " "
            )
            hint = f"add `{field}`"
            yield Finding("TF208", message, hint, CONFIG, tensor.place)
            return


def completes(model: Model) -> bool:
    """Whether the backend may add what a configuration does not say of its tensors."""
    backend = run_of(model).backend
    if backend == "python":
        return may_complete(model)
    return backend not in _COMPLETES_NOTHING


def _shape(model: Model, kind: str, tensor: Said) -> Iterator[Finding]:
    name, dims = tensor.text("name"), tensor.numbers("dims")
    place = tensor.at("dims")
    if any(dim < 1 and dim != ANY for dim in dims):
        message = f"{kind} {name} has a dimension below 1"
        yield Finding("TF208", message, "-1 means any size", CONFIG, place)
    if tensor.text("format") in _THREE_DIMS and len(dims) != 3:
        message = f"{kind} {name} has a format of images and {len(dims)} dimensions"
        yield Finding(
            "TF208", message, "give it three, or remove `format`", CONFIG, place
        )
    if model.config.text("platform") != "tensorrt_plan":
        yield from _for_tensorrt_only(model, kind, tensor)


def _for_tensorrt_only(model: Model, kind: str, tensor: Said) -> Iterator[Finding]:
    if run_of(model).backend == "tensorrt":  # the server sets the platform itself
        return
    for field in ("is_shape_tensor", "is_non_linear_format_io"):
        if tensor.flag(field):
            message = f"{kind} {tensor.text('name')}: only TensorRT takes `{field}`"
            yield Finding("TF208", message, "remove it", CONFIG, tensor.at(field))


def _reshape(model: Model, kind: str, tensor: Said) -> Iterator[Finding]:
    if not tensor.has("reshape"):
        return
    dims = tensor.numbers("dims")
    shape = tensor.message("reshape").numbers("shape")
    place = tensor.at("reshape")
    name = f"{kind} {tensor.text('name')}"
    is_batched = model.config.number("max_batch_size") > 0
    if not shape and not is_batched:
        message = (
            f"{name} is reshaped to nothing, and a model without batches has no scalars"
        )
        yield Finding("TF208", message, "", CONFIG, place)
    elif any(dim < 1 and dim != ANY for dim in shape):
        message = f"{name} is reshaped to a dimension below 1"
        yield Finding("TF208", message, "-1 means any size", CONFIG, place)
    elif not _same_size(dims, shape):
        message = f"{name} has another size than the shape it is reshaped to"
        hint = f"{dims} and {shape} must hold as many elements"
        yield Finding("TF208", message, hint, CONFIG, place)


def _same_size(dims: list[int], shape: list[int]) -> bool:
    """As many elements between each two dimensions of any size."""
    if not shape:
        return dims == [1] * len(dims)
    return _sizes(dims) == _sizes(shape)


def _sizes(dims: list[int]) -> list[int]:
    parts: list[list[int]] = [[]]
    for dim in dims:
        if dim == ANY:
            parts.append([])
        else:
            parts[-1].append(dim)
    return [prod(part) for part in parts]


def batched_tensors_are_there(model: Model, _: Server) -> Iterator[Finding]:
    inputs = {each.text("name") for each in model.config.messages("input")}
    outputs = {each.text("name") for each in model.config.messages("output")}
    for field in ("batch_input", "batch_output"):
        for batched in model.config.messages(field):
            yield from _sources(field, batched, inputs)
            yield from _targets(batched, outputs)
            if field == "batch_input":
                yield from _batch_type(batched)


def _sources(field: str, batched: Said, inputs: set[str]) -> Iterator[Finding]:
    sources = batched.texts("source_input")
    if len(sources) != 1:
        message = f"`{field}` names {len(sources)} inputs as its source"
        yield Finding("TF209", message, "name one", CONFIG, batched.place)
    for word in batched.words("source_input"):
        if word.text not in inputs:
            message = f"the model has no input {word.text}"
            yield Finding("TF209", message, "", CONFIG, word.place)


def _targets(batched: Said, outputs: set[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    if not batched.kind.endswith("BatchOutput"):
        return
    for word in batched.words("target_name"):
        if word.text not in outputs:
            message = f"the model has no output {word.text}"
            yield Finding("TF209", message, "", CONFIG, word.place)
        elif word.text in seen:
            message = f"output {word.text} is named twice"
            yield Finding("TF209", message, "", CONFIG, word.place)
        seen.add(word.text)


def _batch_type(batched: Said) -> Iterator[Finding]:
    if batched.text("data_type") not in ("TYPE_INT32", "TYPE_FP32"):
        message = "a batch input is TYPE_INT32 or TYPE_FP32"
        yield Finding("TF209", message, "", CONFIG, batched.place)
