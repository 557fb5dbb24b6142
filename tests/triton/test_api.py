"""Who may do what to a running server: the lock of explicit mode, its key holder, and no lock."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.triton.harness import chart, clients, repositories, server
from tests.triton.harness.container import POD
from tests.triton.test_lifecycle import values

CONTROL: Mapping[str, tuple[str, object]] = {
    "index": ("/v2/repository/index", {}),
    "load": ("/v2/repository/models/add/load", {}),
    "unload": ("/v2/repository/models/nobody/unload", {}),
    "trace": ("/v2/trace/setting", None),
    "logging": ("/v2/logging", None),
}
USE: Mapping[str, tuple[str, object]] = {
    "ready": ("/v2/models/add/ready", None),
    "statistics": ("/v2/models/add/stats", None),
    "infer": (
        "/v2/models/add/infer",
        {
            "inputs": [
                {"name": "INPUT", "datatype": "FP32", "shape": [1], "data": [1.0]}
            ]
        },
    ),
}


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ({}, {"": 403, "lock: guess": 403, f"lock: {POD['metadata.uid']}": 200}),
        (
            {"api": "secret", "secretName": "admin", "key": "key"},
            {"": 403, "admin-key: secret": 200},
        ),
        ({"api": "open"}, {"": 200}),
    ],
    ids=["locked", "secret", "open"],
)
def test_model_control_needs_the_key_and_use_needs_none(
    control: Mapping[str, str], expected: Mapping[str, int], tmp_path: Path
) -> None:
    """`expected`: what model control answers to a request with this header."""
    given = values("add", modelControl=control)
    repository = repositories.copy(tmp_path / "repository", "add")
    with server.running(
        chart.render(given), tmp_path, repository, {"admin": {"key": "secret"}}
    ) as running:
        running.wait_ready()
        answers = {header: _statuses(running, header) for header in expected}
    assert answers == {
        header: {**dict.fromkeys(CONTROL, status), **dict.fromkeys(USE, 200)}
        for header, status in expected.items()
    }


def _statuses(running: server.Server, header: str) -> dict[str, int]:
    headers = dict([header.split(": ")]) if header else {}
    requests = {**CONTROL, **USE}
    return {
        name: clients.call(running.ports["http"], *requests[name], headers)[0]
        for name in requests
    }
