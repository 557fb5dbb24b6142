"""Parameters of a model that its backend reads: what it refuses, and names that it only nearly knows.

Sources, all at 2.71: python_backend, src/python_be.cc; onnxruntime_backend, src/onnxruntime.cc; pytorch_backend,
src/pt/model_state.cc; backend, src/backend_common.cc, for both; fil_backend, src/serialization.h; vllm_backend,
src/model.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tritonfleet.models.backends import run_of
from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field
from tritonfleet.problem import WARNING, similar

_OWN_DIRECTORY = "$$TRITON_MODEL_DIRECTORY/"
_ENVIRONMENT = "EXECUTION_ENV_PATH"


class Values(NamedTuple):
    """What a parameter takes, as a pattern and in words."""

    pattern: str
    words: str


_ANYTHING = Values(r"(?s).*", "any text")
_FLAG = Values(r"(?i)true|false|on|off|1|0", "true or false")
_NUMBER = Values(r"\s*[-+]?[0-9].*", "a whole number")
_YES = Values(r"yes|no", "yes or no")
_FOREST = Values(
    r"xgboost(_json|_ubj)?|lightgbm|treelite_checkpoint",
    "xgboost, xgboost_json, xgboost_ubj, lightgbm or treelite_checkpoint",
)
_OF_PYTORCH = (
    "DISABLE_OPTIMIZED_EXECUTION",
    "ENABLE_CACHE_CLEANING",
    "INFERENCE_MODE",
    "DISABLE_CUDNN",
    "ENABLE_TENSOR_FUSER",
    "ENABLE_WEIGHT_SHARING",
    "ENABLE_JIT_PROFILING",
    "ENABLE_JIT_EXECUTOR",
)
BACKENDS: Mapping[str, Mapping[str, Values]] = {
    "python": {"FORCE_CPU_ONLY_INPUT_TENSORS": _YES, _ENVIRONMENT: _ANYTHING},
    "onnxruntime": {
        "execution_mode": Values(r"\s*\+?0*[01](\D.*)?", "0 or 1"),
        "intra_op_thread_count": _NUMBER,
        "inter_op_thread_count": _NUMBER,
        "enable_mem_arena": _FLAG,
        "enable_mem_pattern": _FLAG,
    },
    "pytorch": {
        **dict.fromkeys(_OF_PYTORCH, _FLAG),
        "INTRA_OP_THREAD_COUNT": _NUMBER,
        "INTER_OP_THREAD_COUNT": _NUMBER,
    },
    "fil": {"model_type": _FOREST},
    "vllm": {"REPORT_CUSTOM_METRICS": _ANYTHING},
}


def parameters_are_known(model: Model, _: Server) -> Iterator[Finding]:
    """A backend takes what it knows; what it does not know, it passes over without a word."""
    backend = run_of(model).backend
    known = BACKENDS.get(backend, {})
    for parameter in model.config.messages("parameters"):
        name = parameter.text("key")
        if name in known:
            yield from _value(parameter, known[name])
        elif known:
            yield from _nearly_known(parameter, backend, known)
        if backend == "python" and name == _ENVIRONMENT:
            yield from _environment(model, parameter)


def _text(parameter: Message) -> str:
    return parameter.message("value").text("string_value")


def _value(parameter: Message, values: Values) -> Iterator[Finding]:
    text = _text(parameter)
    if not re.fullmatch(values.pattern, text):
        message = f"parameter {parameter.text('key')} is {text or 'empty'}"
        hint = f"write {values.words}"
        yield at_field(parameter, "value", "TF222", message, hint)


def _nearly_known(
    parameter: Message, backend: str, known: Mapping[str, Values]
) -> Iterator[Finding]:
    """A name may be of the model's own code; more often, one that is nearly known is a slip."""
    name = parameter.text("key")
    other_case = {each.lower(): each for each in known}.get(name.lower(), "")
    guess = f"did you mean `{other_case}`?" if other_case else similar(name, known)
    if guess:
        message = f"backend {backend} knows no parameter {name}"
        found = at_field(parameter, "key", "TF222", message, guess)
        yield found._replace(severity=WARNING)


def _environment(model: Model, parameter: Message) -> Iterator[Finding]:
    """An archive or a directory of Python; what is elsewhere than in the model's directory, nobody can see."""
    path = _text(parameter)
    file = path.removeprefix(_OWN_DIRECTORY).rstrip("/")
    is_elsewhere = file == path or ".." in file.split("/")
    is_there = file in model.files or f"{file}/" in model.files
    if not is_elsewhere and not is_there:
        message = f"there is no file {file} in the model's directory"
        hint = "add the environment, packed by conda-pack, or remove the parameter"
        yield at_field(parameter, "value", "TF222", message, hint)
