"""A stand-in for vLLM's backend, which needs a GPU: it reads model.json and weights, and answers with the prompt.

Inputs, outputs and decoupling are those of https://github.com/triton-inference-server/vllm_backend (src/model.py):
with `stream` there is a response for each word, and else one for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
import triton_python_backend_utils as triton

INPUTS = (
    {"name": "text_input", "data_type": "TYPE_STRING", "dims": [1]},
    {"name": "stream", "data_type": "TYPE_BOOL", "dims": [1], "optional": True},
    {
        "name": "sampling_parameters",
        "data_type": "TYPE_STRING",
        "dims": [1],
        "optional": True,
    },
    {
        "name": "exclude_input_in_output",
        "data_type": "TYPE_BOOL",
        "dims": [1],
        "optional": True,
    },
)
OUTPUT = {"name": "text_output", "data_type": "TYPE_STRING", "dims": [-1]}
# Of all that vLLM's engine can be told, what these tests tell it: it also refuses what it does not know.
KNOWN = {"model", "gpu_memory_utilization", "max_model_len"}


class TritonPythonModel:
    """One model."""

    @staticmethod
    def auto_complete_config(config: Any) -> Any:
        for each in INPUTS:
            config.add_input(each)
        config.add_output(OUTPUT)
        config.set_model_transaction_policy({"decoupled": True})
        config.set_max_batch_size(0)
        return config

    def initialize(self, args: dict[str, str]) -> None:
        file = Path(args["model_repository"], args["model_version"], "model.json")
        engine = json.loads(file.read_text())
        unknown = sorted(engine.keys() - KNOWN)
        if unknown:
            raise TypeError(
                f"AsyncEngineArgs got an unexpected keyword argument {unknown[0]!r}"
            )
        weights = Path(engine["model"])
        self.kind = json.loads((weights / "config.json").read_text())["model_type"]
        self.longest = engine.get("max_model_len", 1000)

    def execute(self, requests: Sequence[Any]) -> None:
        for request in requests:
            sender = request.get_response_sender()
            for text in _answers(request, self.kind, self.longest):
                output = triton.Tensor(
                    "text_output", numpy.array([text.encode()], dtype=object)
                )
                sender.send(triton.InferenceResponse([output]))
            sender.send(flags=triton.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


def _answers(request: Any, kind: str, longest: int) -> Iterator[str]:
    prompt = _input(request, "text_input", b"").decode()
    sampling = json.loads(_input(request, "sampling_parameters", b"{}"))
    sampling = {**json.loads(request.parameters() or "{}"), **sampling}
    limit = int(sampling.get("max_tokens", longest))
    words = [f"{kind}:", *prompt.split()][:limit]
    if _input(request, "stream", False):
        yield from (f"{word} " for word in words)
    else:
        yield " ".join(words)


def _input(request: Any, name: str, default: Any) -> Any:
    tensor = triton.get_input_tensor_by_name(request, name)
    return default if tensor is None else tensor.as_numpy()[0]
