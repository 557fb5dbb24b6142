"""OUTPUT = INPUT + 1; the first request takes five seconds, as where a model is compiled when it is asked first."""

import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):  # noqa: ARG002 -- the backend gives it
        self.wait = 5

    def execute(self, requests):
        time.sleep(self.wait)
        self.wait = 0
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        values = pb_utils.get_input_tensor_by_name(request, "INPUT").as_numpy()
        return pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", values + 1)])
