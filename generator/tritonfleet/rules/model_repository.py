"""The models that a server finds: those written in the values, and those that other values name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tritonfleet.facts import inline_models
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem, similar
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values

# A release's values live in etcd twice: in a ConfigMap and in Helm's own record.
INLINE_BYTES = 256 * 1024
FREE_INSTANCES = 4  # of a Python model, for which the default shared memory is enough


def _model(name: str) -> KeyPath:
    return ("repository", "configMap", "models", name)


def _has_backend(config: str, backend: str) -> bool:
    return re.search(rf"""backend:\s*["']{backend}["']""", config) is not None


@release_rule("TF150", "repository", WARNING)
def vllm_is_in_the_image(release: Release, values: Values) -> Iterator[Problem]:
    """An inline vLLM model runs on an image with vLLM."""
    tag = values["image"]["tag"]
    if not tag or "vllm" in tag:
        return
    for model, files in inline_models(values).items():
        if _has_backend(files.get("config.pbtxt", ""), "vllm"):
            message = f"model {model} needs the vLLM backend, but the image is {tag}"
            hint = "use an image with vLLM, like 24.12-vllm-python-py3"
            yield at(release, _model(model), message, hint, key=True)


@release_rule("TF151", "repository", WARNING)
def python_instances_are_set(release: Release, values: Values) -> Iterator[Problem]:
    """Shared memory is made for as many instances as inline Python models have."""
    expected = values["sharedMemory"]["pythonInstances"]
    for model, files in inline_models(values).items():
        config = files.get("config.pbtxt", "")
        if not _has_backend(config, "python"):
            continue
        counts = [int(count) for count in re.findall(r"count:\s*([0-9]+)", config)]
        instances = max(counts, default=1)
        if instances > max(expected, FREE_INSTANCES):
            has = f"model {model} has {instances} Python instances"
            message = f"{has}, but `sharedMemory.pythonInstances` is {expected}"
            hint = f"set sharedMemory: {{pythonInstances: {instances}}}"
            yield at(release, _model(model), message, hint, key=True)


@release_rule("TF152", "repository")
def inline_models_are_small(release: Release, values: Values) -> Iterator[Problem]:
    """Inline models fit the objects that they are written to."""
    models = inline_models(values)
    if not models:
        return
    size = len(json.dumps(models, ensure_ascii=False).encode())
    if size > INLINE_BYTES:
        path = ("repository", "configMap")
        message = (
            f"the inline models have {size} bytes; at most {INLINE_BYTES} fit a release"
        )
        hint = "serve them from a volume or an object store"
        yield at(release, path, message, hint, key=True)


@release_rule("TF157", "repository")
def inline_models_have_versions(release: Release, values: Values) -> Iterator[Problem]:
    """An inline model has a version: a file in a directory with a number for its name."""
    for model, files in inline_models(values).items():
        if any(re.match(r"[1-9][0-9]*/", path) for path in files):
            continue
        message = f"model {model} has no version, so Triton does not start"
        hint = "put a file below a number, like `1/model.py`; for an ensemble any small one will do"
        yield at(release, _model(model), message, hint, key=True)


@release_rule("TF153", "repository loadModels test")
def named_models_are_there(release: Release, values: Values) -> Iterator[Problem]:
    """A model that is named is there, where the values say which are."""
    yield from _unknown_models_to_load(release, values)
    yield from _unknown_model_to_test(release, values)


def _unknown_models_to_load(release: Release, values: Values) -> Iterator[Problem]:
    models = inline_models(values)
    if not models:  # what another kind of repository holds, the values do not say
        return
    for index, model in enumerate(values["loadModels"]):
        if model not in models:
            path = ("loadModels", index)
            message = f"model {model} is not in `repository.configMap.models`"
            hint = similar(model, models) or "add it there, or name another"
            yield at(release, path, message, hint)


def _unknown_model_to_test(release: Release, values: Values) -> Iterator[Problem]:
    loaded = values["loadModels"]
    tested = values["test"]["inference"].get("model")
    if loaded and tested and tested not in loaded:
        path = ("test", "inference", "model")
        message = f"model {tested} is not in `loadModels`"
        hint = similar(tested, loaded) or "add it there, or name another"
        yield at(release, path, message, hint)


@release_rule("TF154", "repository")
def empty_volume_is_filled(release: Release, values: Values) -> Iterator[Problem]:
    """An empty volume is filled before the server starts."""
    is_filled = values["fetch"]["enabled"] or values["initContainers"]
    if values["repository"].get("emptyDir") is not None and not is_filled:
        path = ("repository", "emptyDir")
        message = "the volume is empty at every start"
        hint = "fill it with `fetch` or an init container"
        yield at(release, path, message, hint, key=True)
