"""A network as an ONNX file, written byte by byte: the tests need one small file, and no package for it.

The numbers of the fields are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
_FLOAT = 1  # TensorProto.FLOAT


def perceptron(
    layers: Sequence[tuple[Weights, Weights]], shape: Sequence[int]
) -> bytes:
    """A multilayer perceptron as a ModelProto: `input` of [batch, *shape] to `output`, with ReLU between layers.

    A layer is its weights, of shape (inputs, outputs), and its biases, of shape (outputs,).
    """
    nodes = [_node("Flatten", ["input"], "flat")]
    constants = []
    last = "flat"
    for number, (weights, biases) in enumerate(layers):
        names = [f"weights{number}", f"biases{number}"]
        constants += [_tensor(names[0], weights), _tensor(names[1], biases)]
        final = number == len(layers) - 1
        sums = "output" if final else f"sums{number}"
        nodes.append(_node("Gemm", [last, *names], sums))
        if not final:
            last = f"active{number}"
            nodes.append(_node("Relu", [sums], last))
    graph = _join(
        [_field(1, node) for node in nodes],
        [_field(2, b"perceptron")],
        [_field(5, constant) for constant in constants],
        [_field(11, _value("input", shape))],
        [_field(12, _value("output", layers[-1][1].shape))],
    )
    version = _number(2, 13)  # of the operators
    return _number(1, 8) + _field(7, graph) + _field(8, version)


def _node(operator: str, inputs: Sequence[str], output: str) -> bytes:
    given = [_field(1, name.encode()) for name in inputs]
    return _join(given, [_field(2, output.encode()), _field(4, operator.encode())])


def _tensor(name: str, array: Weights) -> bytes:
    sizes = [_number(1, size) for size in array.shape]
    raw = np.ascontiguousarray(array, "<f4").tobytes()
    return _join(sizes, [_number(2, _FLOAT), _field(8, name.encode()), _field(9, raw)])


def _value(name: str, shape: Sequence[int]) -> bytes:
    batch = _field(1, _field(2, b"batch"))
    sizes = [_field(1, _number(1, size)) for size in shape]
    tensor = _number(1, _FLOAT) + _field(2, _join([batch], sizes))
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _join(*parts: Sequence[bytes]) -> bytes:
    return b"".join(b"".join(part) for part in parts)


def _field(number: int, content: bytes) -> bytes:
    """A field of protobuf's wire format whose length is written before it."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    """Seven bits in each byte, the lowest first; the eighth says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
