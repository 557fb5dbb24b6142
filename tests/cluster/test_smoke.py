"""`tritonfleet smoke` on real pods, with the right to read and to reach pods and nothing more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.chart.helm import CHART
from tests.cluster.ground.kubectl import (
    FLEET,
    SMALL,
    Object,
    install,
    kubectl,
    run,
    served,
)
from tests.cluster.test_gate import asked
from tests.triton.harness import certificates

pytestmark = pytest.mark.usefixtures("client")


def smoke(
    root: Path, kubeconfig: str, *arguments: str, **env: str
) -> tuple[int, Object]:
    """The exit code and the data."""
    command = [sys.executable, "-m", "tritonfleet", "smoke", f"--root={root}"]
    done = subprocess.run(
        [*command, "--output=json", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "KUBECONFIG": kubeconfig, **env},
        check=False,
    )
    assert done.returncode < 2, done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def fleet(directory: Path, namespace: str, **entries: Object) -> Path:
    """One environment, whose releases are installed as they are said; each is Ready."""
    chart = directory / "charts" / "triton"
    shutil.copytree(CHART, chart)
    files: dict[str, Object] = {
        "fleet.yaml": {"name": "smoke", "gitops": FLEET["gitops"], "defaults": SMALL},
        "environments/dev.yaml": {"namespace": namespace},
        "models/models.yaml": {
            "models": [{"name": name, **said} for name, said in entries.items()]
        },
    }
    for name, said in files.items():
        path = directory / "values" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(said))
    for name, said in entries.items():
        install(namespace, name, said)
    return directory


def person(namespace: str, directory: Path) -> str:
    """The kubeconfig of somebody who may list pods and reach them."""
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {
            "apiGroups": [""],
            "resources": ["pods/portforward"],
            "verbs": ["get", "create"],
        },
    ]
    metadata = {"name": "smoke", "namespace": namespace}
    rbac = "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", "name": "smoke", "namespace": namespace}
    objects: list[Object] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "Role",
            "metadata": metadata,
            "rules": rules,
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "smoke"},
            "subjects": [subject],
        },
    ]
    kubectl("apply", "--filename=-", given=objects)
    token = kubectl("create", "token", "smoke", f"--namespace={namespace}").strip()
    config = yaml.safe_load(Path(os.environ["CLUSTER_KUBECONFIG"]).read_text())
    config["users"] = [{"name": "smoke", "user": {"token": token}}]
    for context in config["contexts"]:
        context["context"]["user"] = "smoke"
    path = directory / "person"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def problems(found: Object) -> dict[str, list[list[str]]]:
    """By release, what is wrong over each way."""
    return {
        each["release"]: [one["problems"] for one in each["asked"]]
        or [[each["missing"]]]
        for each in found["answers"]
    }


def test_right_and_wrong_answers(namespace: str, tmp_path: Path) -> None:
    lock = {
        "apis": ["inference"],
        "header": "x-key",
        "secretName": "clients",
        "key": "k",
    }
    secret = {"kind": "Secret", "apiVersion": "v1", "stringData": {"k": "word"}}
    metadata = {"name": "clients", "namespace": namespace}
    kubectl("apply", "--filename=-", given=[{**secret, "metadata": metadata}])
    closed = {"ingress": {"from": [{"podSelector": {"matchLabels": {"a": "b"}}}]}}
    root = fleet(
        tmp_path,
        namespace,
        right=asked(networkPolicy=closed),
        wrong=asked(says=41),
        ready=served(),
        locked=asked(server={"restrictedApis": [lock]}),
    )
    mine = person(namespace, tmp_path)
    code, found = smoke(root, mine, "--count=5", "--all-pods")
    said = "value 0 of ANSWER is 41, expected 42"
    key = "its inferences want a key: set TRITON_API_KEY (no Secret is read)"
    assert (code, problems(found)) == (
        1, {"right": [[], []], "wrong": [[said], [said]], "ready": [[], []], "locked": [[key]]}
    )  # fmt: skip
    code, found = smoke(root, mine, "locked", "right", TRITON_API_KEY="word")
    assert (code, problems(found)) == (0, {"right": [[], []], "locked": [[], []]})


def test_encrypted_servers_and_node_ports(namespace: str, tmp_path: Path) -> None:
    """Certificates have the Services' names; of a person's own files, each is asked for where it is missing."""
    names = ",".join(f"DNS:{name}.{namespace}.svc" for name in ("one-sided", "mutual"))
    made = certificates.make(tmp_path / "certificates", names)
    secret = {"kind": "Secret", "apiVersion": "v1", "stringData": made.secret()}
    metadata = {"name": "tls", "namespace": namespace}
    kubectl("apply", "--filename=-", given=[{**secret, "metadata": metadata}])
    tls = {"enabled": True, "secretName": "tls"}
    root = fleet(
        tmp_path / "fleet",
        namespace,
        **{"one-sided": asked(grpc={"tls": tls})},
        mutual=asked(grpc={"tls": {**tls, "mutual": True}}),
        outside=asked(service={"type": "NodePort"}),
    )
    mine = person(namespace, tmp_path)
    code, found = smoke(root, mine)
    wish = "the server wants a certificate of yours: use --cert and --key"
    told = problems(found)
    assert (code, told["mutual"], told["outside"]) == (1, [[], [wish]], [[], []])
    [plain, [encrypted]] = told["one-sided"]
    trust = "nobody here trusts its certificate: use --cacert"
    assert (plain, encrypted) == ([], trust)
    authority = f"--cacert={made.path('ca.crt')}"
    own = [f"--cert={made.path('client.crt')}", f"--key={made.path('client.key')}"]
    code, found = smoke(root, mine, authority, *own)
    assert (code, problems(found)) == (
        0, {"one-sided": [[], []], "mutual": [[], []], "outside": [[], []]}
    )  # fmt: skip
    other = "--server-name=another.host"
    code, found = smoke(root, mine, "one-sided", authority, other)
    name = "its certificate is not for another.host: use --server-name"
    assert (code, problems(found)) == (1, {"one-sided": [[], [name]]})


def test_commands_of_the_page_reach_a_pod(namespace: str, tmp_path: Path) -> None:
    """Pasted into a shell as the page has them: the port-forward first, then a request in curl and one in Python."""
    root = fleet(tmp_path, namespace, right=asked(http={"port": 18471}))
    kubeconfig = os.environ["CLUSTER_KUBECONFIG"]
    env = {**os.environ, "KUBECONFIG": kubeconfig}
    page = [sys.executable, "-m", "tritonfleet", "page", str(root)]
    subprocess.run([*page, f"--out={tmp_path}"], check=True, capture_output=True)
    text = (tmp_path / "page.html").read_text().partition('id="fleet">')[2]
    [model], _ = json.JSONDecoder().raw_decode(text)
    [release] = model["releases"]
    actions = {each["title"]: each["command"] for each in release["actions"]}
    command = ["sh", "-c", f"exec {actions['Reach it from here']}"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as way:
        assert way.stdout
        assert "Forwarding from" in way.stdout.readline()
        for title in ("Ask it with curl", "Ask it with Python"):
            told = run(["sh", "-c", actions[title]])
            [output] = json.loads(told)["outputs"]
            assert output["data"] == [42], title
        way.terminate()
