"""Kinds of models, and what the metrics port tells of them."""

from __future__ import annotations

from pathlib import Path

from tests.triton.harness import chart, clients, metrics, repositories, server
from tests.triton.harness.ci import tensor

ONE = tensor("INPUT", "FP32", 1.0)


def test_an_ensemble_and_a_stateful_model(tmp_path: Path) -> None:
    repository = repositories.copy(
        tmp_path / "repository", "add", "add_twice", "running_sum"
    )
    with server.running(chart.render(metrics.VALUES), tmp_path, repository) as running:
        running.wait_ready()
        with clients.Grpc(running.ports["grpc"]) as channel:
            twice = channel.infer("add_twice", ONE)
            sums = [
                channel.infer(
                    "running_sum",
                    {**ONE, "shape": [1, 1], "data": [[value]]},
                    sequence_id=sequence,
                    **at,
                )
                for sequence, value, at in [
                    (7, 1.0, {"sequence_start": True}),
                    (8, 10.0, {"sequence_start": True}),
                    (7, 2.0, {}),
                    (8, 20.0, {"sequence_end": True}),
                    (7, 3.0, {"sequence_end": True}),
                ]
            ]
    assert (twice, sums) == (3.0, [1.0, 10.0, 3.0, 30.0, 6.0])


def test_metric_names(tmp_path: Path) -> None:
    found = metrics.exposed(tmp_path)
    assert (
        {
            name
            for name in found
            if "summary" not in name and "_cache_" not in name and "pool" not in name
        },
        found & metrics.NOT_HERE,
    ) == (
        {
            "answered_values_total",
            "nv_cpu_memory_total_bytes",
            "nv_cpu_memory_used_bytes",
            "nv_cpu_utilization",
            "nv_inference_compute_infer_duration_us",
            "nv_inference_compute_input_duration_us",
            "nv_inference_compute_output_duration_us",
            "nv_inference_count",
            "nv_inference_exec_count",
            "nv_inference_pending_request_count",
            "nv_inference_queue_duration_us",
            "nv_inference_request_duration_us",
            "nv_inference_request_failure",
            "nv_inference_request_success",
        },
        set(),
    )
