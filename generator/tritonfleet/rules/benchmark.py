"""The benchmark, which needs a name, an image and a model."""

from __future__ import annotations

from collections.abc import Iterator

from tritonfleet.facts import named_models, triton_version
from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import Values

LONGEST_NAME = 42  # <name>-benchmark is a CronJob, whose name has at most 52


@release_rule("TF155", "benchmark")
def benchmark_can_run(release: Release, values: Values) -> Iterator[Problem]:
    """A benchmark has a name, an image and a model."""
    if not values["benchmark"]["enabled"]:
        return
    for message, hint in _obstacles(release.full_name, values):
        yield at(release, ("benchmark", "enabled"), message, hint)


def _obstacles(name: str, values: Values) -> Iterator[tuple[str, str]]:
    """What keeps the benchmark of a release from running, each with what to do."""
    benchmark = values["benchmark"]
    if len(name) > LONGEST_NAME:
        message = f"the name {name} is too long for a benchmark"
        yield message, f"use at most {LONGEST_NAME} characters"
    # The chart takes the SDK image of the server's own version, YY.MM-py3-sdk, unless one is named.
    if not benchmark["image"] and not triton_version(values):
        message = "the server's tag does not say which SDK image can measure it"
        yield message, "set `benchmark.image`, or `image.tritonVersion`"
    if not named_models(values) and not benchmark["args"]:
        message = "the benchmark has no model to measure"
        yield message, "name it in `loadModels`, or set args: [-m, <model>]"
