"""OUTPUT = INPUT + 1, after as many seconds as the request's parameter `delay` says."""

import json
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        time.sleep(float(json.loads(request.parameters() or "{}").get("delay", 0)))
        values = pb_utils.get_input_tensor_by_name(request, "INPUT").as_numpy()
        return pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", values + 1)])
