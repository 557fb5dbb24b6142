"""Alerts, dashboard and autoscaling ask for metrics that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.chart.helm import ci, render, template
from tests.generator.fleets import REPOSITORY, checked
from tests.triton.harness.metrics import NOT_HERE, exposed, labels
from tritonfleet.report.dashboard import dashboard

# As docs/metrics/workload of github.com/kubernetes/kube-state-metrics lists them.
KUBE_STATE_METRICS = {
    "kube_deployment_spec_replicas",
    "kube_deployment_status_condition",
    "kube_deployment_status_replicas_available",
    "kube_pod_container_status_restarts_total",
}


# Those that Prometheus adds to a pod's metrics, and those of kube-state-metrics for Deployments and pods.
ADDED = {"namespace", "pod"}
KUBE_LABELS = {"namespace", "deployment", "pod", "container", "condition", "status"}


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


def test_every_metric_and_label_of_the_dashboards_exists(tmp_path: Path) -> None:
    """Of one release's and of the fleet's."""
    known = labels(tmp_path)
    missing = NOT_HERE - known.keys()  # the real ones have labels that nobody sees here
    wrong = []
    for query in _queries():
        metrics = set(re.findall(r"\b(?:nv|kube)_\w+", query))
        assert metrics <= known.keys() | missing | KUBE_STATE_METRICS, query
        found = {"release"} if "label_replace" in query else set()
        for metric in metrics:
            is_of_kube = metric in KUBE_STATE_METRICS
            found |= KUBE_LABELS if is_of_kube else ADDED | known.get(metric, set())
        wrong += [label for label in _labels(query) if label not in found]
    assert wrong == []


def _queries() -> Iterator[str]:
    """Every query of both dashboards, with strings that hold no quotes."""
    objects = render(ci("everything-values.yaml"))
    [release] = [
        text
        for each in objects
        if each["kind"] == "ConfigMap"
        and each["metadata"]["name"].endswith("-dashboard")
        for text in each["data"].values()
    ]
    for text in (release, dashboard(checked(REPOSITORY))):
        for panel in json.loads(text)["panels"]:
            for target in panel["targets"]:
                yield target["expr"]


def _labels(query: str) -> set[str]:
    """Those by which it chooses, and those by which it sums."""
    chosen = re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', query)
    summed = re.findall(r"\bby \(([^)]*)\)", query)
    return {*chosen, *(label for each in summed for label in each.split(", "))}
