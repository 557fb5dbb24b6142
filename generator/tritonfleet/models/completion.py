"""Models without a config.pbtxt: what Triton completes of them by itself, and what it cannot know.

Source: triton-inference-server/core, src/model_config_utils.cc (AutoCompleteBackendFields), at 2.71, and the
`AutoCompleteConfig` of each backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tritonfleet import vllm
from tritonfleet.models.backends import run_of
from tritonfleet.models.language_models import ENGINE
from tritonfleet.models.nouns import Model
from tritonfleet.models.python_code import may_complete

# What each of NVIDIA's backends reads from its model's file; of any other, nobody knows.
_COMPLETES: Mapping[str, str] = {
    "onnxruntime": "inputs, outputs and max_batch_size",
    "openvino": "inputs, outputs and max_batch_size",
    "tensorrt": "inputs, outputs and max_batch_size",
    "tensorflow": "inputs, outputs and max_batch_size",
}


class Completion(NamedTuple):
    """A model without a configuration: what becomes of it, and the configuration that it needs, or ""."""

    model: str
    words: str
    config: str = ""


def completions(models: Mapping[str, Model]) -> Iterator[Completion]:
    """Of each model that has versions and no configuration."""
    for name, model in models.items():
        if model.versions and not model.has_config:
            yield _completion(name, model)


def _completion(name: str, model: Model) -> Completion:
    backend = run_of(model).backend
    if _is_of_vllm(model, backend):
        return Completion(name, "Triton cannot tell that it is vLLM's", vllm.CONFIG)
    if not backend:
        return Completion(name, "Triton cannot tell its backend: write `backend`")
    if backend in _COMPLETES:
        words = f"backend {backend} completes {_COMPLETES[backend]}"
    elif backend == "python" and may_complete(model):
        words = "its code completes the rest in `auto_complete_config`"
    elif backend in ("python", "pytorch"):
        words = f"Triton completes `backend: {backend}`: write its inputs and outputs"
    else:
        words = f"Triton takes backend {backend} from its name, and the rest is the backend's"
    return Completion(name, words)


def _is_of_vllm(model: Model, backend: str) -> bool:
    """Its file is there, and nothing else that Triton knows a backend by."""
    first = min(model.directories, default="")
    return not backend and ENGINE in model.content(first)
