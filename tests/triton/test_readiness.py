"""Ready means the models that were asked for, and a start that can't succeed ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.triton.harness import chart, clients, repositories, server
from tests.triton.test_lifecycle import values


def test_several_models_are_ready_together(tmp_path: Path) -> None:
    """One of them unloaded, the pod takes no more requests; the server itself says it is fine."""
    given = values(
        "add",
        "counted",
        modelControl={"api": "secret", "secretName": "admin", "key": "key"},
    )
    repository = repositories.copy(tmp_path / "repository", "add", "counted")
    with server.running(
        chart.render(given), tmp_path, repository, {"admin": {"key": "secret"}}
    ) as running:
        running.wait_ready()
        port = running.ports["http"]
        unloaded, _ = clients.call(
            port, "/v2/repository/models/counted/unload", {}, {"admin-key": "secret"}
        )
        running.wait_for("successfully unloaded 'counted'")
        health, _ = clients.call(port, "/v2/health/ready")
        probe = running.probe("readinessProbe")
        alive = running.probe("livenessProbe")
    assert (unloaded, health, alive.ok, probe.ok, probe.detail) == (
        200, 200, True, False, "curl: (22) The requested URL returned error: 400"
    )  # fmt: skip


def test_a_model_that_fails_to_load_ends_the_server(tmp_path: Path) -> None:
    repository = repositories.copy(tmp_path / "repository", "add", "fails_to_load")
    with server.running(
        chart.render(values("add", "fails_to_load")), tmp_path, repository
    ) as running:
        with pytest.raises(server.NotReadyError, match="exit code 1"):
            running.wait_ready()
        log = running.tail(10)
    assert "FileNotFoundError: weights.bin" in log


def test_a_server_that_stays_up_without_a_model_is_not_ready(tmp_path: Path) -> None:
    given = values("add", "fails_to_load", server={"exitOnError": False})
    repository = repositories.copy(tmp_path / "repository", "add", "fails_to_load")
    with server.running(chart.render(given), tmp_path, repository) as running:
        with pytest.raises(server.NotReadyError, match=r"readinessProbe: curl: .* 400"):
            running.wait_ready(limit=5)
        alive = running.probe("livenessProbe").ok
        healthy, _ = clients.call(running.ports["http"], "/v2/models/add/ready")
    assert (alive, healthy) == (True, 200)


def test_a_start_that_hangs_is_ended_by_the_startup_probe(tmp_path: Path) -> None:
    """A Python model without model.py: the server neither ends nor listens; only startup.timeout is left."""
    given = values("no_file", startup={"timeout": "4s"})
    repository = repositories.copy(tmp_path / "repository", "no_file")
    with server.running(chart.render(given), tmp_path, repository) as running:
        with pytest.raises(
            server.NotReadyError, match=r"startupProbe: .* refused; still running"
        ):
            running.wait_ready()
        log = running.text()
    assert "Python model file not found" in log
