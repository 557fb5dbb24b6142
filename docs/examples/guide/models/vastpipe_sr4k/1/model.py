"""Answers with an image of twice the width and height, where a model of the card's vendor would make it sharp."""

import triton_python_backend_utils as triton


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        image = triton.get_input_tensor_by_name(request, "Input").as_numpy()
        larger = image.repeat(2, axis=2).repeat(2, axis=3)
        return triton.InferenceResponse([triton.Tensor("Output", larger)])
