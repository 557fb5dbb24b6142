"""What a model asks of its server: warm-ups, states, parameters, resources, tags, engines."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from tests.generator.test_models import CODE
from tritonfleet.models import Model, Server, check

INPUT = 'input { name: "X" data_type: TYPE_FP32 dims: [4] }'


def said(config: str, server: Server | None = None, **files: str | None) -> list[str]:
    """Each finding about a Python model, with a `?` behind the code of a warning."""
    of_model = {"config.pbtxt": f'backend: "python"\n{config}', "1/model.py": CODE}
    return told({**of_model, **files}, server)


def told(files: Mapping[str, str | None], server: Server | None = None) -> list[str]:
    model = Model("m", files)
    return [
        f"{each.place.line}:{each.place.column} {each.code}{'' if each.severity == 'error' else '?'} {each.message}"
        for _, each in check({"m": model}, server or Server())
    ]


def warmup(inputs: str, size: str = "batch_size: 1") -> str:
    return f'{INPUT}\nmodel_warmup {{ name: "w" {size} {inputs} }}'


def given(body: str, name: str = "X") -> str:
    return f'inputs {{ key: "{name}" value {{ {body} }} }}'


ZEROS = given("data_type: TYPE_FP32 dims: [4] zero_data: true")

WARMUPS = {
    warmup(ZEROS): [],
    warmup(given("data_type: TYPE_FP32 dims: [4] zero_data: false")): [],
    warmup(given("dims: [-1]"), ""): ["3:1 TF221? a warm-up without `batch_size` is never run"],
    warmup(""): ["3:1 TF221 a warm-up gives no input X"],
    warmup(given("data_type: TYPE_FP32 dims: [-1] zero_data: true")): ["3:94 TF221 input X of a warm-up has a dimension of any size"],
    warmup(given("data_type: TYPE_INT32 dims: [4] zero_data: true")): ["3:66 TF221 input X of a warm-up is TYPE_INT32, not TYPE_FP32"],
    warmup(given("dims: [4] zero_data: true")): ["3:58 TF221 input X of a warm-up is without a type, not TYPE_FP32"],
    warmup(given("data_type: TYPE_FP32 dims: [1, 4] zero_data: true")): ["3:94 TF221 input X of a warm-up is [1, 4], and the model's [4]"],
    warmup(given("data_type: TYPE_FP32 dims: [4]")): ["3:58 TF221 input X of a warm-up has no data"],
    warmup(given("data_type: TYPE_FP32 dims: [4] input_data_file: 'x'")): ["3:97 TF221 there is no file warmup/x in the model's directory"],
    warmup(ZEROS, "batch_size: 2"): ["3:26 TF221 a warm-up of 2 requests, and the model takes batches of 1"],
    warmup(ZEROS + given("zero_data: true", "Y")): ["3:134 TF221? the model has no input Y, which a warm-up gives"],
    "max_batch_size: 2 " + warmup(ZEROS, "batch_size: 2"): [],
    INPUT.replace("dims", "optional: true dims") + 'model_warmup { name: "w" batch_size: 1 }': [],
}  # fmt: skip


@pytest.mark.parametrize("config", WARMUPS)
def test_a_warmup_is_a_request_that_the_model_takes(config: str) -> None:
    assert said(config) == WARMUPS[config]


def test_a_warmups_file_lies_in_its_directory() -> None:
    config = warmup(given("data_type: TYPE_FP32 dims: [4] input_data_file: 'x'"))
    assert said(config, **{"warmup/x": None}) == []


def state(beginning: str, more: str = "") -> str:
    declared = 'input_name: "I" output_name: "O" data_type: TYPE_INT32 dims: [1]'
    return f"sequence_batching {{ state [{{ {declared}\n{beginning} }}{more}] }}"


STATES = {
    "": [],
    'initial_state { name: "i" data_type: TYPE_INT32 dims: [1] zero_data: true }': [],
    'initial_state { name: "i" dims: [1] zero_data: true }': ["3:1 TF225 state I is TYPE_INT32 and begins with no type"],
    'initial_state { data_type: TYPE_INT32 dims: [1] zero_data: true }': ["3:1 TF225 state I begins with a value that has no `name`"],
    'initial_state { name: "i" data_type: TYPE_INT32 dims: [2] zero_data: true }': ["3:56 TF225 state I begins with [2] and is [1]"],
    'initial_state { name: "i" data_type: TYPE_INT32 dims: [1] }': ["3:1 TF225 state I begins with a value that has no data"],
    'initial_state { name: "i" data_type: TYPE_INT32 dims: [1] data_file: "f" }': ["3:59 TF225 there is no file initial_state/f in the model's directory"],
    "initial_state { } initial_state { }": ["3:19 TF225 state I begins with 2 values"],
}  # fmt: skip


@pytest.mark.parametrize("beginning", STATES)
def test_a_state_begins_with_a_value_that_fits_it(beginning: str) -> None:
    assert said(state(beginning)) == STATES[beginning]


def parameter(name: str, text: str) -> str:
    return f'parameters {{ key: "{name}" value {{ string_value: "{text}" }} }}'


PARAMETERS = {
    parameter("anything", "at all"): [],
    parameter("FORCE_CPU_ONLY_INPUT_TENSORS", "no"): [],
    parameter("FORCE_CPU_ONLY_INPUT_TENSORS", "true"): ["2:50 TF222 parameter FORCE_CPU_ONLY_INPUT_TENSORS is true"],
    parameter("force_cpu_only_input_tensors", "no"): ["2:14 TF222? backend python knows no parameter force_cpu_only_input_tensors"],
    parameter("EXECUTION_ENV_PATHS", "x"): ["2:14 TF222? backend python knows no parameter EXECUTION_ENV_PATHS"],
    parameter("EXECUTION_ENV_PATH", "/opt/env.tar.gz"): [],
    parameter("EXECUTION_ENV_PATH", "$$TRITON_MODEL_DIRECTORY/env.tar.gz"): ["2:40 TF222 there is no file env.tar.gz in the model's directory"],
}  # fmt: skip


@pytest.mark.parametrize("config", PARAMETERS)
def test_parameters_are_what_the_backend_takes(config: str) -> None:
    assert said(config) == PARAMETERS[config]


OTHERS = {
    ("onnxruntime", "execution_mode", "1"): [],
    ("onnxruntime", "execution_mode", "2"): ["1:58 TF222 parameter execution_mode is 2"],
    ("onnxruntime", "enable_mem_arena", "on"): [],
    ("onnxruntime", "enable_mem_arena", "yes"): ["1:60 TF222 parameter enable_mem_arena is yes"],
    ("pytorch", "INFERENCE_MODE", "TRUE"): [],
    ("pytorch", "INTER_OP_THREAD_COUNT", "many"): ["1:61 TF222 parameter INTER_OP_THREAD_COUNT is many"],
    ("fil", "model_type", "xgboost_json"): [],
    ("fil", "model_type", "catboost"): ["1:46 TF222 parameter model_type is catboost"],
}  # fmt: skip


@pytest.mark.parametrize(("backend", "name", "text"), OTHERS)
def test_each_backend_has_parameters_of_its_own(
    backend: str, name: str, text: str
) -> None:
    config = f'backend: "{backend}"{parameter(name, text)}'
    files = {"config.pbtxt": config, "1/model.onnx": None, "1/model.pt": None}
    assert told(files) == OTHERS[backend, name, text]


def resource(text: str) -> str:
    return f"instance_group [{{ kind: KIND_CPU rate_limiter {{ {text} }} }}]"


def test_resources_are_those_of_the_rate_limiter() -> None:
    eight = resource('resources { name: "R" count: 8 }')
    both = resource('resources { name: "R" global: true } resources { name: "R" }')
    limited = Server(limits_rates=True, resources={"R": 4})
    assert said(eight) == []
    assert said(eight, Server(limits_rates=True)) == []
    assert said(eight, limited) == [
        "2:71 TF224 an instance asks for 8 of R, and the server has 4"
    ]
    assert said(eight, Server(limits_rates=False)) == [
        "2:34 TF226? `rate_limiter` does nothing: the server has no rate limiter"
    ]
    assert said(both, limited) == [
        "2:86 TF224 R is a resource of each device and of all together"
    ]


TAGS = {"team": True, "7": True, "": True, "cost-centre": False, "_team": False, "é": False}  # fmt: skip


@pytest.mark.parametrize("name", TAGS)
def test_a_tag_can_be_a_label(name: str) -> None:
    config = f'metric_tags {{ key: "{name}" value: "x" }}'
    wrong = f"2:15 TF227 tag {name} is no name of a label, and ends the whole server"
    assert said(config) == ([] if TAGS[name] else [wrong])
    assert said(config, Server(has_metrics=False)) == []


def test_settings_that_do_nothing_are_told() -> None:
    batching = "dynamic_batching { default_priority_level: 1 }"
    assert said(batching) == [
        "2:1 TF226? `dynamic_batching` does nothing: `max_batch_size` is 0",
        "2:20 TF226? `default_priority_level` does nothing: there are no `priority_levels`",
    ]
    assert said("max_batch_size: 1 dynamic_batching { }") == []


ENGINES = {
    '{"model": "/m"}': [],
    '{"model": "/m",}': ["1:16 TF223 it is not JSON from here on"],
    "[]": ["1:1 TF223 it is no mapping of vLLM's arguments"],
    "[" * 100_000: ["1:1 TF223 it is not JSON that can be read"],
    '{"model": "/m",\n "max_model_length": 1}': ["2:2 TF223? vLLM has no argument max_model_length"],
    '{"model": "/m", "enable_lora": "true"}': ["1:17 TF223 `enable_lora` is set, and there is no multi_lora.json beside it"],
    '{"model": "/m", "tensor_parallel_size": 2}': ["1:17 TF223 an engine of 2 GPUs needs instances of KIND_MODEL"],
}  # fmt: skip


@pytest.mark.parametrize("text", ENGINES, ids=lambda text: text[:40])
def test_an_engine_of_vllm_is_told_what_it_knows(text: str) -> None:
    files = {"config.pbtxt": 'backend: "vllm"', "1/model.json": text}
    assert told(files, Server(version="24.10")) == ENGINES[text]


def test_an_engine_has_its_file_its_gpus_and_its_answers_in_parts() -> None:
    config = {"config.pbtxt": 'backend: "vllm"'}
    assert told({**config, "1/x": None}, Server(completes=False)) == [
        "1:1 TF223 backend vllm needs a decoupled model, and the server completes none",
        "1:1 TF223 version 1 has no model.json, which backend vllm reads",
    ]
    own = 'backend: "vllm" instance_group [{ kind: KIND_MODEL }]'
    engine = '{"model": "/m", "tensor_parallel_size": 2, "pipeline_parallel_size": 2}'
    assert told({"config.pbtxt": own, "1/model.json": engine}, Server(devices=2)) == [
        "1:17 TF223 the engine takes 4 GPUs, and a pod has 2"
    ]


def test_a_model_with_very_many_problems_ends_soon() -> None:
    inputs = "".join(f'input {{ name: "I{index}" }}\n' for index in range(3000))
    given = "".join(f'inputs {{ key: "J{index}" }}\n' for index in range(3000))
    began = time.process_time()
    found = said(f"{inputs} model_warmup {{ batch_size: 1 {given} }}")
    assert time.process_time() - began < 5
    assert (len(found), found[-1]) == (
        101,
        "1:1 TF059 model m has more problems than these 100",
    )


def test_a_warning_about_a_member_hides_no_error_of_its_ensemble() -> None:
    member = 'backend: "python" dynamic_batching { }'
    step = 'step { model_name: "member" model_version: -1 input_map { key: "X" value: "X" } output_map { key: "Z" value: "Y" } }'
    tensors = f'{INPUT} output {{ name: "Y" data_type: TYPE_FP32 dims: [4] }}'
    ensemble = f'platform: "ensemble" {tensors} ensemble_scheduling {{ {step} }}'
    models = {
        "member": Model("member", {"config.pbtxt": f"{member} {tensors}", "1/model.py": CODE}),
        "both": Model("both", {"config.pbtxt": ensemble, "1/x": None}),
    }  # fmt: skip
    found = [(each.code, each.message) for _, each in check(models, Server())]
    assert found == [
        ("TF226", "`dynamic_batching` does nothing: `max_batch_size` is 0"),
        ("TF220", "model member has no output Z"),
    ]
