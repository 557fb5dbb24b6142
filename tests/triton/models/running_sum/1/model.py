"""Stateful: OUTPUT is the sum of the sequence so far, each sequence's its own."""

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, _args):
        self.sums = {}

    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        value, start, sequence = (
            pb_utils.get_input_tensor_by_name(request, name).as_numpy()
            for name in ("INPUT", "START", "CORRID")
        )
        before = 0 if start.item() else self.sums[sequence.item()]
        self.sums[sequence.item()] = before + value
        return pb_utils.InferenceResponse(
            [pb_utils.Tensor("OUTPUT", self.sums[sequence.item()])]
        )
