"""The numbers that engines get are the chart's own."""

from __future__ import annotations

import helm_python
import pytest
import yaml

from tests.generator.fleets import CHART, MODELS, Build, checked
from tritonfleet.plan import plan

CASES = {
    "defaults": "",
    "times": "    startup: {timeout: 90s, pull: 1h}\n    shutdown: {drain: 20s, requestTimeout: 2m}\n",
    "grace": "    terminationGracePeriodSeconds: 500\n",
    "replace": "    rollout: replace\n",
    "claim": "    repository: {pvc: {create: {size: 1Gi}, subPath: m}}\n",
    "shared claim": "    repository: {pvc: {create: {size: 1Gi, accessModes: [ReadWriteMany]}, subPath: m}}\n",
    "scaled": "    autoscaling: {enabled: true, maxReplicas: 7, target: {cpu: 80}}\n",
    "openai": "    image: {tag: 26.08-py3}\n    server: {mode: openai}\n",
}


@pytest.mark.parametrize("lines", CASES.values(), ids=CASES)
def test_the_chart_derives_the_same(lines: str, build: Build) -> None:
    base = (
        MODELS.replace("    repository: {image: {path: /models}}\n", "")
        if "repository" in lines
        else MODELS
    )
    (release,) = plan(checked(build(models=base + lines)))
    with helm_python.Chart.load(CHART) as chart:
        rendered = chart.render(release.values, name=release.name, namespace="dev")
    spec = next(
        yaml.safe_load(text)
        for path, text in rendered.items()
        if path.endswith("deployment.yaml")
    )["spec"]
    assert release.timing.deadline == spec["progressDeadlineSeconds"]
    assert (
        release.timing.grace
        == spec["template"]["spec"]["terminationGracePeriodSeconds"]
    )
    assert release.autoscaled == ("replicas" not in spec)


def test_flux_waits_for_one_pod_after_the_other(build: Build) -> None:
    (release,) = plan(checked(build(models=MODELS + CASES["scaled"])))
    assert release.timing.timeout == 7 * (900 + 600 + 60)


@pytest.mark.parametrize("name", ["defaults", "times"])
def test_flux_waits_for_the_test_until_it_ends_itself(name: str, build: Build) -> None:
    lines = f"{MODELS}{CASES[name]}    test: {{afterSync: true}}\n"
    (release,) = plan(checked(build(models=lines)))
    with helm_python.Chart.load(CHART) as chart:
        rendered = chart.render(release.values, name=release.name, namespace="dev")
    job = yaml.safe_load(rendered["triton/templates/tests/test.yaml"])
    assert release.test == job["spec"]["activeDeadlineSeconds"]
