"""What is said of a model's files, without a fleet around them."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import text_format
from google.protobuf.message import Message as Protobufs
from hypothesis import given, settings
from hypothesis import strategies as st

from tritonfleet.models import Model, Server, check, grammar
from tritonfleet.models.fields import Message, Misread, Word
from tritonfleet.models.message import MODEL, newest
from tritonfleet.models.text import read

CODE = "class TritonPythonModel: ..."


def said(files: Mapping[str, str | None], server: Server | None = None) -> list[str]:
    """Each finding about one model in a line."""
    model = Model("m", files)
    return [
        f"{each.file}:{each.place.line}:{each.place.column} {each.code} {each.message}"
        for _, each in check({"m": model}, server or Server())
    ]


def of_python(config: str) -> list[str]:
    return said({"config.pbtxt": f'backend: "python"\n{config}', "1/model.py": CODE})


GOOD = {
    "nothing but a backend": "",
    "every way to write a list": "input { name: 'X' data_type: TYPE_FP32 dims: 1 dims: [2, 3], dims: [] };",
    "angle brackets": "version_policy < all < > >",
    "texts that follow each other": 'name: "" "m"  # like this',
    "an escape that C does not know": 'parameters { key: "a" value { string_value: "\\u0061" } }',
    "numbers for words": 'input { name: "X" data_type: 11 dims: 0x10 dims: 010 dims: - 1 }',
    "a dimension of any size": 'input { name: "X" data_type: TYPE_FP32 dims: [-1, 6] reshape { shape: [-1, 2, 3] } }',
    "an empty reshape of batches": 'max_batch_size: 4 input { name: "X" data_type: TYPE_FP32 dims: 1 reshape { } }',
    "a platform of another backend": 'platform: "onnxruntime_onnx"',
    "instances": "instance_group [ { count: 2 kind: KIND_CPU }, { kind: KIND_MODEL } ]",
    "a share that is no number": "sequence_batching { direct { minimum_slot_utilization: nan } }",
    "labels that lie elsewhere": "output { name: 'Y' data_type: TYPE_FP32 dims: 1 label_filename: '../labels.txt' }",
    "a backend of somebody": 'parameters { key: "a" value { string_value: "b" } }',
}


@pytest.mark.parametrize("config", GOOD.values(), ids=GOOD)
def test_nothing_is_said_of_what_is_right(config: str) -> None:
    assert of_python(config) == []


BAD = {
    "version_policy { latest { num_versions: 0 } }": "config.pbtxt:2:1 TF207 the version policy wants none",
    "name: 5": "config.pbtxt:2:7 TF200 Expected string but found: '5'",
    'name: "\\x"': "config.pbtxt:2:7 TF200 invalid \\x escape at position 0",
    'input { name: "X" data_type: 9007199254740993 dims: 1 }': "config.pbtxt:1:1 TF200 Value out of range: 9007199254740993",
    "name: 'm": "config.pbtxt:2:7 TF200 the quote ' is not closed in its line",
    "input {": "config.pbtxt:2:8 TF200 the text ends where `}` is expected",
    "input [ { } { } ]": "config.pbtxt:2:13 TF200 expected `,` or `]`, not `{`",
    "max_batch_size: +4": "config.pbtxt:2:17 TF200 a number has no `+`",
    'name: "\\q"': "config.pbtxt:2:7 TF200 `\\q` is no escape",
    "sequence_batching { direct { minimum_slot_utilization: inf } }": "config.pbtxt:2:30 TF213 `minimum_slot_utilization` is a share, from 0 to 1",
    "max_batch_size: ${n}": "config.pbtxt:2:18 TF200 expected a field's name, not `{`",
    "max_batch_size: 1 max_batch_size: 2": 'config.pbtxt:2:35 TF200 Message type "ModelConfig" should not have multiple "max_batch_size" fields',
    "version_policy { all {} latest {} }": 'config.pbtxt:2:25 TF200 Field "latest" is specified along with field "all", another member of oneof "policy_choice" for message type "ModelVersionPolicy"',
    "max_batch_size: " + "1" * 5000: "config.pbtxt:2:17 TF200 ",
    "input { " * 100: "config.pbtxt:2:393 TF200 messages are more than 50 deep",
    "optimization { gpu: {} }": "config.pbtxt:2:16 TF201 `gpu` is not a field of ModelOptimizationPolicy",
    "instance_group { kind: GPU }": "config.pbtxt:2:24 TF202 `GPU` is not a Kind",
    "instance_group { count: 1 gpus: 0 kind: KIND_CPU }": "config.pbtxt:2:27 TF212 a group of KIND_CPU names GPUs",
    "instance_group { profile: '1' }": "config.pbtxt:2:18 TF212 only TensorRT takes `profile`",
    "input { name: 'X' data_type: TYPE_FP32 }": "config.pbtxt:2:1 TF208 input X has no `dims`",
    "input { name: 'X' data_type: TYPE_FP32 dims: 0 }": "config.pbtxt:2:40 TF208 input X has a dimension below 1",
    "input { name: 'X' data_type: TYPE_FP32 dims: 4 reshape { shape: [2, 3] } }": "config.pbtxt:2:48 TF208 input X has another size than the shape it is reshaped to",
    "input { name: 'X' data_type: TYPE_FP32 dims: 4 format: FORMAT_NHWC }": "config.pbtxt:2:40 TF208 input X has a format of images and 1 dimensions",
    "max_batch_size: -1": "config.pbtxt:2:1 TF210 `max_batch_size` is below 0",
    "sequence_batching { } response_cache { enable: true }": "config.pbtxt:2:23 TF217 the responses of a model with `sequence_batching` cannot be cached",
    "platform: 'ensemble'": "config.pbtxt:1:1 TF205 an ensemble has no backend",
    "model_metrics { metric_control { } }": "config.pbtxt:2:17 TF216 a metric has no `family`",
}


@pytest.mark.parametrize("config", BAD, ids=lambda config: config[:40])
def test_what_is_wrong_is_told_at_its_place(config: str) -> None:
    told = of_python(config)
    assert told[0].startswith(BAD[config])


def test_a_field_is_refused_for_a_server_that_is_older() -> None:
    files = {"config.pbtxt": 'backend: "acme" runtime: "a"', "1/a": ""}
    assert said(files, Server(version="23.12")) == [
        "config.pbtxt:1:17 TF203 `runtime` came with Triton 24.01, and the server is 23.12"
    ]
    assert said(files, Server(version="24.01")) == []
    assert said(files, Server()) == []
    assert newest() >= "26.09"


CODES = {
    "class TritonPythonModel(Base): ...": [],
    "from acme import TritonPythonModel": [],
    "from acme import *": [],
    "TritonPythonModel = make()": [],
    "def execute(): ...": ["1/model.py:1:1 TF219 the code has no class TritonPythonModel"],
    "class TritonPythonModel:\n  def (": ["1/model.py:2:7 TF219 the code cannot be parsed: invalid syntax"],
    "(" * 100_000: ["1/model.py:1:201 TF219 the code cannot be parsed: too many nested parentheses"],
}  # fmt: skip


@pytest.mark.parametrize("code", CODES, ids=lambda code: code[:30])
def test_code_is_parsed_and_never_run(code: str) -> None:
    assert said({"config.pbtxt": "", "1/model.py": code}) == CODES[code]


def test_code_that_takes_too_much_ends_its_own_process_only() -> None:
    heavy = "x = [" + "[],\n" * 499_000 + "]"
    files = {"config.pbtxt": "", "1/model.py": heavy}
    assert [each[:23] for each in said(files)] == ["1/model.py:1:1 TF219 th"]
    assert said({"config.pbtxt": "", "1/model.py": CODE}) == []


def test_without_protobuf_the_form_of_a_text_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grammar, "is_installed", lambda: False)
    grammar.refusal.cache_clear()
    assert of_python("max_batch_sizes: 1") != []
    assert of_python('max_batch_size: "no number"  # without protobuf') == []


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS,
        "max_batch_size": st.integers(-(2**31), 2**31 - 1),
        "backend": WORDS,
        "input": st.lists(
            st.fixed_dictionaries(
                {"name": WORDS, "dims": st.lists(st.integers(-(2**63), 2**63 - 1))}
            ),
            max_size=3,
        ),
        "metric_tags": st.dictionaries(WORDS, WORDS, max_size=3),
        "version_policy": st.just({"specific": {"versions": [1, 2]}}),
    },
)


@settings(max_examples=200, deadline=None)
@given(CONFIGS, st.booleans())
def test_places_are_kept_of_all_that_protobuf_reads(
    config: dict[str, Any], one_line: bool
) -> None:
    """What is walked is what protobuf wrote: the same fields with the same values, in the same order."""
    message = grammar.message_class()(**config)
    text = text_format.MessageToString(message, as_utf8=True, as_one_line=one_line)
    reading = read(text, MODEL)
    assert not isinstance(reading, Misread)
    assert flat_of_text(reading) == flat_of_message(message)


def flat_of_text(said: Message, prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for each in said.fields:
        name = f"{prefix}{each.name}"
        if isinstance(each.value, Word):
            word = each.value
            flat.append((name, word.text if word.quoted else int(word.text)))
        else:
            flat += [(name, None), *flat_of_text(each.value, f"{name}.")]
    return flat


def flat_of_message(message: Protobufs, prefix: str = "") -> list[tuple[str, Any]]:
    """As protobuf writes a message: an entry of a map is a message, in the order of its keys."""
    flat: list[tuple[str, Any]] = []
    for field, value in message.ListFields():
        name = f"{prefix}{field.name}"
        if field.name == "metric_tags":
            for key in sorted(value):
                entry = {"key": key, "value": value[key]}
                given = [
                    (f"{name}.{part}", word) for part, word in entry.items() if word
                ]
                flat += [(name, None), *given]
            continue
        for each in value if field.is_repeated else [value]:
            if field.message_type:
                flat += [(name, None), *flat_of_message(each, f"{name}.")]
            else:
                flat.append((name, each))
    return flat
