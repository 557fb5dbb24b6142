"""`tritonfleet status` on a real cluster: it names each thing that goes wrong at its next look, with both engines.

A fleet of one release goes from commit to commit; what is injected is taken back by the commit after it.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.ground import engines
from tests.cluster.ground.engines import Engine
from tests.cluster.ground.fleet import ASK, FLEET
from tests.cluster.ground.git import Repository, repository
from tests.cluster.ground.kubectl import (
    Refused,
    create_namespace,
    in_client,
    kubectl,
    run,
    until,
)
from tests.cluster.ground.sandbox import ROOT

Record = Callable[[str, object], None]
Row = dict[str, Any]
PORTS = {"flux": 8428, "argo": 8429}
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("flux", "argo")
]
PULLED = {"image": {"registry": "127.0.0.1:9", "repository": "no/such", "tag": "1"}}
HUNGRY = """
class TritonPythonModel:
    def initialize(self, args):
        self.much = b"x" * 300 * 2**20
"""
LIVE = {"httpGet": {"path": "/v2/health/live", "port": "http"}}
# One word of what each cause is told with.
BROKEN: dict[str, tuple[Row, str]] = {
    "an image that is not there": (PULLED, "127.0.0.1:9/no/such:1 cannot be pulled"),
    "a model that fails to load": (
        {"env": {"FAILS": "load"}},
        "RuntimeError: this model can't be loaded",
    ),
    "a start longer than its budget": (
        {"env": {"LOAD": "55"}, "startup": {"timeout": "8s", "pull": "20s"}},
        "longer than its budget of 8 s",
    ),
    "OOMKilled": (
        {
            "repository": {"configMap": {"models": {"timed": {"1/model.py": HUNGRY}}}},
            "resources": {"limits": {"memory": "128Mi"}},
            "sharedMemory": {"size": "8Mi"},
        },
        "OOMKilled: the container triton took more memory than its limit of 128Mi",
    ),
    "Ready, and its model is not": (
        {
            "env": {"FAILS": "load"},
            "server": {"exitOnError": False},
            "startupProbe": LIVE,
            "readinessProbe": deepcopy(LIVE),
        },
        "is Ready, and the model timed is not",
    ),
    "no free device": (
        {"accelerator": {"count": 1}},
        "no node has nvidia.com/gpu free: each pod wants 1 of the 0 that the nodes have",
    ),
    "a claim that does not bind": (
        {
            "repository": {"configMap": None, "pvc": {"create": {"size": "1Gi"}}},
            "fetch": {"enabled": True, "image": "docker.io/local/triton:24.10"},
        },
        "the claim one-models does not bind",
    ),
    "refused by Pod Security": (
        {"podTemplate": {"spec": {"hostNetwork": True}}},
        "refused by Pod Security",
    ),
}


@dataclass
class Stage:
    """One environment with one release, its repository, and the engine that rolls it out."""

    engine: str
    git: Repository

    @property
    def environment(self) -> str:
        return f"status-{self.engine}"

    @property
    def namespace(self) -> str:
        return self.environment

    def commit(self, message: str, **values: Any) -> None:
        """One release with these values; the engine is told to look."""
        self.push(message, **values)
        self.look()

    def push(self, message: str, **values: Any) -> None:
        """The same, and nobody tells the engine."""
        file = self.git.tree / "values" / "models" / "models.yaml"
        entry = {"name": "one", "env": {"WORD": "one"}, **values}
        file.write_text(yaml.safe_dump({"models": [entry]}))
        command = [sys.executable, "-m", "tritonfleet", "generate", str(self.git.tree)]
        subprocess.run([*command, "--quiet"], check=True)
        self.git.commit(message)

    def look(self) -> None:
        """As its interval would make it; before the bootstrap there is nobody to tell."""
        name = f"acme-{self.environment}"
        try:
            if self.engine == "flux":
                engines.refresh_flux(self.namespace, f"gitrepository/{name}")
            else:
                engines.refresh_argo_cd(name, f"{self.environment}-one")
        except Refused:
            pass

    def status(self, kubeconfig: Path | None = None) -> tuple[int, list[Row]]:
        done = self.run("-o", "json", kubeconfig=kubeconfig)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)["rows"]

    def run(
        self, *options: str, kubeconfig: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tritonfleet", "status", "--root"]
        kubeconfig = kubeconfig or Path(os.environ["CLUSTER_KUBECONFIG"])
        env = {**os.environ, "KUBECONFIG": str(kubeconfig)}
        return subprocess.run(
            [*command, str(self.git.tree), *options],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def told(self, words: str) -> list[Row]:
        """The rows that say it now, with something to do next."""
        rows = self.status()[1]
        return [row for row in rows if words in row["cause"] and row["next"]]

    def names(self, words: str) -> bool:
        return bool(self.told(words))

    def answer(self) -> str:
        """Over HTTP, through the Service."""
        return in_client(ASK, f"one.{self.namespace}").split()[0]


@pytest.fixture(scope="module", params=ENGINES)
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """It serves: the first commit is there."""
    directory = tmp_path_factory.mktemp(request.param)
    engine = Engine(directory / "engine")
    with repository(directory, PORTS[request.param]) as git:
        made = Stage(request.param, git)
        _write(made)
        {"flux": engines.start_flux, "argo": engines.start_argo_cd}[request.param](
            engine
        )
        try:
            made.commit("The fleet")
            bootstrap = git.tree / "deploy" / "bootstrap" / f"{made.environment}.yaml"
            kubectl("apply", "--server-side", f"--filename={bootstrap}")
            create_namespace(made.namespace, "restricted")
            assert made.run("--wait", "--timeout", "240s").returncode == 0
            yield made
            _clear(made)
        finally:
            engine.stop()


def _write(stage: Stage) -> None:
    """The fleet of the other tests, with an environment of its own and without releases."""
    shutil.copytree(FLEET, stage.git.tree, dirs_exist_ok=True)
    shutil.copytree(ROOT / "charts", stage.git.tree / "charts")
    for file in (stage.git.tree / "values" / "environments").iterdir():
        file.unlink()
    gitops: Row = {
        "engine": {"flux": "flux", "argo": "argocd"}[stage.engine],
        "repository": f"http://127.0.0.1:{PORTS[stage.engine]}/fleet.git",
        "flux": {"interval": "10s"},
    }
    environment = {
        "namespace": stage.namespace,
        "kubernetes": "1.37",
        "podSecurity": "privileged",  # and the namespace is made stricter by hand
        "gitops": gitops,
    }
    file = stage.git.tree / "values" / "environments" / f"{stage.environment}.yaml"
    file.write_text(yaml.safe_dump(environment))


def _clear(stage: Stage) -> None:
    """While the engine runs: it takes its own finalizers away."""
    if stage.engine == "argo":
        names = [f"acme-{stage.environment}", f"{stage.environment}-one"]
        arguments = ["--namespace=argocd", "--ignore-not-found", "--timeout=120s"]
        kubectl("delete", "applications.argoproj.io", *names, *arguments)
    kubectl("delete", "namespace", stage.namespace, "--timeout=280s")


pytestmark = pytest.mark.usefixtures("definitions", "client")


def test_it_waits_until_what_is_merged_serves_and_no_longer(
    stage: Stage, record_property: Record
) -> None:
    """Ten commits in a row change nothing but what the model answers: no object but the pods tells it."""
    took = []
    for number in range(11):
        if number:
            stage.commit(f"Say {number}", env={"WORD": f"word-{number}"})
        began = time.monotonic()
        done = stage.run("--wait", "--timeout", "120s")
        took.append(time.monotonic() - began)
        assert done.returncode == 0, done.stdout + done.stderr
        assert stage.answer() == (f"word-{number}" if number else "one")
    seconds = ", ".join(f"{each:.0f}" for each in took)
    record_property("measured", f"it returned after {seconds} s")


def test_the_page_shows_what_runs(stage: Stage, tmp_path: Path) -> None:
    """And when it was read; the kubeconfig is the one that `status` takes."""
    command = [sys.executable, "-m", "tritonfleet", "page", str(stage.git.tree)]
    env = {**os.environ, "KUBECONFIG": os.environ["CLUSTER_KUBECONFIG"]}
    options = ["--live", f"--out={tmp_path}"]
    subprocess.run([*command, *options], env=env, check=True, capture_output=True)
    text = (tmp_path / "page.html").read_text()
    assert '<span class="mark serving">serving 1/1</span>' in text
    assert "Read from the clusters at 20" in text


@pytest.mark.parametrize("cause", BROKEN)
def test_what_is_injected_is_named_with_what_to_do(
    stage: Stage, cause: str, record_property: Record
) -> None:
    values, words = BROKEN[cause]
    stage.commit(f"Break it: {cause}", **values)
    row, took = _first_told(stage, words)
    record_property("measured", f"named {took:.0f} s after the commit: {row['cause']}")
    assert row["state"] == "failing"
    _follow(row["next"])
    stage.commit("Take it back")
    if stage.engine == "argo" and "claim" in cause:
        _end_the_sync_that_waits(stage)
    assert stage.run("--wait", "--timeout", "240s").returncode == 0


def _first_told(stage: Stage, words: str) -> tuple[Row, float]:
    """The first row that says it, and the seconds until then: a container that starts again changes the words."""
    began = time.monotonic()
    while time.monotonic() - began < 90:
        for row in stage.told(words):
            return row, time.monotonic() - began
    raise AssertionError(f"nobody says {words!r}: {stage.status()[1]}")


def _end_the_sync_that_waits(stage: Stage) -> None:
    """Argo CD waits for the claim of the commit before, which never binds."""
    until("told", lambda: stage.names("nothing newer before that ends"))
    patch = '{"status": {"operationState": {"phase": "Terminating"}}}'  # as `argocd app terminate-op` does
    name = f"applications.argoproj.io/{stage.environment}-one"
    kubectl("patch", name, "-n=argocd", "--type=merge", f"--patch={patch}")
    until("told", lambda: stage.names("has not begun to sync what is merged"))
    stage.look()


def _follow(step: str) -> None:
    """Commands of kubectl that it says can be pasted as they are."""
    command = step.rpartition(": ")[2].partition(" (")[0]
    if command.startswith("kubectl "):
        run(shlex.split(command))


def test_a_commit_that_the_engine_has_not_seen(stage: Stage) -> None:
    stage.push("Nobody looks", env={"WORD": "unseen"})
    [row] = stage.status()[1]
    commit = stage.git.git("rev-parse", "HEAD")[:8]
    seen = stage.git.git("rev-parse", "HEAD~1")[:8]
    assert (row["state"], row["cause"]) == (
        "waiting",
        f"the engine has not seen commit {commit} of origin/main: it is at {seen}",
    )
    stage.look()
    assert stage.run("--wait", "--timeout", "120s").returncode == 0


def test_a_timeout_says_what_stands_in_the_way(stage: Stage) -> None:
    stage.commit("A slow model", env={"LOAD": "30"})
    done = stage.run("--wait", "--timeout", "12s")
    assert done.returncode == 1
    assert "waiting" in done.stdout
    assert stage.run("--wait", "--timeout", "240s").returncode == 0
    stage.commit("Take it back")
    assert stage.run("--wait", "--timeout", "240s").returncode == 0


def test_what_somebody_changes_by_hand(stage: Stage, record_property: Record) -> None:
    """Flux's release is suspended by hand. With Argo CD it is suspended in Git, and then somebody changes it."""
    if stage.engine == "flux":
        _suspend(stage, "true")
        words = "the HelmRelease was suspended by hand"
    else:
        stage.commit("Suspend it", suspend=True)
        until("suspended", lambda: stage.status()[1][0]["state"] == "suspended")
        kubectl("scale", "deployment/one", f"-n={stage.namespace}", "--replicas=2")
        stage.look()
        words = "Deployment/one was changed by hand"
    took = until(words, lambda: stage.names(words))
    record_property("measured", f"named after {took:.0f} s")
    if stage.engine == "flux":
        _suspend(stage, "false")
    stage.commit("Go on", env={"WORD": "on"})
    assert stage.run("--wait", "--timeout", "240s").returncode == 0


def _suspend(stage: Stage, value: str) -> None:
    patch = f'{{"spec": {{"suspend": {value}}}}}'
    place = f"--namespace={stage.namespace}"
    kubectl("patch", "helmrelease", "one", place, "--type=merge", f"--patch={patch}")


def test_flux_goes_back_and_it_says_so(stage: Stage, record_property: Record) -> None:
    if stage.engine != "flux":
        pytest.skip("Argo CD does not go back")
    broken = {"env": {"FAILS": "load"}, "startup": {"timeout": "8s", "pull": "10s"}}
    stage.commit("Break it", **broken)
    took = until(
        "the rollback", lambda: stage.names("Flux rolled it back: "), seconds=180
    )
    [row] = stage.status()[1]
    record_property("measured", f"named after {took:.0f} s: {row['cause']}")
    stage.commit("Take it back")
    assert stage.run("--wait", "--timeout", "240s").returncode == 0


def test_a_source_of_the_chart_that_is_not_ready(stage: Stage) -> None:
    if stage.engine != "flux":
        pytest.skip("Argo CD has no source of its own")
    chart = f"helmchart/acme-{stage.environment}"
    place = f"--namespace={stage.namespace}"
    _patch_chart(chart, place, "./charts/none")
    until(
        "the source", lambda: stage.names(f"HelmChart acme-{stage.environment} is not")
    )
    _patch_chart(chart, place, "./charts/triton")
    assert stage.run("--wait", "--timeout", "60s").returncode == 0


def _patch_chart(chart: str, place: str, path: str) -> None:
    patch = f'{{"spec": {{"chart": "{path}"}}}}'
    kubectl("patch", chart, place, "--type=merge", f"--patch={patch}")


def test_a_cluster_that_nobody_reaches(stage: Stage, tmp_path: Path) -> None:
    """One row says so, at once."""
    config = yaml.safe_load(Path(os.environ["CLUSTER_KUBECONFIG"]).read_text())
    for each in config["clusters"]:
        each["cluster"]["server"] = "https://127.0.0.1:9"
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    code, [row] = stage.status(kubeconfig=file)
    assert (code, row["state"], row["cause"]) == (
        1,
        "unknown",
        "the cluster does not answer: Connection refused",
    )
