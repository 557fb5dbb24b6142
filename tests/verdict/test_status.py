"""`tritonfleet status` before a real API server, to which objects and their status are written without anybody's work.

How long it takes for many releases, how many requests that are, and that the rights that it prints suffice.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.chart.helm import CHART
from tests.generator.repositories import commit, git
from tests.verdict.api import Api
from tests.verdict.server import READER, api_server

Object = dict[str, Any]
FLEET = {
    "name": "acme",
    "gitops": {"engine": "argocd", "repository": "https://git.acme.test/models.git"},
    "defaults": {"image": {"tag": "24.10-py3"}},
}
IMAGE = "nvcr.io/nvidia/tritonserver:24.10-py3"
MANY = {"some": 300, "many": 1000}
THREADS = 4


class Ground(NamedTuple):
    """A fleet whose releases all serve, as far as the API server knows."""

    root: Path
    api: Api
    kubeconfig: Path

    def status(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tritonfleet", "status", "--root"]
        return subprocess.run(
            [*command, str(self.root), "--no-server", *options],
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            capture_output=True,
            text=True,
            check=False,
        )

    def as_reader(self, environment: str, *options: str) -> list[Object]:
        context = f"{environment}={READER}"
        done = self.status(
            "--env", environment, "--context", context, "-o", "json", *options
        )
        assert done.stdout, done.stderr
        found: list[Object] = json.loads(done.stdout)["rows"]
        return found


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    root = tmp_path_factory.mktemp("fleet")
    _write_fleet(root)
    directory = tmp_path_factory.mktemp("server")
    with api_server(directory) as api:
        kubeconfig = _kubeconfig(directory, api)
        _write_objects(api, git(root, "rev-parse", "HEAD"))
        yield Ground(root, api, kubeconfig)


def _write_fleet(root: Path) -> None:
    """Of 1,000 entries, 300 go to the smaller environment. Both are in one cluster."""
    entries = [
        {
            "name": f"model-{number}",
            "repository": {"image": {"path": "/models"}},
            "environments": list(MANY) if number < MANY["some"] else ["many"],
        }
        for number in range(MANY["many"])
    ]
    files = {"fleet": FLEET, "models/models": {"models": entries}}
    for name in MANY:
        cluster = {"name": "home"}
        files[f"environments/{name}"] = {"namespace": name, "cluster": cluster}
    for name, content in files.items():
        file = root / "values" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content))
    (root / "charts").mkdir()
    subprocess.run(["cp", "-r", CHART, root / "charts"], check=True)
    command = [sys.executable, "-m", "tritonfleet", "generate", "--quiet", str(root)]
    subprocess.run(command, check=True, capture_output=True)
    git(root, "init", "--quiet")
    commit(root)


def _kubeconfig(directory: Path, api: Api) -> Path:
    """Contexts of the admin, who is the current one, and of the reader."""
    cluster = {
        "server": f"https://127.0.0.1:{api.port}",
        "certificate-authority": str(api.certificate),
        "tls-server-name": "kubernetes.default.svc",
    }
    tokens = {"admin": api.token, READER: f"{api.token}-{READER}"}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "admin",
        "clusters": [{"name": "one", "cluster": cluster}],
        "users": [
            {"name": name, "user": {"token": token}} for name, token in tokens.items()
        ],
        "contexts": [
            {"name": name, "context": {"cluster": "one", "user": name}}
            for name in tokens
        ],
    }
    file = directory / "kubeconfig"
    file.write_text(yaml.safe_dump(content))
    return file


def _write_objects(api: Api, revision: str) -> None:
    """Namespaces, root Applications, and four objects for each release; written by several connections at once."""
    for name in ("argocd", *MANY):
        metadata = {"name": name}
        api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        account = {"name": "default", "namespace": name}
        api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    releases = [
        (name, f"model-{number}") for name in MANY for number in range(MANY[name])
    ]
    parts = [releases[start::THREADS] for start in range(THREADS)]
    for name in MANY:
        _write(api, _application(name, f"acme-{name}", revision))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda part: _write_releases(api, part, revision), parts))


def _write_releases(
    api: Api, releases: Sequence[tuple[str, str]], revision: str
) -> None:
    own = Api(api.port, api.token, api.certificate)
    for namespace, name in releases:
        _write(own, _application(namespace, f"{namespace}-{name}", revision))
        deployment = _write(own, _deployment(namespace, name))
        made = _write(own, _replica_set(namespace, name, deployment))
        _write(own, _pod(namespace, name, made))
    own.close()


def _write(api: Api, thing: Object) -> Object:
    """Creates it, and then its status, which the first request leaves out where it is a part of its own."""
    paths = {
        "Application": "/apis/argoproj.io/v1alpha1/namespaces/{}/applications",
        "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
        "ReplicaSet": "/apis/apps/v1/namespaces/{}/replicasets",
        "Pod": "/api/v1/namespaces/{}/pods",
    }
    path = paths[thing["kind"]].format(thing["metadata"]["namespace"])
    status, text = api.ask("POST", path, json.dumps(thing))
    assert status == 201, text
    made: Object = json.loads(text)
    if thing["kind"] != "Application":
        body = json.dumps({**made, "status": thing["status"]})
        place = f"{path}/{thing['metadata']['name']}/status"
        status, text = api.ask("PUT", place, body)
        assert status == 200, text
    return made


def _application(environment: str, name: str, revision: str) -> Object:
    labels = {"app.kubernetes.io/part-of": f"acme-{environment}"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "labels": labels},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.acme.test/models.git"},
            "destination": {"namespace": environment},
            "syncPolicy": {"automated": {"enabled": True}},
        },
        "status": {
            "sync": {"status": "Synced", "revision": revision},
            "health": {"status": "Healthy"},
        },
    }


def _deployment(namespace: str, name: str) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": {"deployment.kubernetes.io/revision": "1"},
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _labels(name)},
            "template": _template(name),
        },
        "status": {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1},
    }


def _replica_set(namespace: str, name: str, owner: Object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{name}-1",
            "namespace": namespace,
            "labels": _labels(name),
            "annotations": {"deployment.kubernetes.io/revision": "1"},
            "ownerReferences": [_owner(owner)],
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _labels(name)},
            "template": _template(name),
        },
        "status": {"replicas": 1},
    }


def _pod(namespace: str, name: str, owner: Object) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{name}-1-1",
            "namespace": namespace,
            "labels": _labels(name),
            "ownerReferences": [_owner(owner)],
        },
        "spec": _template(name)["spec"],
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _labels(name: str) -> Object:
    return {
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": "server",
    }


def _template(name: str) -> Object:
    container = {"name": "triton", "image": IMAGE}
    return {"metadata": {"labels": _labels(name)}, "spec": {"containers": [container]}}


def _owner(thing: Object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": thing["kind"],
        "name": thing["metadata"]["name"],
        "uid": thing["metadata"]["uid"],
        "controller": True,
    }


@pytest.mark.parametrize(
    ("environment", "seconds", "requests"), [("some", 5, 4), ("many", 15, 12)]
)
def test_many_releases_take_seconds_and_few_requests(
    ground: Ground, environment: str, seconds: int, requests: int
) -> None:
    """One request for each kind and 500 objects."""
    began = time.monotonic()
    done = ground.status("--env", environment, "-o", "json")
    took = time.monotonic() - began
    found = json.loads(done.stdout)
    states = {row["state"] for row in found["rows"]}
    print(f"{MANY[environment]} releases: {took:.1f} s, {found['requests']} requests")
    assert (done.returncode, states, len(found["rows"])) == (
        0,
        {"serving"},
        MANY[environment],
    ), done.stderr
    assert found["requests"] <= requests
    assert took <= seconds


def test_the_rights_that_it_prints_suffice_and_one_less_is_named(
    ground: Ground,
) -> None:
    ground.api.close()  # the server has: it was idle for long
    # 1. Without any.
    [row] = ground.as_reader("some")
    assert (row["state"], row["next"]) == (
        "unknown",
        "tritonfleet status --rbac --env some",
    )
    assert row["cause"].startswith(
        "no right to list applications, deployments, replicasets, pods: "
    )
    # 2. With what it prints.
    roles = list(yaml.safe_load_all(ground.status("--rbac", "--env", "some").stdout))
    for role in roles:
        ground.api.create(role)
        ground.api.create(_binding(role))
    assert {row["state"] for row in ground.as_reader("some")} == {"serving"}
    # 3. With one less.
    [role] = [each for each in roles if each["metadata"].get("namespace") == "some"]
    role["rules"][0]["resources"].remove("replicasets")
    path = "/apis/rbac.authorization.k8s.io/v1/namespaces/some/roles/tritonfleet-status"
    assert ground.api.ask("PUT", path, json.dumps(role))[0] == 200
    time.sleep(1)  # the API server reads Roles through a cache
    [row] = ground.as_reader("some")
    assert row["cause"].startswith(
        'no right to list replicasets: replicasets.apps is forbidden: User "reader" cannot list resource "replicasets"'
    )


def test_no_right_is_to_a_secret_and_none_changes_anything(ground: Ground) -> None:
    roles = list(yaml.safe_load_all(ground.status("--rbac").stdout))
    rules = [rule for role in roles for rule in role["rules"]]
    assert not any("secrets" in rule["resources"] for rule in rules)
    assert {verb for rule in rules for verb in rule["verbs"]} == {
        "list",
        "get",
        "create",
    }
    creating = [rule["resources"] for rule in rules if "create" in rule["verbs"]]
    assert creating == [["pods/portforward"]] * len(MANY)


def _binding(role: Object) -> Object:
    reference = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": role["kind"],
        "name": role["metadata"]["name"],
    }
    subject = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "User",
        "name": READER,
    }
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": f"{role['kind']}Binding",
        "metadata": role["metadata"],
        "roleRef": reference,
        "subjects": [subject],
    }


def test_watching_looks_again_and_again(ground: Ground) -> None:
    command = [sys.executable, "-m", "tritonfleet", "status", "--watch", "--no-server"]
    process = subprocess.Popen(
        [*command, "model-1", "--env", "some", "--root", str(ground.root)],
        env={**os.environ, "KUBECONFIG": str(ground.kubeconfig)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(4)]
    process.terminate()  # a background job of a shell hears no SIGINT
    process.communicate()
    assert [" ".join(line.split()[:4]) for line in lines] == [
        "STATE ENV MODEL PODS",
        "serving some model-1 1/1",
    ] * 2


def test_a_cluster_that_does_not_answer_is_a_row(ground: Ground) -> None:
    """And not the end: `--context` leads to a port where nobody listens."""
    config = yaml.safe_load(ground.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    nowhere = ground.kubeconfig.with_name("nowhere")
    nowhere.write_text(yaml.safe_dump(config))
    done = ground._replace(kubeconfig=nowhere).status("--env", "some", "-o", "json")
    [row] = json.loads(done.stdout)["rows"]
    assert (done.returncode, row["state"], row["cause"]) == (
        1,
        "unknown",
        "the cluster does not answer: Connection refused",
    )


def test_a_cluster_without_its_engine_says_so(ground: Ground) -> None:
    """The last of this file: it takes Argo CD's definitions away."""
    ground.api.close()  # the server has: it was idle for long
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    status, _ = ground.api.ask("DELETE", f"{definitions}/applications.argoproj.io")
    assert status == 200
    found: list[Object] = []
    deadline = time.monotonic() + 30
    while len(found) != 1 and time.monotonic() < deadline:
        done = ground.status("--env", "some", "-o", "json")
        found = json.loads(done.stdout)["rows"]
    assert [(row["state"], row["cause"], row["next"]) for row in found] == [
        (
            "failing",
            "there is no Argo CD in this cluster: it knows no applications",
            "install it, then kubectl apply --server-side -f deploy/bootstrap/some.yaml",
        )
    ]
