"""Alerts, dashboard and autoscaling ask for metrics that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.chart.helm import ci, render, template
from tests.triton.harness.metrics import NOT_HERE, exposed

# As docs/metrics/workload of github.com/kubernetes/kube-state-metrics lists them.
KUBE_STATE_METRICS = {
    "kube_deployment_spec_replicas",
    "kube_deployment_status_condition",
    "kube_deployment_status_replicas_available",
    "kube_pod_container_status_restarts_total",
}


def test_every_metric_that_the_chart_names_exists(tmp_path: Path) -> None:
    watching = (
        "PrometheusRule",
        "ConfigMap",
        "ScaledObject",
        "HorizontalPodAutoscaler",
    )
    files = (
        "everything-values.yaml",
        "autoscaling-keda-values.yaml",
        "s3-identity-values.yaml",
    )
    text = "".join(
        str(each)
        for name in files
        for each in render(ci(name))
        if each["kind"] in watching
    )
    named = set(re.findall(r"\b(?:nv|kube)_\w+", text))
    assert len(named) > 10
    assert sorted(named - exposed(tmp_path) - NOT_HERE - KUBE_STATE_METRICS) == []


def test_the_dashboard_holds_its_release() -> None:
    """No placeholder is left."""
    text = template(ci("everything-values.yaml"))
    assert re.findall(r"\b(?:SERIES|RELEASE|NAMESPACE|DASHBOARD)\b", text) == []
