"""Models written in the values, and what is said about them by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tritonfleet.facts import inline_models, triton_version
from tritonfleet.nouns import Release
from tritonfleet.problem import WARNING, Problem, similar
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values

INLINE_BYTES = (
    256 * 1024
)  # a release's values live in etcd twice: in a ConfigMap and in Helm's own record
LONGEST_BENCHMARK = 42  # <name>-benchmark is a CronJob, whose name has at most 52


@release_rule("TF150", "repository", WARNING)
def vllm_is_in_the_image(release: Release, values: Values) -> Iterator[Problem]:
    tag = values["image"]["tag"]
    for model, files in inline_models(values).items():
        config = files.get("config.pbtxt", "")
        if re.search(r"""backend:\s*["']vllm["']""", config) and tag and "vllm" not in tag:
            path = ("repository", "configMap", "models", model)
            yield at(
                release,
                path,
                f"model {model} asks for the vLLM backend, the image is {tag}",
                key=True,
            )


@release_rule("TF151", "repository", WARNING)
def python_instances_are_said(release: Release, values: Values) -> Iterator[Problem]:
    said = values["sharedMemory"]["pythonInstances"]
    for model, files in inline_models(values).items():
        config = files.get("config.pbtxt", "")
        counts = [int(count) for count in re.findall(r"count:\s*([0-9]+)", config)]
        if re.search(r"""backend:\s*["']python["']""", config) and (
            instances := max(counts, default=1)
        ) > max(said, 4):
            path = ("repository", "configMap", "models", model)
            message = f"model {model} has {instances} Python instances, `sharedMemory.pythonInstances` says {said}"
            yield at(
                release, path, message, f"sharedMemory: {{pythonInstances: {instances}}}", key=True
            )


@release_rule("TF152", "repository")
def inline_models_are_small(release: Release, values: Values) -> Iterator[Problem]:
    models = inline_models(values)
    if models and (size := len(json.dumps(models, ensure_ascii=False).encode())) > INLINE_BYTES:
        message = f"inline models of {size} bytes, at most {INLINE_BYTES} fit a release"
        yield at(
            release,
            ("repository", "configMap"),
            message,
            "serve them from a volume or a store",
            key=True,
        )


@release_rule("TF157", "repository")
def inline_models_have_versions(release: Release, values: Values) -> Iterator[Problem]:
    for model, files in inline_models(values).items():
        if not any(re.match(r"[1-9][0-9]*/", path) for path in files):
            path = ("repository", "configMap", "models", model)
            hint = "an ensemble has no files of its own, any small one will do: `1/version: …`"
            yield at(
                release,
                path,
                f"model {model} has no version: Triton finds none and does not start",
                hint,
                key=True,
            )


@release_rule("TF153", "repository loadModels test")
def loaded_models_are_there(release: Release, values: Values) -> Iterator[Problem]:
    models, wanted = inline_models(values), values["loadModels"]
    for index, model in enumerate(wanted if models else ()):
        if model not in models:
            message = f"model {model} is not among `repository.configMap.models`"
            yield at(release, ("loadModels", index), message, similar(model, models))
    tested = values["test"]["inference"].get("model")
    if wanted and tested and tested not in wanted:
        path = ("test", "inference", "model")
        yield at(
            release, path, f"model {tested} is not among `loadModels`", similar(tested, wanted)
        )


@release_rule("TF154", "repository")
def empty_volume_is_filled(release: Release, values: Values) -> Iterator[Problem]:
    filled = values["fetch"]["enabled"] or values["initContainers"]
    if values["repository"].get("emptyDir") is not None and not filled:
        message = "the volume is empty at every start"
        yield at(
            release,
            ("repository", "emptyDir"),
            message,
            "`fetch` fills it, or an init container",
            key=True,
        )


@release_rule("TF155", "benchmark")
def benchmark_can_run(release: Release, values: Values) -> Iterator[Problem]:
    benchmark = values["benchmark"]
    if not benchmark["enabled"]:
        return
    if len(release.name) > LONGEST_BENCHMARK:
        message = (
            f"{release.name} is too long for a benchmark: {LONGEST_BENCHMARK} characters at most"
        )
        yield at(release, ("benchmark", "enabled"), message)
    if not benchmark["image"] and not triton_version(values):
        message = "the server's tag does not say which SDK image measures it"
        yield at(
            release,
            ("benchmark", "enabled"),
            message,
            "benchmark: {image: …-py3-sdk}, or `image.tritonVersion`",
        )
    if not values["loadModels"] and not benchmark["args"]:
        yield at(
            release,
            ("benchmark", "enabled"),
            "no model to measure",
            "benchmark: {args: [-m, <model>]}",
        )


@release_rule("TF156", "http", WARNING)
def readiness_is_of_models(release: Release, values: Values) -> Iterator[Problem]:
    if not values["http"]["enabled"] and values["loadModels"]:
        yield at(release, ("http", "enabled"), "without HTTP a pod is ready before its models are")
