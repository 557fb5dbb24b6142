"""Asks mnist_mlp over HTTP for one batch of random images: `python client.py localhost:8000 [images]`."""

import sys
import time

import numpy
import tritonclient.http as triton

address, size = sys.argv[1], int((*sys.argv, "8192")[2])
images = numpy.random.default_rng(0).standard_normal((size, 1, 28, 28), "float32")
given = triton.InferInput("input", list(images.shape), "FP32")
given.set_data_from_numpy(images)
wanted = [triton.InferRequestedOutput("output")]
client = triton.InferenceServerClient(address)

began = time.perf_counter()
answer = client.infer("mnist_mlp", [given], outputs=wanted).as_numpy("output")
print(f"{answer.shape} after {time.perf_counter() - began:.2f} s")
print(answer[:2].tolist())
