"""Models of vLLM: the file with what their engine is told, and the GPUs that it takes.

Source: triton-inference-server/vllm_backend, src/model.py, at 2.71.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import NOWHERE, Place
from tritonfleet.models.nouns import Finding, Model, Server, at_field
from tritonfleet.models.vllm_arguments import instead, unknown
from tritonfleet.problem import WARNING

ENGINE = "model.json"
ADAPTERS = "multi_lora.json"
MOST_ARGUMENTS = 400  # that are looked at: vLLM has not 300
_SIZES = ("tensor_parallel_size", "pipeline_parallel_size")
_OWN_GPUS = "KIND_MODEL"


class _Engine(NamedTuple):
    """What one version's file tells the engine."""

    file: str
    text: str
    told: Mapping[str, Any]

    def at(self, argument: str) -> Place:
        """Where an argument is first written."""
        match = re.search(f'"{re.escape(argument)}"\\s*:', self.text)
        if match is None:
            return NOWHERE
        before = self.text[: match.start()]
        return Place(before.count("\n") + 1, match.start() - before.rfind("\n"))


def language_model_can_start(model: Model, server: Server) -> Iterator[Finding]:
    """Of each version that is loaded, the engine's file is there, and the engine can do what it says."""
    if run_of(model).backend != "vllm":
        return
    if not server.completes:
        yield from _answers_in_parts(model)
    for version in model.loaded_versions:
        directory = model.versions[version]
        file = f"{directory}/{ENGINE}"
        if file not in model.files:
            message = f"version {directory} has no {ENGINE}, which backend vllm reads"
            hint = f'add {file}, like `{{"model": "Qwen/Qwen2.5-0.5B-Instruct"}}`'
            yield Finding("TF223", message, hint, "config.pbtxt")
        text = model.files.get(file)
        if text is not None:
            yield from _of_text(model, server, file, text)


def _answers_in_parts(model: Model) -> Iterator[Finding]:
    """The backend answers token by token; it completes that by itself, where the server lets it."""
    policy = model.config.message("model_transaction_policy")
    if not policy.flag("decoupled"):
        message = "backend vllm needs a decoupled model, and the server completes none"
        hint = "add `model_transaction_policy { decoupled: true }`"
        yield at_field(model.config, "model_transaction_policy", "TF223", message, hint)


def _of_text(model: Model, server: Server, file: str, text: str) -> Iterator[Finding]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(error.lineno, error.colno)
        yield Finding("TF223", "it is not JSON from here on", "", file, place)
        return
    except (ValueError, RecursionError):  # a number of very many digits, many brackets
        yield Finding("TF223", "it is not JSON that can be read", "", file)
        return
    if isinstance(told, dict):
        engine = _Engine(file, text, told)
        yield from _arguments(server, engine)
        yield from _adapters(model, engine)
        yield from _devices(model, server, engine)
    else:
        message = "it is no mapping of vLLM's arguments"
        yield Finding("TF223", message, 'like `{"model": "…"}`', file)


def _arguments(server: Server, engine: _Engine) -> Iterator[Finding]:
    for argument in list(engine.told)[:MOST_ARGUMENTS]:
        message = unknown(argument, server.version)
        if message:
            hint = instead(argument, server.version)
            place = engine.at(argument)
            yield Finding("TF223", message, hint, engine.file, place, WARNING)


def _adapters(model: Model, engine: _Engine) -> Iterator[Finding]:
    """With LoRA, the backend reads a list of adapters from beside the engine's file."""
    argument = "enable_lora"
    wanted = engine.told.get(argument)
    is_wanted = isinstance(wanted, str | bool) and str(wanted).lower() == "true"
    directory, _, _ = engine.file.rpartition("/")
    file = f"{directory}/{ADAPTERS}"
    if is_wanted and file not in model.files:
        message = f"`{argument}` is set, and there is no {ADAPTERS} beside it"
        hint = "add it: a mapping of names to directories of adapters"
        yield Finding("TF223", message, hint, engine.file, engine.at(argument))


def _devices(model: Model, server: Server, engine: _Engine) -> Iterator[Finding]:
    """An engine of several GPUs takes them itself: groups of KIND_GPU, which is the default with GPUs, take one."""
    count = _gpus(engine)
    if count < 2:
        return
    argument = next(name for name in _SIZES if name in engine.told)
    place = engine.at(argument)
    if server.devices is not None and count > server.devices:
        message = f"the engine takes {count} GPUs, and a pod has {server.devices}"
        hint = "set `accelerator.count`, or a smaller size"
        yield Finding("TF223", message, hint, engine.file, place)
    # Without groups the server makes one, of KIND_GPU.
    groups = model.config.messages("instance_group")
    kinds = {group.text("kind") for group in groups}
    if kinds != {_OWN_GPUS}:
        message = f"an engine of {count} GPUs needs instances of {_OWN_GPUS}"
        hint = (
            f"add `instance_group [{{ count: 1 kind: {_OWN_GPUS} }}]` to config.pbtxt"
        )
        yield Finding("TF223", message, hint, engine.file, place)


def _gpus(engine: _Engine) -> int:
    """What the engine divides its model between; a size that is no number is vLLM's to refuse."""
    count = 1
    for name in _SIZES:
        size = engine.told.get(name, 1)
        count *= size if isinstance(size, int) else 1
    return count
