"""A real API server takes every example: strict fields, the custom resources' schemas, Pod Security as enforced."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import yaml

from tests.chart.helm import CHART, CI_FILES, ROOT
from tests.cluster.ground.kubectl import (
    Object,
    Refused,
    create_namespace,
    helm,
    kubectl,
    run,
)

DRY_RUN = [
    "apply",
    "--server-side",
    "--dry-run=server",
    "--validate=strict",
    "--warnings-as-errors",
    "--filename=-",
]
# Volumes of the node, or of another host.
PRIVILEGED = {"nfs-values.yaml", "onnx-hostpath-values.yaml"}


pytestmark = pytest.mark.usefixtures("definitions", "levels")


@pytest.fixture(scope="module")
def levels() -> None:
    for level in ("restricted", "privileged"):
        create_namespace(level, level)


def _accept(name: str, level: str) -> None:
    values = str(CHART / "ci" / name)
    where = [f"--namespace={level}", "--kube-version=1.37"]
    text = helm("4", "template", "release", str(CHART), *where, "--values", values)
    kubectl(*DRY_RUN, given=_documents(text))


def _documents(text: str) -> list[Object]:
    return [document for document in yaml.safe_load_all(text) if document]


@pytest.mark.parametrize("name", CI_FILES)
def test_every_situation_is_accepted(name: str) -> None:
    _accept(name, "privileged" if name in PRIVILEGED else "restricted")


@pytest.mark.parametrize("name", sorted(PRIVILEGED))
def test_the_exceptions_are_refused_at_restricted(name: str) -> None:
    with pytest.raises(Refused, match="would violate PodSecurity"):
        _accept(name, "restricted")


# The example fleet: each environment's namespace, and the level that its bootstrap file enforces there.
ENFORCED = {
    "triton-dev": "privileged",
    "triton-staging": "restricted",
    "triton": "restricted",
}
DEPLOY = ROOT / "deploy"
LEVEL = r"{.metadata.labels.pod-security\.kubernetes\.io/enforce}"
RELEASES = sorted(
    path.parent.relative_to(DEPLOY).as_posix()
    for path in DEPLOY.glob("*/*/values.yaml")
)
OBJECTS = sorted(
    path.relative_to(DEPLOY).as_posix()
    for pattern in (
        "bootstrap/*.yaml",
        "_sources/*/*.yaml",
        "*/*/application.yaml",
        "*/*/helmrelease.yaml",
    )
    for path in DEPLOY.glob(pattern)
)


@pytest.fixture(scope="module")
def environments() -> Iterator[None]:
    """The namespaces, made as the bootstrap files say; prod's is in another cluster's file."""
    create_namespace("argocd", "restricted")
    documents = [
        each
        for path in (DEPLOY / "bootstrap").glob("*.yaml")
        for each in _documents(path.read_text())
    ]
    kubectl(
        "apply",
        "--filename=-",
        given=[each for each in documents if each["kind"] == "Namespace"],
    )
    yield
    kubectl("delete", "namespace", *ENFORCED, "--wait=false")


@pytest.mark.usefixtures("environments")
def test_the_example_fleets_namespaces_enforce_a_level() -> None:
    assert {
        name: kubectl("get", "namespace", name, f"--output=jsonpath={LEVEL}")
        for name in ENFORCED
    } == ENFORCED


@pytest.mark.usefixtures("environments")
@pytest.mark.parametrize("release", RELEASES)
def test_every_release_of_the_example_fleet_is_accepted(release: str) -> None:
    environment, model = release.split("/")
    command = [
        sys.executable,
        "-m",
        "tritonfleet",
        "render",
        f"--env={environment}",
        f"--model={model}",
        str(ROOT),
    ]
    text = run(command)
    assert "kind: Deployment" in text
    kubectl(*DRY_RUN, given=_documents(text))


@pytest.mark.usefixtures("environments")
@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_of_the_engines_is_accepted(name: str) -> None:
    kubectl(*DRY_RUN, given=_documents((DEPLOY / name).read_text()))


@pytest.mark.usefixtures("environments")
@pytest.mark.parametrize(
    "release",
    sorted(path.parent.name for path in DEPLOY.glob("staging/*/kustomization.yaml")),
)
def test_what_flux_builds_is_accepted(release: str) -> None:
    """The HelmRelease and the ConfigMap of its values, as kustomize makes them."""
    built = _documents(kubectl("kustomize", str(DEPLOY / "staging" / release)))
    assert sorted(each["kind"] for each in built) == ["ConfigMap", "HelmRelease"]
    kubectl(*DRY_RUN, given=built)
