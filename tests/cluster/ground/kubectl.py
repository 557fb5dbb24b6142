"""The cluster as the tests speak to it: kubectl, Helm and a client pod, all by the kubeconfig in CLUSTER_KUBECONFIG."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml

from tests.chart.helm import CHART, HELM

Object = dict[str, Any]
FLEET = yaml.safe_load(
    (Path(__file__).parents[1] / "fleet" / "values" / "fleet.yaml").read_text()
)


def _shared(*names: str) -> Object:
    return {name: FLEET["defaults"][name] for name in names}


SMALL = {
    **_shared("image", "startup", "shutdown", "sharedMemory", "scratch"),
    **FLEET["profiles"]["tiny"],
}
"""The tests' image and budgets of seconds; the fleet of tests/cluster/fleet has the same."""


class Refused(Exception):
    """What a program said when it failed."""


def run(
    command: Sequence[str | Path], given: str | bytes = "", timeout: float = 300
) -> str:
    """What a program prints; its standard error is part of it only when it fails."""
    env = {**os.environ, "KUBECONFIG": os.environ["CLUSTER_KUBECONFIG"]}
    told = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        command, input=told, capture_output=True, env=env, timeout=timeout, check=False
    )
    if done.returncode:
        raise Refused(
            f"{' '.join(map(str, command))}\n{done.stdout.decode()}{done.stderr.decode()}"
        )
    return done.stdout.decode()


def kubectl(*arguments: str, given: Sequence[Mapping[str, Any]] = ()) -> str:
    """`given` are objects for its standard input."""
    return run(
        ["kubectl", *arguments], "\n---\n".join(json.dumps(each) for each in given)
    )


def get(namespace: str, kind: str, name: str) -> Object:
    return dict(
        json.loads(
            kubectl("get", f"--namespace={namespace}", kind, name, "--output=json")
        )
    )


def listed(namespace: str, kind: str, selector: str = "") -> list[Object]:
    arguments = [
        "get",
        f"--namespace={namespace}",
        kind,
        f"--selector={selector}",
        "--output=json",
    ]
    return list(json.loads(kubectl(*arguments))["items"])


def pods(namespace: str, release: str) -> list[Object]:
    """A release's servers, those that are ending included."""
    return listed(
        namespace,
        "pods",
        f"app.kubernetes.io/instance={release},app.kubernetes.io/component=server",
    )


def is_ready(pod: Object) -> bool:
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in pod["status"].get("conditions", [])
    )


def create_namespace(name: str, level: str) -> None:
    """With Pod Security enforced at `level`; an API server also warns of workloads whose pods it would refuse."""
    labels = {
        f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "warn")
    }
    kubectl(
        "apply",
        "--filename=-",
        given=[
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": labels},
            }
        ],
    )


def helm(version: str, *arguments: str, values: Mapping[str, Any] | None = None) -> str:
    """Real Helm 3 or 4; `values` are one more values file."""
    more = [] if values is None else ["--values=-"]
    return run(
        [HELM[version], *arguments, *more], "" if values is None else json.dumps(values)
    )


def install(namespace: str, release: str, values: Mapping[str, Any]) -> None:
    """Install or upgrade with `values` over SMALL, and wait until it is Ready."""
    command = [
        "upgrade",
        "--install",
        release,
        str(CHART),
        f"--namespace={namespace}",
        "--wait",
        "--timeout=150s",
    ]
    helm("4", *command, values={**SMALL, **values})


def served(**said: object) -> Object:
    """Values that serve the fleet's model; its docstring in fleet/values/fleet.yaml says what can be said of it."""
    return {
        **_shared("loadModels", "repository"),
        "env": {name.upper(): str(value) for name, value in said.items()},
    }


def on_node(directory: str, script: str, **variables: str) -> None:
    """Run a shell script as root in a directory of the node, which is made if it is not there."""
    create_namespace("volumes", "privileged")
    container = {
        "name": "script",
        "image": "docker.io/local/triton:24.10",
        "command": ["sh", "-ec", script],
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "workingDir": "/directory",
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": "directory", "mountPath": "/directory"}],
    }
    volume = {
        "name": "directory",
        "hostPath": {"path": directory, "type": "DirectoryOrCreate"},
    }
    spec = {"restartPolicy": "Never", "containers": [container], "volumes": [volume]}
    metadata = {"name": f"script-{token_hex(4)}", "namespace": "volumes"}
    kubectl(
        "apply",
        "--filename=-",
        given=[{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}],
    )
    succeeded = "--for=jsonpath={.status.phase}=Succeeded"
    kubectl(
        "wait",
        "--namespace=volumes",
        succeeded,
        f"pod/{metadata['name']}",
        "--timeout=60s",
    )


def create_volume(namespace: str, claim: str) -> None:
    """A directory of the node for one claim, named like its namespace. A default storage class would make its own."""
    path = f"/var/lib/triton-fleet/{namespace}"
    source = {"path": path, "type": "DirectoryOrCreate"}
    reference = {"namespace": namespace, "name": claim}
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": source,
        "claimRef": reference,
    }
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": namespace},
        "spec": spec,
    }
    kubectl("apply", "--filename=-", given=[volume])
    on_node(path, "chmod 777 .")  # fsGroup does not change a directory of the node


def until(
    what: str, done: Callable[[], bool], seconds: float = 60, every: float = 0.25
) -> float:
    """Wait; returns how many seconds it took."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(every)
    return time.monotonic() - began


def in_client(script: str, *arguments: str, timeout: float = 300) -> str:
    """Run Python in the client pod, behind the cluster's own names and Services, wherever the cluster is."""
    command = [
        "kubectl",
        "exec",
        "--namespace=client",
        "--stdin",
        "client",
        "--",
        "python3",
        "-",
        *arguments,
    ]
    return run(command, script, timeout)


def answer(script: str, *arguments: str) -> str:
    """The same, or what went wrong: the node's proxy hears of a Ready pod a moment later than Helm."""
    try:
        return in_client(script, *arguments).strip()
    except Refused as words:
        return str(words)
