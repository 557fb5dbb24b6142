"""Sends images to a model of the guide: `python client.py {http|grpc} localhost:8000 vastpipe_passthrough`.

Prints the shape of each answer, and whether it is what was sent.
"""

import importlib
import sys

import numpy

protocol, address, model = sys.argv[1:]
triton = importlib.import_module(f"tritonclient.{protocol}")
random = numpy.random.default_rng()

with triton.InferenceServerClient(address) as client:
    for width in (224, 200):
        image = random.integers(0, 256, (1, 3, 224, width), dtype="uint8")
        given = triton.InferInput("Input", list(image.shape), "UINT8")
        given.set_data_from_numpy(image)
        sent = {"my_custom_parameter": "vastai"}  # the model writes it to its log
        answer = client.infer(model, [given], parameters=sent).as_numpy("Output")
        print(answer.shape, numpy.array_equal(answer, image))
