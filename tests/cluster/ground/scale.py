"""How long many releases take: `make benchmark-cluster RELEASES="[flux|argo] [NUMBER …]"`.

API server, scheduler, controllers, engines and chart are real; nodes and pods are KWOK's, which are Ready at once, so
that what is measured is how long the engines take. Each line is a cluster of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.ground import engines
from tests.cluster.ground.engines import Engine
from tests.cluster.ground.git import Repository, repository
from tests.cluster.ground.kubectl import kubectl, until
from tests.cluster.ground.sandbox import ROOT, TOOLS, Sandbox

SIZES = (100, 300, 1000)
FLEET = """\
name: acme
gitops: {engine: flux, repository: "http://127.0.0.1:8418/fleet.git"}
defaults:
  image: {tag: 24.10-py3}
  repository: {image: {path: /models}}
  nodeSelector: {type: kwok}
"""
ENVIRONMENTS = {
    "flux": "namespace: models\n",
    "argo": "namespace: models\ngitops: {engine: argocd}\n",
}
START = {"flux": engines.start_flux, "argo": engines.start_argo_cd}
NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "kwok",
        "labels": {"type": "kwok"},
        "annotations": {"kwok.x-k8s.io/node": "fake"},
    },
    "status": {
        "capacity": {
            "cpu": "100000",
            "memory": "1000Ti",
            "pods": "10000",
            "ephemeral-storage": "1000Ti",
        },
        "allocatable": {
            "cpu": "100000",
            "memory": "1000Ti",
            "pods": "10000",
            "ephemeral-storage": "1000Ti",
        },
    },
}


@dataclass(frozen=True)
class Used:
    """What processes have used: seconds of CPU, and MiB of memory at their peaks."""

    cpu: float
    memory: int


def main(*arguments: str) -> None:
    """One table; `inside` is what this calls itself in each cluster."""
    if arguments[:1] == ("inside",):
        inside(arguments[1], int(arguments[2]))
        return
    chosen = [name for name in START if name in arguments] or list(START)
    sizes = [int(each) for each in arguments if each.isdigit()] or list(SIZES)
    print(
        "| engine | releases | all Ready | one model's change | engine's CPU | engine's memory | API server's memory |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
    for name in chosen:
        for releases in sizes:
            sandbox = Sandbox(ROOT / "build" / "cluster-scale")
            sandbox.up()
            try:
                command = sandbox.enter(
                    [
                        sys.executable,
                        "-m",
                        "tests.cluster.ground.scale",
                        "inside",
                        name,
                        str(releases),
                    ]
                )
                settings = {
                    "CLUSTER_KUBECONFIG": str(sandbox.kubeconfig),
                    "PYTHONPATH": str(ROOT),
                }
                path = f"{TOOLS / 'bin'}:{os.environ['PATH']}"
                subprocess.run(
                    command, env={**os.environ, **settings, "PATH": path}, check=True
                )
            finally:
                sandbox.down()


def inside(name: str, releases: int) -> None:
    """Rolls a fleet out and changes one model; prints the row."""
    engines.install_definitions()
    with tempfile.TemporaryDirectory() as directory:
        simulation, engine = (
            Engine(Path(directory) / "kwok"),
            Engine(Path(directory) / "engine"),
        )
        with repository(Path(directory), 8418) as git:
            try:
                _simulate(simulation)
                _write(git.tree, name, releases)
                START[name](engine)
                kubectl(
                    "apply",
                    "--server-side",
                    f"--filename={git.tree}/deploy/bootstrap/{name}.yaml",
                )
                ready = until(
                    "all Ready", lambda: _available() == releases, seconds=3600, every=5
                )
                changed = _change(git, name)
                used, server = _used(engine), _memory("kube-apiserver")
            finally:
                engine.stop()
                simulation.stop()
    row = (
        name,
        f"{releases:,}",
        f"{ready:.0f} s",
        f"{changed:.0f} s",
        f"{used.cpu:.0f} s",
        f"{used.memory} MiB",
    )
    print(f"| {' | '.join(row)} | {server} MiB |", flush=True)


def _simulate(simulation: Engine) -> None:
    """A node of KWOK's beside the real one, which takes the pods that select it."""
    stages = [f"--config={path}" for path in sorted((TOOLS / "stages").glob("*.yaml"))]
    manage = [
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
    ]
    simulation.start(
        "kwok", [f"{TOOLS}/bin/kwok", *manage, *stages]
    )  # KUBECONFIG is in its environment
    kubectl("create", "--filename=-", given=[NODE])


def _write(tree: Path, name: str, releases: int) -> None:
    shutil.copytree(ROOT / "charts", tree / "charts")
    for directory in ("models", "environments"):
        (tree / "values" / directory).mkdir(parents=True)
    (tree / "values" / "fleet.yaml").write_text(FLEET)
    (tree / "values" / "environments" / f"{name}.yaml").write_text(ENVIRONMENTS[name])
    entries = "".join(f"  - {{name: model-{number}}}\n" for number in range(releases))
    (tree / "values" / "models" / "models.yaml").write_text(f"models:\n{entries}")
    _commit(Repository(tree), "The fleet")


def _commit(git: Repository, message: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "tritonfleet", "generate", "--quiet", str(git.tree)],
        check=True,
    )
    git.commit(message)


def _available() -> int:
    said = kubectl(
        "get",
        "deployments",
        "--namespace=models",
        "--output=jsonpath={.items[*].status.availableReplicas}",
    )
    return said.split().count("1")


def _change(git: Repository, name: str) -> float:
    """Seconds from the push of one model's change to its Deployment; the engine is told at once, as by a webhook."""
    models = git.tree / "values" / "models" / "models.yaml"
    models.write_text(
        models.read_text().replace(
            "{name: model-7}", "{name: model-7, env: {WORD: changed}}"
        )
    )
    _commit(git, "One model")
    if name == "flux":
        engines.refresh_flux("models", "gitrepository/acme-flux")
    else:
        engines.refresh_argo_cd("acme-argo", "argo-model-7")
    words = ["get", "deployment/model-7", "--namespace=models", "--output=json"]
    return until(
        "the change", lambda: "WORD" in kubectl(*words), seconds=1800, every=0.5
    )


def _used(engine: Engine) -> Used:
    ticks = os.sysconf("SC_CLK_TCK")
    numbers = [process.pid for process in engine.running.values()]
    fields = [
        Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        for number in numbers
    ]
    return Used(
        sum(int(each[11]) + int(each[12]) for each in fields) / ticks,
        sum(map(_peak, numbers)),
    )


def _peak(number: int) -> int:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return (
        next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) >> 10
    )


def _memory(program: str) -> int:
    """Of the cluster's own program of that name."""
    found = [
        path
        for path in Path("/proc").glob("[0-9]*/comm")
        if path.read_text().strip() == program[:15]
    ]
    return sum(_peak(int(path.parts[2])) for path in found)


if __name__ == "__main__":
    main(*sys.argv[1:])
