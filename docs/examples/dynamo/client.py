"""Asks a frontend of Dynamo for the model identity: `python client.py localhost:8787`.

Three requests and one of a stream: each answer must be what was sent.
"""

import queue
import sys

import numpy
import tritonclient.grpc as triton

sent = numpy.array([1, 2, 3, 4, 5], dtype="int32")
given = triton.InferInput("INPUT0", [5], "INT32")
given.set_data_from_numpy(sent)
streamed = queue.Queue()

with triton.InferenceServerClient(sys.argv[1]) as client:
    metadata = client.get_model_metadata("identity")
    print(*(f"{each.name}: {each.datatype}" for each in metadata.inputs))
    answers = [client.infer("identity", [given]) for _ in range(3)]
    client.start_stream(lambda result, error: streamed.put(error or result))
    client.async_stream_infer("identity", [given])
    answers.append(streamed.get(timeout=60))
    client.stop_stream()
same = [numpy.array_equal(each.as_numpy("OUTPUT0"), sent) for each in answers]
print(f"{sum(same)} of {len(same)} answers are what was sent")
