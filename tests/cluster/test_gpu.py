"""The last GPU: what the generator says of a full cluster before a commit, and what the cluster does then."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.helm import CHART, ROOT
from tests.cluster.ground.kubectl import (
    SMALL,
    helm,
    is_ready,
    kubectl,
    listed,
    pods,
    served,
    until,
)

GPU = "nvidia.com/gpu"
Record = Callable[[str, object], None]
pytestmark = pytest.mark.usefixtures("one_gpu")


@pytest.fixture(scope="module")
def one_gpu() -> Iterator[None]:
    """Advertised as a device plugin would; nothing here drives one, and the server's image has no use for it."""
    [node, *_] = kubectl(
        "get", "nodes", "--output=jsonpath={.items[*].metadata.name}"
    ).split()
    _advertise(node, "1")
    yield
    _advertise(node, None)


def _advertise(node: str, count: str | None) -> None:
    patch = json.dumps(
        {"status": {of: {GPU: count} for of in ("capacity", "allocatable")}}
    )
    kubectl(
        "patch",
        "node",
        node,
        "--subresource=status",
        "--type=merge",
        f"--patch={patch}",
    )


def values(rollout: str, version: str) -> dict[str, Any]:
    return {
        **SMALL,
        **served(),
        "accelerator": {"count": 1},
        "rollout": rollout,
        "modelVersion": version,
    }


def predicted(directory: Path, rollout: str) -> str:
    """What `tritonfleet validate` says of a fleet with this one model and a cluster with one GPU."""
    shutil.copytree(ROOT / "charts", directory / "charts")
    fleet = {
        "name": "tiny",
        "gitops": {
            "engine": "argocd",
            "repository": "https://git.acme.example/tiny.git",
        },
    }
    environment = {"namespace": "tiny", "kubernetes": "1.37", "capacity": {GPU: 1}}
    files = {
        "fleet": fleet,
        "environments/only": environment,
        "models/models": {"models": [{"name": "rel", **values(rollout, "1")}]},
    }
    for name, content in files.items():
        path = directory / "values" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "tritonfleet", "validate", "."]
    return subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=True
    ).stdout


def test_surge_waits_for_a_device_and_replace_does_not(
    namespace: str, tmp_path: Path, record_property: Record
) -> None:
    """As the generator says: its warning is for the one that waits, and its hint names the one that completes."""
    assert predicted(tmp_path / "surge", "surge") == (
        "values/environments/only.yaml:2:19: TF107 warning: cluster only has 1 nvidia.com/gpu and its models use 1: "
        "a rollout of `rel` needs 1 more (`rollout: replace` ends the old pod first)\n"
    )
    assert predicted(tmp_path / "replace", "replace") == ""

    upgrade(namespace, "surge", "1", "--wait", "--timeout=60s")
    [old] = versions(namespace)
    upgrade(namespace, "surge", "2")
    until(
        "the scheduler's word",
        lambda: "Insufficient nvidia.com/gpu" in words(namespace),
        seconds=30,
    )
    record_property("measured", f"the waiting pod says: {words(namespace)}")
    assert "Insufficient nvidia.com/gpu" in events(namespace)
    assert versions(namespace) == {
        old: ("1", True),
        **dict.fromkeys(set(versions(namespace)) - {old}, ("2", False)),
    }

    # The way out that the hint names, while the surge still waits.
    upgrade(namespace, "replace", "3")
    took = until(
        "the rollout",
        lambda: list(versions(namespace).values()) == [("3", True)],
        seconds=60,
    )
    record_property("measured", f"replaced {took:.1f} s after `rollout: replace`")


def upgrade(namespace: str, rollout: str, version: str, *arguments: str) -> None:
    command = [
        "upgrade",
        "--install",
        "rel",
        str(CHART),
        f"--namespace={namespace}",
        *arguments,
    ]
    helm("4", *command, values=values(rollout, version))


def versions(namespace: str) -> dict[str, tuple[str, bool]]:
    """The version of the model that each pod serves, and whether it is Ready."""
    return {
        pod["metadata"]["name"]: (
            pod["metadata"]["annotations"]["tritonfleet/model-version"],
            is_ready(pod),
        )
        for pod in pods(namespace, "rel")
    }


def words(namespace: str) -> str:
    """Why a pod is not scheduled, as its condition says."""
    conditions = [
        each
        for pod in pods(namespace, "rel")
        for each in pod["status"].get("conditions", [])
    ]
    return " ".join(
        each.get("message", "") for each in conditions if each["type"] == "PodScheduled"
    )


def events(namespace: str) -> str:
    """The same for whoever looks at events first."""
    found = listed(namespace, "events")
    return " ".join(
        each["message"] for each in found if each["reason"] == "FailedScheduling"
    )
