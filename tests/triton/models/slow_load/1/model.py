"""Takes as many seconds to load as its configuration's parameter `seconds` says; then answers what it is asked."""

import json
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        time.sleep(
            float(
                json.loads(args["model_config"])["parameters"]["seconds"][
                    "string_value"
                ]
            )
        )

    def execute(self, requests):
        inputs = [
            pb_utils.get_input_tensor_by_name(request, "INPUT").as_numpy()
            for request in requests
        ]
        return [
            pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", values)])
            for values in inputs
        ]
