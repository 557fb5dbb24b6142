"""A real API server with the rendered rights, and what a node and a controller would write into it.

There is no kubelet: the tests say which pods are ready, in an EndpointSlice as its controller writes them. Pods have a
kubeconfig of their ServiceAccount instead of the mounted token.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.dynamo.pods import Release
from tests.triton.harness.container import POD
from tests.verdict.api import Api
from tests.verdict.server import START, api_server

ROOT = Path(__file__).parents[2]
BOOTSTRAP = "tests/generator/cases/valid/both-engines/deploy/bootstrap/staging.yaml"
NAMESPACE = "test"
# What the controller copies from the Service to its EndpointSlices, beside labels of its own.
OWN_LABELS = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}  # fmt: skip
SLICE = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"


@dataclass(frozen=True)
class Cluster:
    """The API server, with the definition of the bootstrap file and an empty namespace."""

    api: Api
    directory: Path

    def install(self, release: Release) -> None:
        """The account and the rights of a release."""
        for kind in ("ServiceAccount", "Role", "RoleBinding"):
            ending = "" if kind == "ServiceAccount" else "-discovery"
            self.api.create(release.named(kind, ending))

    def kubeconfig(self, account: str) -> Path:
        """A file with which a pod of this account asks the API server."""
        path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{account}/token"
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {},
        }
        status, text = self.api.ask("POST", path, json.dumps(request))
        assert status == 201, text
        server = f"https://127.0.0.1:{self.api.port}"
        cluster = {"server": server, "insecure-skip-tls-verify": True}
        context = {"cluster": "here", "user": "pod", "namespace": NAMESPACE}
        token = json.loads(text)["status"]["token"]
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "pod", "user": {"token": token}}],
            "contexts": [{"name": "here", "context": context}],
            "current-context": "here",
        }
        file = self.directory / f"{account}.yaml"
        file.write_text(yaml.safe_dump(content))
        file.chmod(0o644)
        return file

    def announce(self, release: Release, ready: Mapping[str, bool]) -> None:
        """Writes which workers are ready, as the controller does when a pod's readiness changes."""
        service = release.named("Service", "-workers")
        name = f"{service['metadata']['name']}-1"
        labels = {
            **service["metadata"]["labels"],
            **OWN_LABELS,
            "kubernetes.io/service-name": service["metadata"]["name"],
        }
        manifest = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
            "addressType": "IPv4",
            "endpoints": [_endpoint(*each) for each in ready.items()],
            "ports": [{"name": "metrics", "port": 8002, "protocol": "TCP"}],
        }
        status, text = self.api.ask("GET", f"{SLICE}/{name}")
        if status == 404:
            self.api.create(manifest)
            return
        version = json.loads(text)["metadata"]["resourceVersion"]
        manifest["metadata"]["resourceVersion"] = version  # type: ignore[index]
        status, text = self.api.ask("PUT", f"{SLICE}/{name}", json.dumps(manifest))
        assert status == 200, text

    @contextmanager
    def away(self) -> Iterator[None]:
        """Meanwhile it answers nobody."""
        server = _child("kube-apiserver")
        os.kill(server, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(server, signal.SIGCONT)


def _endpoint(pod: str, ready: bool) -> dict[str, Any]:
    return {
        "addresses": ["192.0.2.1"],  # nobody asks it: a worker says itself where it is
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "targetRef": {
            "kind": "Pod",
            "name": pod,
            "namespace": NAMESPACE,
            "uid": POD["metadata.uid"],
        },
    }


def _child(name: str) -> int:
    """The process of this name that the tests have started."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    [found] = [
        int(child)
        for child in children
        if Path(f"/proc/{child}/comm").read_text().strip() == name
    ]
    return found


@contextmanager
def running(directory: Path) -> Iterator[Cluster]:
    """With the custom resource definition of an environment's bootstrap file."""
    documents = yaml.safe_load_all((ROOT / BOOTSTRAP).read_text())
    [definition] = [
        each for each in documents if each["kind"] == "CustomResourceDefinition"
    ]
    with api_server(directory) as api:
        api.create(definition)
        deadline = time.monotonic() + START
        while definition["spec"]["names"]["kind"] not in api.kinds():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        namespace = {"apiVersion": "v1", "kind": "Namespace"}
        api.create({**namespace, "metadata": {"name": NAMESPACE}})
        try:
            yield Cluster(api, directory)
        finally:
            api.close()


def without(manifest: Mapping[str, Any], resource: str, verb: str) -> dict[str, Any]:
    """A Role that lacks one verb."""
    role = copy.deepcopy(dict(manifest))
    for rule in role["rules"]:
        if resource in rule["resources"]:
            rule["verbs"].remove(verb)
    return role
