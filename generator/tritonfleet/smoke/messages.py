"""The messages of Triton's gRPC API that are needed here, made when they are asked for.

Source: github.com/triton-inference-server/common, protobuf/grpc_service.proto. Fields that nobody needs are left out.
"""

from __future__ import annotations

from functools import cache
from typing import Any

PACKAGE = "inference"
SERVICE = f"/{PACKAGE}.GRPCInferenceService/"
_TENSOR = {
    "name": "1 string",
    "datatype": "2 string",
    "shape": "3 int64 *",
    "contents": "5 InferTensorContents",
}
_FIELDS: dict[str, dict[str, str]] = {
    "ServerReadyRequest": {},
    "ServerReadyResponse": {"ready": "1 bool"},
    "ModelReadyRequest": {"name": "1 string"},
    "ModelReadyResponse": {"ready": "1 bool"},
    "InferTensorContents": {
        "bool_contents": "1 bool *", "int_contents": "2 int32 *", "int64_contents": "3 int64 *",
        "uint_contents": "4 uint32 *", "uint64_contents": "5 uint64 *", "fp32_contents": "6 float *",
        "fp64_contents": "7 double *", "bytes_contents": "8 bytes *",
    },
    "InferTensor": _TENSOR,
    "ModelInferRequest": {"model_name": "1 string", "inputs": "5 InferTensor *"},
    "ModelInferResponse": {"outputs": "5 InferTensor *", "raw_output_contents": "6 bytes *"},
}  # fmt: skip


@cache
def message(name: str) -> Any:
    """The class of a message. Raises ImportError without protobuf."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="smoke.proto", package=PACKAGE, syntax="proto3"
    )
    for each, fields in _FIELDS.items():
        made = file.message_type.add(name=each)
        for field, said in fields.items():
            _add(made, field, said)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
    return message_factory.GetMessageClass(found)


def _add(made: Any, name: str, said: str) -> None:
    """A field, as "number type", and a * where it is a list."""
    number, kind, *many = said.split()
    field = made.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if many else field.LABEL_OPTIONAL
    if kind in _FIELDS:
        field.type = field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
