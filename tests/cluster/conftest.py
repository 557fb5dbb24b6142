"""Fixtures of the cluster's tests. They run only where CLUSTER_KUBECONFIG names a cluster: `make test-cluster` does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from secrets import token_hex

import pytest

from tests.cluster.ground import engines
from tests.cluster.ground.kubectl import create_namespace, create_volume, kubectl

# test_sandbox starts and ends clusters itself: it runs where it is named, outside of any.
collect_ignore_glob = [
    "test_sandbox.py" if "CLUSTER_KUBECONFIG" in os.environ else "test_*.py"
]

CLIENT = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "client", "namespace": "client"},
    "spec": {
        "terminationGracePeriodSeconds": 0,
        "containers": [
            {
                "name": "client",
                "image": "docker.io/local/triton:24.10",
                "command": ["sleep", "infinity"],
                "env": [{"name": "PYTHONPATH", "value": "/opt/client"}],
            }
        ],
    },
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay with one worker (`--dist loadgroup`), unless they name a group themselves."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own, with Pod Security at restricted; the one of an earlier run may be ending still."""
    name = (
        re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-")
        + "-"
        + token_hex(2)
    )
    create_namespace(name, "restricted")
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def client() -> None:
    """The pod that `in_client` runs in."""
    create_namespace("client", "baseline")
    kubectl("apply", "--filename=-", given=[CLIENT])
    kubectl(
        "wait",
        "--namespace=client",
        "--for=condition=Ready",
        "pod/client",
        "--timeout=60s",
    )


@pytest.fixture(scope="session")
def definitions() -> None:
    """The custom resources that the chart and both engines know."""
    engines.install_definitions()


@pytest.fixture
def volume(namespace: str) -> Iterator[None]:
    """For the claim of the release hello."""
    create_volume(namespace, "hello-models")
    yield
    kubectl("delete", "persistentvolume", namespace, "--wait=false")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured, told even when everything passed."""
    terminalreporter.section("measured on the cluster")
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports(
        "failed"
    ):
        said = [
            str(value)
            for name, value in getattr(report, "user_properties", [])
            if name == "measured"
        ]
        if said and report.when == "call":
            terminalreporter.write_line(f"{report.nodeid}: {'; '.join(said)}")
