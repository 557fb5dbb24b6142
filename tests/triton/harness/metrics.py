"""The metric names of the real server, for whoever writes alerts and dashboards."""

from __future__ import annotations

import re
from pathlib import Path

from tests.triton.harness import chart, clients, repositories, server
from tests.triton.harness.ci import tensor

VALUES = {
    "image": {"tag": chart.TAG},
    "repository": {"image": {"path": "/models"}},
    "server": {"cache": {"local": {"size": "1Mi"}}},
    "metrics": {"summaries": True},
    "shutdown": {"drain": "1s", "requestTimeout": "1s"},
}
NOT_HERE = {
    # Only with a GPU.
    "nv_energy_consumption",
    "nv_gpu_memory_total_bytes",
    "nv_gpu_memory_used_bytes",
    "nv_gpu_power_limit",
    "nv_gpu_power_usage",
    "nv_gpu_utilization",
    # Newer than this server.
    "nv_inference_first_response_histogram_ms",
    "nv_model_load_duration_secs",
}
"""Names that the documentation has and a CPU-only 24.10 has not."""


def exposed(directory: Path) -> set[str]:
    """Every name after a few inferences, one of them from the cache, with all settings of this server on."""
    return set(re.findall(r"^# TYPE (\S+)", _text(directory), re.M))


def labels(directory: Path) -> dict[str, set[str]]:
    """The labels that each name has; those that Prometheus adds are not among them."""
    found: dict[str, set[str]] = {}
    for name, pairs in re.findall(r"^(\w+)\{(.*)\} ", _text(directory), re.M):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', pairs))
    return found


def _text(directory: Path) -> str:
    repository = repositories.copy(directory / "repository", "add", "counted")
    with server.running(chart.render(VALUES), directory, repository) as running:
        running.wait_ready()
        for model in ("add", "counted", "counted"):
            clients.infer(running.ports["http"], model, tensor("INPUT", "FP32", 1.0))
        _, answer = clients.call(running.ports["metrics"], "/metrics")
    return str(answer)
