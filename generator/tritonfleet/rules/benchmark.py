"""The benchmark, which needs a name, an image and a model."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import triton_version
from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values

LONGEST_NAME = 42  # <name>-benchmark is a CronJob, whose name has at most 52


@release_rule("TF155", "benchmark")
def benchmark_can_run(release: Release, values: Values) -> Iterator[Problem]:
    """A benchmark has a name, an image and a model."""
    benchmark = values["benchmark"]
    if not benchmark["enabled"]:
        return
    path = ("benchmark", "enabled")
    if len(release.name) > LONGEST_NAME:
        message = f"the name {release.name} is too long for a benchmark"
        hint = f"use at most {LONGEST_NAME} characters"
        yield at(release, path, message, hint)
    if not benchmark["image"] and not triton_version(values):
        message = "the server's tag does not say which SDK image can measure it"
        hint = "set `benchmark.image`, or `image.tritonVersion`"
        yield at(release, path, message, hint)
    if not values["loadModels"] and not benchmark["args"]:
        message = "the benchmark has no model to measure"
        hint = "name it in `loadModels`, or set args: [-m, <model>]"
        yield at(release, path, message, hint)
