"""Answers what it is asked, and counts the values in a metric of its own: `answered_values_total`."""

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        self.family = pb_utils.MetricFamily(
            name="answered_values_total",
            description="Values answered",
            kind=pb_utils.MetricFamily.COUNTER,
        )
        self.answered = self.family.Metric(labels={"model": args["model_name"]})

    def execute(self, requests):
        inputs = [
            pb_utils.get_input_tensor_by_name(request, "INPUT").as_numpy()
            for request in requests
        ]
        self.answered.increment(sum(values.size for values in inputs))
        return [
            pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", values)])
            for values in inputs
        ]
