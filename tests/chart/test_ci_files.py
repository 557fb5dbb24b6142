"""Every situation in ci/: the same objects from Helm 3 and 4, as reviewed, valid, and admitted by Pod Security."""

from __future__ import annotations

import os
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.chart.helm import CI_FILES, ci, one, pod, render, template
from tests.chart.pod_security import violations

RENDERED = Path(__file__).parent / "rendered"
KUBERNETES = ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]
# Kinds that no Kubernetes API server has by itself; the cluster tests check them against their CRDs.
CUSTOM = {
    "GRPCRoute",
    "HTTPRoute",
    "PodMonitor",
    "PrometheusRule",
    "ScaledObject",
    "ServiceMonitor",
}
NAMED_EXCEPTIONS = {
    "onnx-hostpath-values.yaml": ["volume models is of type hostPath"],
    "nfs-values.yaml": ["volume models is of type nfs"],
}


@pytest.mark.parametrize("name", CI_FILES)
def test_renders_as_reviewed(name: str) -> None:
    """rendered/<name> is what Helm 4 prints; `make golden` writes it anew, for review in the diff."""
    expected = RENDERED / name.replace("-values", "")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(readable(template(ci(name))))
    found = yaml.load_all(readable(template(ci(name))), yaml.CSafeLoader)
    assert list(found) == list(yaml.load_all(expected.read_text(), yaml.CSafeLoader))


@pytest.mark.parametrize("name", CI_FILES)
def test_helm_3_renders_the_same(name: str) -> None:
    assert sorted(map(str, render(ci(name), "3"))) == sorted(
        map(str, render(ci(name), "4"))
    )


@pytest.mark.parametrize("name", CI_FILES)
def test_is_valid_for_every_kubernetes(name: str) -> None:
    problems = []
    for manifest in render(ci(name)):
        if manifest["kind"] in CUSTOM:
            continue
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(manifest, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                problems.append(
                    f"{version} {manifest['kind']} {'.'.join(map(str, error.path))}: {error.message}"
                )
    assert problems == []


@pytest.mark.parametrize("name", CI_FILES)
def test_pod_security_restricted_admits_it(name: str) -> None:
    manifests = render(ci(name))
    templates = [pod(manifests), *(each for each in manifests if each["kind"] == "Pod")]
    templates += [
        each["spec"]["jobTemplate"]["spec"]["template"]
        for each in manifests
        if each["kind"] == "CronJob"
    ]
    templates += [
        each["spec"]["template"] for each in manifests if each["kind"] == "Job"
    ]
    found = [violation for each in templates for violation in violations(each)]
    assert found == NAMED_EXCEPTIONS.get(name, [])


def test_every_situation_says_what_it_is() -> None:
    from tests.chart.helm import CHART

    silent = [
        name
        for name in CI_FILES
        if not (CHART / "ci" / name).read_text().startswith("# ")
    ]
    assert silent == []


def test_names_of_a_release_are_its_own() -> None:
    """Two releases in one namespace share no object."""
    first, second = (
        render(
            ci("everything-values.yaml")
            | {"fullnameOverride": "", "serviceAccount": {}},
            name=name,
        )
        for name in "ab"
    )
    names = [
        {(each["kind"], each["metadata"]["name"]) for each in manifests}
        for manifests in (first, second)
    ]
    assert names[0] & names[1] == {("ConfigMap", "settings")}
    assert (
        one(first, "Service", "a")["spec"]["selector"]
        != one(second, "Service", "b")["spec"]["selector"]
    )


def readable(text: str) -> str:
    """Helm's output without blank lines, and without the chart's version, which changes with each release."""
    return "".join(
        line + "\n"
        for line in text.splitlines()
        if line.strip() and "helm.sh/chart:" not in line
    )
