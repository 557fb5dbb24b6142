"""An answer against what is expected of it.

The chart's files/ask.py.txt compares in the same way; a test holds them equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from tritonfleet.values import Values

TOLERANCE = 1e-5  # how far a number may be off where nothing is said
SHOWN = 8  # values of an output that are shown

Outputs: TypeAlias = Mapping[str, Values]


def outputs_of(answer: Values) -> Outputs:
    """Outputs by name: `infer` answers a list of them, `generate` has them as keys."""
    if "outputs" in answer:
        return {output["name"]: output for output in answer["outputs"]}
    return {name: {"data": value} for name, value in answer.items()}


def differences(expect: Mapping[str, Any], outputs: Outputs) -> Iterator[str]:
    """What differs from a right answer, in words."""
    for name, wanted in expect.items():
        if name not in outputs:
            yield f"there is no {name}, only {', '.join(sorted(outputs))}"
        else:
            yield from _in_output(name, wanted, outputs[name])


def _in_output(name: str, wanted: Values, got: Values) -> Iterator[str]:
    datatype = got.get("datatype")
    right_datatype = wanted.get("datatype", datatype)
    if datatype != right_datatype:
        yield f"{name} is {datatype}, expected {right_datatype}"

    shape = got.get("shape")
    right_shape = wanted.get("shape")
    if right_shape is not None and not _has_shape(right_shape, shape):
        yield f"{name} has shape {shape}, expected {right_shape}"
        return
    if "data" in wanted:
        tolerance = wanted.get("tolerance", TOLERANCE)
        yield from _in_data(name, wanted["data"], got.get("data"), tolerance)


def _has_shape(wanted: list[int], got: list[int] | None) -> bool:
    if got is None or len(got) != len(wanted):
        return False
    sizes = zip(wanted, got, strict=True)
    return all(size in {-1, found} for size, found in sizes)


def _in_data(name: str, wanted: Any, data: Any, tolerance: float) -> Iterator[str]:
    """The first value that differs."""
    expected = _flat(wanted)
    got = _flat(data)
    if len(expected) != len(got):
        yield f"{name} has {len(got)} values, expected {len(expected)}"
        return
    for index, right in enumerate(expected):
        value = got[index]
        if not _is_close(right, value, tolerance):
            said = json.dumps(value)
            yield f"value {index} of {name} is {said}, expected {json.dumps(right)}"
            return


def _flat(data: Any) -> list[Any]:
    if not isinstance(data, list):
        return [data]
    return [value for part in data for value in _flat(part)]


def _is_close(expected: Any, value: Any, tolerance: float) -> bool:
    if type(expected) in {int, float} and type(value) in {int, float}:
        return bool(abs(expected - value) <= tolerance)
    return bool(expected == value)


def in_one_line(outputs: Outputs) -> str:
    """What an answer says, cut where it is long."""
    return "; ".join(_shown(name, output) for name, output in sorted(outputs.items()))


def _shown(name: str, output: Values) -> str:
    data = _flat(output.get("data"))
    values = ", ".join(json.dumps(value) for value in data[:SHOWN])
    if len(data) > SHOWN:
        values += f", … {len(data)} in all"
    datatype = output.get("datatype", "")
    shape = str(output.get("shape", ""))
    words = [name, datatype, shape, f"= {values}"]
    return " ".join(filter(None, words))
