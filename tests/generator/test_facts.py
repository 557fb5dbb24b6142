"""What follows from values."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.generator.fleets import CHART
from tritonfleet.facts import image, quantity, seconds, shared_memory
from tritonfleet.needs import needs
from tritonfleet.values import Values, overlay
from tritonfleet.yaml import read

DEFAULTS: Values = read("values.yaml", (CHART / "values.yaml").read_bytes()).data


def test_a_duration_has_seconds() -> None:
    assert [seconds(text) for text in ("0s", "90s", "10m", "1h")] == [0, 90, 600, 3600]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", Fraction(1, 2)),
        (2, 2),
        ("0.5Ki", 512),
        ("4Gi", 4 * 2**30),
        ("1G", 10**9),
        (1.5, Fraction(3, 2)),
    ],
)
def test_a_quantity_is_a_number(text: str | float, number: Fraction) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize("text", ["", "Gi", "1 Gi", "1gi", "-1", "1e3", "1Gi\n"])
def test_other_text_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        quantity(text)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ({"tag": "24.10-py3"}, "nvcr.io/nvidia/tritonserver:24.10-py3"),
        (
            {"tag": "24.10-py3", "digest": "sha256:ab"},
            "nvcr.io/nvidia/tritonserver@sha256:ab",
        ),
        (
            {"tag": "1", "registry": "r.test:5000", "repository": "a/b"},
            "r.test:5000/a/b:1",
        ),
        ({"tag": "1", "registry": "", "repository": "b"}, "b:1"),
    ],
)
def test_pods_ask_for_an_image(lines: Values, name: str) -> None:
    assert image(overlay(DEFAULTS, {"image": lines})) == name


@pytest.mark.parametrize(("instances", "mebibytes"), [(0, 256), (4, 256), (100, 1664)])
def test_python_instances_need_shared_memory(instances: int, mebibytes: int) -> None:
    values = overlay(
        DEFAULTS, {"sharedMemory": {"size": "256Mi", "pythonInstances": instances}}
    )
    assert shared_memory(values) == mebibytes * 2**20


NEEDS: list[tuple[Values, set[str]]] = [
    ({}, set()),
    (
        {"podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}},
        {"Prometheus operator"},
    ),
    (
        {"grpcRoute": {"enabled": True}, "ingress": {"enabled": True}},
        {"Gateway API", "an ingress controller"},
    ),
    (
        {"autoscaling": {"enabled": True, "target": {"cpu": 80}}},
        {"metrics API (metrics-server)"},
    ),
    (
        {"autoscaling": {"enabled": True, "target": {"queueRatio": 1}}},
        {"custom metrics API"},
    ),
    ({"autoscaling": {"enabled": True, "engine": "keda"}}, {"KEDA"}),
    ({"autoscaling": {"engine": "keda"}}, set()),
    ({"accelerator": {"count": 2}}, {"device plugin of nvidia.com/gpu"}),
    ({"accelerator": {"claims": [{"name": "a"}]}}, {"a DRA driver"}),
    (
        {"server": {"mode": "dynamo"}},
        {"custom resource dynamoworkermetadatas.nvidia.com"},
    ),
    ({"server": {"mode": "dynamo"}, "dynamo": {"discovery": "etcd"}}, set()),
]


@pytest.mark.parametrize(("said", "needed"), NEEDS, ids=lambda part: str(sorted(part)))
def test_values_ask_for_what_a_cluster_must_have(
    said: Values, needed: set[str]
) -> None:
    assert needs(overlay(DEFAULTS, said)) == needed
