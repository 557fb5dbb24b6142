"""Deployments of tests/field that need no device become Ready, with stand-ins for their images and models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chart.helm import CHART
from tests.cluster.ground.kubectl import (
    Refused,
    create_namespace,
    create_volume,
    helm,
    is_ready,
    kubectl,
    on_node,
    pods,
)
from tests.field import standin
from tritonfleet.values import lookup

CANDIDATES = standin.candidates()
RELEASE = "field"
pytestmark = pytest.mark.usefixtures("definitions")


@pytest.fixture
def place(name: str) -> Iterator[str]:
    """A namespace of the level that the deployment is accepted at, and a directory of the node called like it."""
    namespace = f"field-{name}"[:60].strip("-")
    create_namespace(namespace, standin.level(name))
    yield namespace
    kubectl("delete", "namespace", namespace, "--wait=false")
    kubectl(
        "delete", "persistentvolume", namespace, "--wait=false", "--ignore-not-found"
    )


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_real_deployment_becomes_ready(name: str, place: str) -> None:
    # 1. What its cluster has: a volume with models, Secrets, accounts.
    directory = f"/var/lib/triton-fleet/{place}"
    values = standin.values(CANDIDATES[name], directory)
    claim = lookup(values, ("repository", "pvc", "claim"))
    if claim:
        create_volume(place, claim)
    on_node(directory, f"{standin.fill(values)}chmod -R a+rwX .")
    beside = list(standin.beside(values, place))
    if beside:
        kubectl("apply", "--filename=-", given=beside)
    # 2. The release, as a person installs it.
    where = [str(CHART), f"--namespace={place}", "--wait", "--timeout=280s"]
    try:
        helm("4", "install", RELEASE, *where, values=values)
    except Refused as words:
        said = [
            line for pod in pods(place, RELEASE) for line in standin.containers(pod)
        ]
        pytest.fail(f"{words}\n{said}")
    assert all(map(is_ready, pods(place, RELEASE)))
