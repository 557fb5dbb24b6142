"""A fleet on the cluster: one environment with its Git repository, and the engine that rolls it out."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.cluster.ground import engines
from tests.cluster.ground.engines import Engine
from tests.cluster.ground.git import Repository, repository
from tests.cluster.ground.kubectl import (
    Object,
    Refused,
    create_volume,
    get,
    in_client,
    kubectl,
    listed,
)
from tests.cluster.ground.sandbox import ROOT

FLEET = Path(__file__).parents[1] / "fleet"
ASK = """
import http.client, json, sys
import numpy, tritonclient.grpc as triton
host = sys.argv[1]
body = {"inputs": [{"name": "ASK", "shape": [1], "datatype": "INT32", "data": [1]}]}
connection = http.client.HTTPConnection(host, 8000, timeout=10)
connection.request("POST", "/v2/models/timed/infer", json.dumps(body))
print(json.load(connection.getresponse())["outputs"][0]["data"][0])
tensor = triton.InferInput("ASK", [1], "INT32")
tensor.set_data_from_numpy(numpy.array([1], dtype=numpy.int32))
print(triton.InferenceServerClient(host + ":8001").infer("timed", [tensor]).as_numpy("ANSWER")[0].decode())
"""


@dataclass
class Fleet:
    """One environment, its Git repository, and the engine that rolls it out."""

    name: str
    git: Repository
    engine: Engine
    start: Callable[[Engine], None]
    pushed: float = 0.0

    def since(self) -> float:
        """Seconds since the last commit was pushed."""
        return time.monotonic() - self.pushed

    @property
    def namespace(self) -> str:
        return f"fleet-{self.name}"

    def commit(self, message: str, **changes: Object | None) -> None:
        """Change entries by name (None: remove), generate, push, and have the engine look."""
        file = self.git.tree / "values" / "models" / "models.yaml"
        entries = {
            entry["name"]: entry for entry in yaml.safe_load(file.read_text())["models"]
        }
        for name, change in changes.items():
            entries[name] = {**entries.get(name, {"name": name}), **(change or {})}
            if change is None:
                del entries[name]
        file.write_text(yaml.safe_dump({"models": list(entries.values())}))
        self._push(message)
        self.look()

    def _push(self, message: str) -> None:
        self.generate()
        self.git.commit(message)
        self.pushed = time.monotonic()

    def generate(self) -> None:
        command = [
            sys.executable,
            "-m",
            "tritonfleet",
            "generate",
            "--allow-removals=2",
            str(self.git.tree),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def promote(self, message: str, chart: Object) -> None:
        """Give the second environment another chart than the first, by a commit."""
        file = self.git.tree / "values" / "environments" / f"{self.name}-next.yaml"
        file.write_text(
            yaml.safe_dump({**yaml.safe_load(file.read_text()), "chart": chart})
        )
        self._push(message)
        self.look("-next")

    def bootstrap(self, environment: str) -> None:
        """What an admin does."""
        kubectl(
            "apply",
            "--server-side",
            f"--filename={self.git.tree}/deploy/bootstrap/{environment}.yaml",
        )

    def look(self, suffix: str = "") -> None:
        """At the repository now, and not when its interval is over."""
        if self.start is engines.start_flux:
            engines.refresh_flux(
                self.namespace + suffix, f"gitrepository/acme-{self.name}{suffix}"
            )
        else:
            engines.refresh_argo_cd(f"acme-{self.name}{suffix}")
            # A refresh that is under way takes the wish away, and may have read Git before the commit.
            time.sleep(1)
            engines.refresh_argo_cd(f"acme-{self.name}{suffix}")
            engines.refresh_all_of_argo_cd()

    def clear(self) -> None:
        """While the engine runs: it takes its own objects' finalizers away, Flux when an upgrade's budget is over."""
        if self.name == "argo":
            kubectl(
                "delete",
                "applications",
                "--all",
                "--namespace=argocd",
                "--timeout=120s",
            )
        namespaces = [self.namespace, f"{self.namespace}-next"]
        kubectl(
            "delete", "namespace", *namespaces, "--ignore-not-found", "--timeout=280s"
        )
        kubectl(
            "delete",
            "persistentvolume",
            self.namespace,
            "--ignore-not-found",
            "--timeout=60s",
        )

    def uid(self, kind: str, name: str) -> str:
        """Of one object; nothing when there is none."""
        return next(
            (
                o["metadata"]["uid"]
                for o in listed(self.namespace, kind)
                if o["metadata"]["name"] == name
            ),
            "",
        )

    def uids(self, suffix: str = "") -> dict[str, list[str]]:
        """The Pods of each release that are not about to end."""
        found: dict[str, list[str]] = {}
        for pod in listed(
            self.namespace + suffix, "pods", "app.kubernetes.io/component=server"
        ):
            if "deletionTimestamp" not in pod["metadata"]:
                release = pod["metadata"]["labels"]["app.kubernetes.io/instance"]
                found[release] = sorted(
                    [*found.get(release, []), pod["metadata"]["uid"]]
                )
        return found

    def answers(self, release: str) -> list[str]:
        """Over HTTP and gRPC, through its Service; nothing while it does not answer both."""
        try:
            return in_client(ASK, f"{release}.{self.namespace}").split()
        except Refused:
            return []

    def settled(self, release: str, suffix: str = "") -> bool:
        """Its Deployment has rolled out what it says."""
        try:
            deployment = get(self.namespace + suffix, "deployment", release)
        except Refused:
            return False
        status, wanted = deployment["status"], deployment["spec"]["replicas"]
        return bool(
            status.get("observedGeneration") == deployment["metadata"]["generation"]
            and status.get("updatedReplicas")
            == status.get("readyReplicas")
            == status.get("replicas")
            == wanted
        )


PORTS = {"flux": 8418, "argo": 8419}


def rolled_out(name: str, directory: Path) -> Iterator[Fleet]:
    """A fleet with its engine and its repository, until the end."""
    engine = Engine(directory / "engine")
    start = {"flux": engines.start_flux, "argo": engines.start_argo_cd}[name]
    with repository(directory, PORTS[name]) as git:
        shutil.copytree(FLEET, git.tree, dirs_exist_ok=True)
        shutil.copytree(ROOT / "charts", git.tree / "charts")
        start(engine)
        made = Fleet(name, git, engine, start)
        try:
            made.clear()
            create_volume(made.namespace, "removed-models")
            yield made
            made.clear()
        finally:
            engine.stop()
