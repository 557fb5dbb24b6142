"""Sequences: the inputs by which a server tells a model where a sequence of requests begins, ends and belongs.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateModelConfig).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field, in_config

_FALSE_AND_TRUE = ("int32_false_true", "fp32_false_true", "bool_false_true")
_CORRELATION = "CONTROL_SEQUENCE_CORRID"
_CORRELATION_TYPES = frozenset(
    {"TYPE_UINT64", "TYPE_INT64", "TYPE_UINT32", "TYPE_INT32", "TYPE_STRING"}
)


def sequences_are_controlled(model: Model, _: Server) -> Iterator[Finding]:
    """Every control has a name and the values that its kind needs, and none is given twice."""
    sequences = model.config.message("sequence_batching")
    inputs = sequences.messages("control_input")
    names = Counter(each.name for each in inputs)
    for each in inputs:
        yield from _name(each, names)
        for control in each.messages("control"):
            yield from _values(control)
    yield from _given_twice(inputs)
    yield from _utilization(sequences.message("direct"))


def _name(control_input: Message, names: Counter[str]) -> Iterator[Finding]:
    name = control_input.name
    if not name:
        yield in_config(control_input.place, "TF213", "a control has no `name`")
    elif names[name] > 1:
        message = f"two controls are called {name}"
        yield at_field(control_input, "name", "TF213", message)


def _given_twice(inputs: list[Message]) -> Iterator[Finding]:
    """Of all inputs together, each kind of control is there once."""
    controls = [control for each in inputs for control in each.messages("control")]
    counts = Counter(map(_kind, controls))
    for control in controls:
        kind = _kind(control)
        if counts[kind] > 1:
            message = f"{kind} is given {counts[kind]} times"
            yield in_config(control.place, "TF213", message, "give it once")


def _kind(control: Message) -> str:
    """protobuf's default is the first of the words."""
    return control.text("kind") or "CONTROL_SEQUENCE_START"


def _values(control: Message) -> Iterator[Finding]:
    """A control is false or true, in values of the model's choice; only the correlation is a value of its own."""
    given = [name for name in _FALSE_AND_TRUE if control.has(name)]
    kind = _kind(control)
    counts = [len(control.given(name)) for name in given]
    if kind == _CORRELATION:
        yield from _correlation(control, given)
    elif counts != [2]:  # one of the fields, with two values
        message = f"{kind} needs two values, for false and for true"
        hint = "like `int32_false_true: [0, 1]`"
        yield in_config(control.place, "TF213", message, hint)


def _correlation(control: Message, given: list[str]) -> Iterator[Finding]:
    """The correlation says which sequence a request belongs to."""
    if given:
        field = given[0]
        message = f"{_CORRELATION} takes no `{field}`"
        yield at_field(control, field, "TF213", message, "remove it")
    if control.text("data_type") not in _CORRELATION_TYPES:
        message = f"{_CORRELATION} is a whole number or a text"
        hint = "like `data_type: TYPE_UINT64`"
        yield in_config(control.place, "TF213", message, hint)


def _utilization(direct: Message) -> Iterator[Finding]:
    field = "minimum_slot_utilization"
    text = direct.text(field)
    digits = text if "inf" in text else text.rstrip("fF")  # of C's floats
    try:
        share = float(digits or 0)
    except ValueError:  # hexadecimal, say
        return
    if share < 0 or share > 1:  # what is no number passes, as in the server
        message = "`minimum_slot_utilization` is a share, from 0 to 1"
        yield at_field(direct, field, "TF213", message)
