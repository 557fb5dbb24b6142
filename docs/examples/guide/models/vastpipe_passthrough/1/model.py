"""Answers with its input, where a pipeline of the card's vendor would work, and measures how long that takes."""

import time

import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        # Both are kept: a metric goes with its family.
        self.family = triton.MetricFamily(
            name="requests_process_latency_ns",
            description="Cumulative time spent processing requests",
            kind=triton.MetricFamily.COUNTER,
        )
        labels = {"model": args["model_name"], "version": args["model_version"]}
        self.latency = self.family.Metric(labels=labels)

    def execute(self, requests):
        """One answer for each request; with dynamic batching there may be more than one."""
        began = time.monotonic_ns()
        answers = [self.answer(request) for request in requests]
        self.latency.increment(time.monotonic_ns() - began)
        return answers

    def answer(self, request):
        if request.is_cancelled():  # nobody waits for it
            error = triton.TritonError("cancelled", triton.TritonError.CANCELLED)
            return triton.InferenceResponse(error=error)
        triton.Logger.log_info(f"parameters: {request.parameters()}")
        image = triton.get_input_tensor_by_name(request, "Input").as_numpy()
        return triton.InferenceResponse([triton.Tensor("Output", image)])
