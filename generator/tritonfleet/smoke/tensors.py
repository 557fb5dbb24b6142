"""Tensors between the JSON of Triton's HTTP API, in which a test is written, and the messages of its gRPC API."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from tritonfleet.smoke.answers import Outputs
from tritonfleet.smoke.messages import message
from tritonfleet.smoke.nouns import Question, Refused
from tritonfleet.values import Values

# By datatype: the list of contents that holds it, and one value as `struct` reads it from bytes.
_KINDS = {
    "BOOL": ("bool_contents", "?"), "INT8": ("int_contents", "b"), "INT16": ("int_contents", "h"),
    "INT32": ("int_contents", "i"), "INT64": ("int64_contents", "q"), "UINT8": ("uint_contents", "B"),
    "UINT16": ("uint_contents", "H"), "UINT32": ("uint_contents", "I"), "UINT64": ("uint64_contents", "Q"),
    "FP32": ("fp32_contents", "f"), "FP64": ("fp64_contents", "d"), "FP16": ("", "e"), "BYTES": ("bytes_contents", ""),
}  # fmt: skip


def request_of(question: Question) -> Any:
    """ModelInferRequest of the test's body. Raises Refused for what only JSON can say."""
    try:
        return _request(question.model, json.loads(question.body))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Refused("this request has no form in gRPC that is known here") from None


def _request(model: str, body: Values) -> Any:
    """Raises KeyError, TypeError, AttributeError or ValueError for a body of another form."""
    request = message("ModelInferRequest")(model_name=model)
    for said in body["inputs"]:
        contents, _ = _KINDS[said["datatype"]]
        if "parameters" in said or "parameters" in body:
            raise ValueError("parameters")
        tensor = request.inputs.add(name=said["name"], datatype=said["datatype"])
        tensor.shape.extend(said["shape"])
        values = map(_value, _flat(said["data"]))
        getattr(tensor.contents, contents).extend(values)
    return request


def _value(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _flat(data: Any) -> Iterator[Any]:
    if isinstance(data, list):
        for each in data:
            yield from _flat(each)
    else:
        yield data


def outputs_of(response: Any) -> Outputs:
    """Outputs by name. Triton sends their values as bytes, in the outputs' order."""
    raw = list(response.raw_output_contents)
    return {
        output.name: _output(output, raw[index] if index < len(raw) else None)
        for index, output in enumerate(response.outputs)
    }


def _output(output: Any, raw: bytes | None) -> Values:
    contents, form = _KINDS.get(output.datatype, ("", ""))
    if raw is None:
        data = list(getattr(output.contents, contents)) if contents else []
    elif output.datatype == "BYTES":
        data = list(_texts(raw))
    else:
        data = (
            [value for (value,) in struct.iter_unpack(f"<{form}", raw)] if form else []
        )
    shown = [
        each.decode("utf-8", "replace") if isinstance(each, bytes) else each
        for each in data
    ]
    return {"datatype": output.datatype, "shape": list(output.shape), "data": shown}


def _texts(raw: bytes) -> Iterator[bytes]:
    """Each text comes behind its length, four bytes."""
    place = 0
    while place < len(raw):
        (length,) = struct.unpack_from("<I", raw, place)
        place += 4 + length
        yield raw[place - length : place]
