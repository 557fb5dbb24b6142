"""Asks the language model in one piece over HTTP and piece by piece over gRPC.

`python client.py HOST "Who are you?" [MODEL]` prints both as JSON.
"""

import json
import queue
import sys
import urllib.request

import numpy
import tritonclient.grpc as triton

host, prompt, model = (*sys.argv[1:], "qwen2_5_0_5b")[:3]


def whole() -> str:
    asked = json.dumps({"text_input": prompt, "stream": False, "max_tokens": 32})
    url = f"http://{host}:18999/v2/models/{model}/generate"
    with urllib.request.urlopen(url, asked.encode(), timeout=60) as answer:
        return json.load(answer)["text_output"]


def pieces() -> list[str]:
    answers = queue.Queue()
    text = triton.InferInput("text_input", [1], "BYTES")
    text.set_data_from_numpy(numpy.array([prompt.encode()], dtype=object))
    stream = triton.InferInput("stream", [1], "BOOL")
    stream.set_data_from_numpy(numpy.array([True]))
    found = []
    with triton.InferenceServerClient(f"{host}:18998") as client:
        client.start_stream(lambda result, error: answers.put(error or result))
        client.async_stream_infer(
            model, [text, stream], enable_empty_final_response=True
        )
        while not is_last(answer := answers.get(timeout=60)):
            found.append(answer.as_numpy("text_output")[0].decode())
        client.stop_stream()
    return found


def is_last(answer: triton.InferResult) -> bool:
    parameters = answer.get_response().parameters
    return parameters["triton_final_response"].bool_param


print(json.dumps([whole(), pieces()]))
