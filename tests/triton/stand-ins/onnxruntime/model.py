"""A stand-in for Triton's ONNX Runtime backend, which is in NVIDIA's images and in no registry.

It runs model.onnx on the CPU, with the same ONNX Runtime as a wheel of PyPI, which is in `packages` beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent / "packages"))

import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    """One model."""

    def initialize(self, args: dict[str, str]) -> None:
        file = Path(args["model_repository"], args["model_version"], "model.onnx")
        self.session = onnxruntime.InferenceSession(file)

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Any) -> Any:
        given = {each.name(): each.as_numpy() for each in request.inputs()}
        wanted = sorted(request.requested_output_names())
        found = self.session.run(wanted, given)
        tensors = [
            triton.Tensor(name, array)
            for name, array in zip(wanted, found, strict=True)
        ]
        return triton.InferenceResponse(tensors)
