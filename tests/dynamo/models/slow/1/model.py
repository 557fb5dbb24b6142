"""Answers what it was asked, after as many seconds."""

import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        seconds = pb_utils.get_input_tensor_by_name(request, "SECONDS").as_numpy()
        time.sleep(float(seconds[0]))
        return pb_utils.InferenceResponse([pb_utils.Tensor("SECONDS", seconds)])
