"""What people say once, and the numbers that follow from it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.chart.helm import (
    CHART,
    HELM,
    KUBERNETES,
    SMALLEST,
    Values,
    merged,
    one,
    pod,
    render,
    server,
    template,
)

CREATED = {"image": None, "pvc": {"create": {"size": "1Gi"}}}
SHARED = {
    "image": None,
    "pvc": {"create": {"size": "1Gi", "accessModes": ["ReadWriteMany"]}},
}


def smallest_with(values: Values, helm: str = "4") -> list[Any]:
    return render(merged(SMALLEST, values), helm)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # drain 15 s, request timeout 30 s: grace is both and 15 s; clients are asked away 5 s before SIGTERM
        ({}, {"preStop": 15, "exit": "30", "age": "10000", "grace": 60}),
        (
            {"shutdown": {"drain": "8s", "requestTimeout": "2m"}},
            {"preStop": 8, "exit": "120", "age": "4000", "grace": 143},
        ),
        (
            {"shutdown": {"drain": "1m"}},
            {"preStop": 60, "exit": "30", "age": "55000", "grace": 105},
        ),
        (
            {"shutdown": {"drain": "0s", "requestTimeout": "0s"}},
            {"preStop": None, "exit": "0", "age": None, "grace": 15},
        ),
        # A number of a million and more is still a whole one.
        (
            {"shutdown": {"drain": "20h", "requestTimeout": "300h"}},
            {"preStop": 72000, "exit": "1080000", "age": "71995000", "grace": 1152015},
        ),
        (
            {"terminationGracePeriodSeconds": 300},
            {"preStop": 15, "exit": "30", "age": "10000", "grace": 300},
        ),
        (
            {"grpc": {"maxConnectionAge": "1h"}},
            {"preStop": 15, "exit": "30", "age": "3600000", "grace": 60},
        ),
        (
            {"grpc": {"maxConnectionAge": "0s"}},
            {"preStop": 15, "exit": "30", "age": None, "grace": 60},
        ),
        (
            {"grpc": {"enabled": False}},
            {"preStop": 15, "exit": "30", "age": None, "grace": 60},
        ),
        (
            {"image": {"tag": "23.12-py3"}},
            {"preStop": 15, "exit": "30", "age": None, "grace": 60},
        ),
        # nobody asked for an age, and this server may not have it
        (
            {"image": {"tag": "latest"}},
            {"preStop": 15, "exit": "30", "age": None, "grace": 60},
        ),
        (
            {"image": {"tag": "latest"}, "grpc": {"maxConnectionAge": "1h"}},
            {"preStop": 15, "exit": "30", "age": "3600000", "grace": 60},
        ),
    ],
    ids=str,
)
def test_how_a_pod_goes(values: Values, expected: Any) -> None:
    manifests = smallest_with(values)
    container = server(manifests)
    flags = dict(each.split("=", 1) for each in container["args"] if "=" in each)
    spec = pod(manifests)["spec"]
    assert {
        "preStop": container.get("lifecycle", {})
        .get("preStop", {})
        .get("sleep", {})
        .get("seconds"),
        "exit": flags["--exit-timeout-secs"],
        "age": flags.get("--grpc-max-connection-age"),
        "grace": spec["terminationGracePeriodSeconds"],
    } == expected
    assert spec["shareProcessNamespace"] is True, (
        "SIGTERM while loading is lost on PID 1"
    )


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({"tag": "20.09-py3"}, ["--strict-model-config=false"]),
        ({"tag": "22.07-py3"}, ["--model-load-thread-count=4"]),
        ({"tag": "23.04-py3"}, ["--model-load-thread-count=4"]),
        ({"tag": "23.05-py3"}, []),
        ({"tag": "24.10-py3"}, ["--grpc-max-connection-age=10000"]),
        ({"tag": "24.10-mine"}, ["--grpc-max-connection-age=10000"]),
        ({"tag": "99.12-py3"}, ["--grpc-max-connection-age=10000"]),
        # 22.06 and 25.10 of other products are no versions of Triton
        ({"repository": "acme/morpheus", "tag": "22.06-runtime"}, []),
        ({"repository": "acme/ocr", "tag": "25.10"}, []),
        (
            {"repository": "acme/ocr", "tag": "25.10-py3"},
            ["--grpc-max-connection-age=10000"],
        ),
        ({"tag": "2.42.0"}, []),
        ({"tag": "latest"}, []),
    ],
    ids=str,
)
def test_a_server_gets_only_flags_that_it_knows(
    image: Values, expected: list[str]
) -> None:
    arguments = server(smallest_with({"image": image}))["args"]
    everywhere = {
        "tritonserver",
        "--model-repository=/models",
        "--exit-timeout-secs=30",
        "--allow-gpu-metrics=false",
    }
    assert [each for each in arguments if each not in everywhere] == expected


@pytest.mark.parametrize(
    ("values", "surge", "unavailable", "deadline"),
    [
        ({}, 1, 0, 15 * 60 + 10 * 60 + 60),
        ({"startup": {"timeout": "90s", "pull": "30s"}}, 1, 0, 30 + 90 + 60),
        ({"rollout": "replace"}, 0, 1, 1560 + 60),
        ({"repository": CREATED}, 0, 1, 1560 + 60),
        ({"repository": CREATED, "rollout": "surge"}, 1, 0, 1560),
        ({"repository": SHARED}, 1, 0, 1560),
        ({"repository": {"image": None, "pvc": {"claim": "a"}}}, 1, 0, 1560),
    ],
    ids=str,
)
def test_a_rollout_cannot_deadlock(
    values: Values, surge: int, unavailable: int, deadline: int
) -> None:
    """Surge needs room for a pod more. The deadline covers pull, load and, with replace, the old pod's end."""
    spec = one(smallest_with(values), "Deployment")["spec"]
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable},
    }
    assert spec["progressDeadlineSeconds"] == deadline


LIVE = {"httpGet": {"path": "/v2/health/live", "port": "http"}}
START = {"periodSeconds": 2, "timeoutSeconds": 5, "failureThreshold": 300}
ALIVE = {"periodSeconds": 10, "timeoutSeconds": 10, "failureThreshold": 6}
READY = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3}
OPEN = {"tcpSocket": {"port": "grpc"}}


@pytest.mark.parametrize(
    ("values", "startup", "liveness", "readiness"),
    [
        (
            {},
            LIVE | START,
            LIVE | ALIVE,
            {"httpGet": {"path": "/v2/health/ready", "port": "http"}} | READY,
        ),
        (
            {"startup": {"timeout": "61s"}},
            LIVE | START | {"failureThreshold": 31},
            LIVE | ALIVE,
            {"httpGet": {"path": "/v2/health/ready", "port": "http"}} | READY,
        ),
        (
            {"loadModels": ["a"]},
            LIVE | START,
            LIVE | ALIVE,
            {"httpGet": {"path": "/v2/models/a/ready", "port": "http"}} | READY,
        ),
        (
            {
                "loadModels": ["a", "b.c"],
                "http": {"port": 9000},
                "readinessProbe": {"timeoutSeconds": 7},
            },
            LIVE | START,
            LIVE | ALIVE,
            READY
            | {
                "timeoutSeconds": 7,
                "exec": {
                    "command": [
                        "curl",
                        "-gfsS",
                        "--fail-early",
                        "--max-time",
                        "7",
                        "http://127.0.0.1:9000/v2/models/a/ready",
                        "http://127.0.0.1:9000/v2/models/b.c/ready",
                    ]
                },
            },
        ),
        (
            {"http": {"enabled": False}},
            OPEN | START,
            OPEN | ALIVE,
            {"grpc": {"port": 8001}} | READY,
        ),
        (
            {
                "http": {"enabled": False},
                "grpc": {"tls": {"enabled": True, "secretName": "tls"}},
            },
            OPEN | START,
            OPEN | ALIVE,
            OPEN | READY,
        ),
        (
            {
                "startupProbe": {"exec": {"command": ["true"]}},
                "livenessProbe": {"failureThreshold": 9},
            },
            {"exec": {"command": ["true"]}},
            LIVE | ALIVE | {"failureThreshold": 9},
            {"httpGet": {"path": "/v2/health/ready", "port": "http"}} | READY,
        ),
        # Its port opens when the models are loaded; one that answers requests and nothing else is alive.
        (
            {
                "image": {"tag": "26.08-py3"},
                "server": {"mode": "openai"},
                "loadModels": ["a", "b"],
                "openai": {"closeModelList": True},
            },
            {"httpGet": {"path": "/health/ready", "port": "openai"}} | START,
            {"tcpSocket": {"port": "openai"}} | ALIVE,
            {"httpGet": {"path": "/health/ready", "port": "openai"}} | READY,
        ),
    ],
    ids=lambda value: (
        str(value) if isinstance(value, dict) and "periodSeconds" not in value else ""
    ),
)
def test_probes(values: Values, startup: Any, liveness: Any, readiness: Any) -> None:
    container = server(smallest_with(values))
    assert [
        container["startupProbe"],
        container["livenessProbe"],
        container["readinessProbe"],
    ] == [
        startup,
        liveness,
        readiness,
    ]


CPU_ONLY = {"TRITON_SERVER_CPU_ONLY": "1", "NVIDIA_VISIBLE_DEVICES": "void"}


@pytest.mark.parametrize(
    ("accelerator", "limits", "environment", "gpu_metrics"),
    [
        ({}, {}, CPU_ONLY, False),
        ({"count": 2}, {"nvidia.com/gpu": 2}, {}, True),
        (
            {"resource": "nvidia.com/mig-1g.10gb", "count": 1},
            {"nvidia.com/mig-1g.10gb": 1},
            {},
            True,
        ),
        (
            {"resource": "vendor.example/vacc", "count": 1},
            {"vendor.example/vacc": 1},
            CPU_ONLY,
            False,
        ),
        (
            {"claims": [{"name": "gpu", "resourceClaimTemplateName": "single"}]},
            {},
            {},
            True,
        ),
    ],
    ids=str,
)
def test_devices(
    accelerator: Any, limits: Any, environment: Any, gpu_metrics: bool
) -> None:
    manifests = smallest_with({"accelerator": accelerator})
    container = server(manifests)
    devices = {
        key: value
        for key, value in container["resources"]["limits"].items()
        if "/" in key
    }
    variables = {
        each["name"]: each.get("value")
        for each in container["env"]
        if each["name"] not in ("HOME", "USER")
    }
    assert (
        devices,
        variables,
        "--allow-gpu-metrics=false" not in container["args"],
    ) == (
        limits,
        environment,
        gpu_metrics,
    )
    claims = [{"name": "gpu"}] if "claims" in accelerator else None
    assert container["resources"].get("claims") == claims
    assert pod(manifests)["spec"].get("resourceClaims") == accelerator.get("claims")


@pytest.mark.parametrize(
    ("shared_memory", "size"),
    [
        ({}, "256Mi"),
        ({"size": 268435456}, "268435456"),
        ({"pythonInstances": 8}, "256Mi"),
        ({"pythonInstances": 20}, str((64 + 16 * 20) * 2**20)),
    ],
    ids=str,
)
def test_shared_memory_grows_with_python_instances(
    shared_memory: Any, size: str
) -> None:
    volumes = {
        each["name"]: each
        for each in pod(smallest_with({"sharedMemory": shared_memory}))["spec"][
            "volumes"
        ]
    }
    assert volumes["shm"] == {
        "name": "shm",
        "emptyDir": {"medium": "Memory", "sizeLimit": size},
    }


def test_an_autoscaled_release_says_no_replicas() -> None:
    """Under server-side apply a rendered number would fight the autoscaler."""
    for engine, kind in (("hpa", "HorizontalPodAutoscaler"), ("keda", "ScaledObject")):
        autoscaling = {"enabled": True, "engine": engine, "target": {"cpu": 70}}
        manifests = smallest_with({"autoscaling": autoscaling})
        kinds = [
            each["kind"]
            for each in manifests
            if each["kind"] in ("HorizontalPodAutoscaler", "ScaledObject")
        ]
        assert ("replicas" in one(manifests, "Deployment")["spec"], kinds) == (
            False,
            [kind],
        )


@pytest.mark.parametrize(
    ("target", "metric"),
    [
        (
            {"cpu": 70},
            {
                "type": "ContainerResource",
                "containerResource": {
                    "name": "cpu",
                    "container": "triton",
                    "target": {"type": "Utilization", "averageUtilization": 70},
                },
            },
        ),
        (
            {"pendingRequests": 4},
            {
                "type": "Pods",
                "pods": {
                    "metric": {"name": "nv_inference_pending_request_count"},
                    "target": {"type": "AverageValue", "averageValue": "4"},
                },
            },
        ),
        (
            {"queueRatio": 0.5},
            {
                "type": "Pods",
                "pods": {
                    "metric": {"name": "triton_queue_ratio"},
                    "target": {"type": "AverageValue", "averageValue": "500m"},
                },
            },
        ),
    ],
    ids=str,
)
def test_horizontal_pod_autoscaler(target: Any, metric: Any) -> None:
    manifests = smallest_with(
        {
            "autoscaling": {
                "enabled": True,
                "minReplicas": 2,
                "maxReplicas": 8,
                "target": target,
            }
        }
    )
    assert one(manifests, "HorizontalPodAutoscaler")["spec"] == {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": "rel",
        },
        "minReplicas": 2,
        "maxReplicas": 8,
        "metrics": [metric],
    }


def test_scaled_object() -> None:
    series = 'namespace="ml",pod=~"rel-[a-z0-9]+-[a-z0-9]{5}"'
    address = "http://prometheus:9090"
    autoscaling = {
        "enabled": True,
        "engine": "keda",
        "prometheus": {"address": address},
        "target": {"queueRatio": 1},
    }
    assert one(smallest_with({"autoscaling": autoscaling}), "ScaledObject")["spec"] == {
        "scaleTargetRef": {"name": "rel"},
        "minReplicaCount": 1,
        "maxReplicaCount": 3,
        "triggers": [
            {
                "type": "prometheus",
                "metricType": "Value",
                "metadata": {
                    "serverAddress": address,
                    "query": f"sum(rate(nv_inference_queue_duration_us{{{series}}}[1m]))"
                    f" / clamp_min(sum(rate(nv_inference_compute_infer_duration_us{{{series}}}[1m])), 1)",
                    "threshold": "1",
                },
            }
        ],
    }


DNS = {
    "ports": [
        {"port": port, "protocol": protocol}
        for port in (53, 5353)
        for protocol in ("UDP", "TCP")
    ]
}
IDENTITY = {
    "to": [
        {"ipBlock": {"cidr": cidr}}
        for cidr in (
            "169.254.169.254/32",
            "169.254.170.23/32",
            "169.254.169.252/32",
            "fd00:ec2::23/128",
        )
    ],
    "ports": [{"port": 80}, {"port": 988}],
}


@pytest.mark.parametrize(
    ("values", "egress"),
    [
        ({}, [DNS]),
        (
            {"repository": {"image": None, "s3": {"uri": "s3://models/x"}}},
            [DNS, {"ports": [{"port": 443}]}, IDENTITY],
        ),
        (
            {
                "repository": {
                    "image": None,
                    "s3": {"uri": "s3://models/x", "endpoint": "http://minio:9000"},
                }
            },
            [DNS, {"ports": [{"port": 9000}]}, IDENTITY],
        ),
        (
            {
                "repository": {
                    "image": None,
                    "s3": {"uri": "s3://models/x", "endpoint": "http://10.1.2.3"},
                }
            },
            [DNS, {"ports": [{"port": 80}]}, IDENTITY],
        ),
        (
            {"repository": {"image": None, "gcs": {"uri": "gs://models/x"}}},
            [DNS, {"ports": [{"port": 443}]}, IDENTITY],
        ),
        (
            {"repository": {"image": None, "azure": {"uri": "as://account/models"}}},
            [DNS, {"ports": [{"port": 443}]}, IDENTITY],
        ),
        (
            {
                "repository": {"image": None, "emptyDir": {"size": "1Gi"}},
                "fetch": {"enabled": True, "image": "a:1"},
            },
            [DNS, {"ports": [{"port": 443}]}, IDENTITY],
        ),
        (
            {"server": {"cache": {"redis": {"host": "redis"}}}},
            [DNS, {"ports": [{"port": 6379}]}],
        ),
        (
            {
                "server": {
                    "trace": {
                        "enabled": True,
                        "mode": "opentelemetry",
                        "url": "http://collector:4318/v1/traces",
                    }
                }
            },
            [DNS, {"ports": [{"port": 4318}]}],
        ),
        (
            {"networkPolicy": {"egress": {"extra": [{"ports": [{"port": 5432}]}]}}},
            [DNS, {"ports": [{"port": 5432}]}],
        ),
        ({"networkPolicy": {"egress": {"allowAll": True}}}, [{}]),
    ],
    ids=str,
)
def test_network_policy_lets_the_release_reach_its_own(
    values: Values, egress: Any
) -> None:
    assert one(smallest_with(values), "NetworkPolicy")["spec"]["egress"] == egress


@pytest.mark.parametrize(
    ("values", "ingress"),
    [
        (
            {},
            [{"ports": [{"port": 8000}, {"port": 8001}]}, {"ports": [{"port": 8002}]}],
        ),
        (
            {"metrics": {"enabled": False}, "grpc": {"enabled": False}},
            [{"ports": [{"port": 8000}]}],
        ),
        (
            {"networkPolicy": {"ingress": {"from": [{"namespaceSelector": {}}]}}},
            [
                {
                    "ports": [{"port": 8000}, {"port": 8001}],
                    "from": [
                        {"namespaceSelector": {}},
                        {
                            "podSelector": {
                                "matchLabels": {"app.kubernetes.io/instance": "rel"}
                            }
                        },
                    ],
                },
                {"ports": [{"port": 8002}]},
            ],
        ),
    ],
    ids=str,
)
def test_network_policy_lets_clients_and_prometheus_in(
    values: Values, ingress: Any
) -> None:
    assert one(smallest_with(values), "NetworkPolicy")["spec"]["ingress"] == ingress


@pytest.mark.parametrize(
    ("service", "ports"),
    [
        ({}, {"rel": {"http": 8000, "grpc": 8001, "metrics": 8002}}),
        ({"ports": {"http": 80}}, {"rel": {"http": 80, "grpc": 8001, "metrics": 8002}}),
        (
            {"type": "NodePort"},
            {"rel": {"http": 8000, "grpc": 8001}, "rel-metrics": {"metrics": 8002}},
        ),
        (
            {"type": "LoadBalancer", "ports": {"metrics": 9090}},
            {"rel": {"http": 8000, "grpc": 8001, "metrics": 9090}},
        ),
        (
            {"type": "NodePort", "nodePorts": {"metrics": 30002}},
            {"rel": {"http": 8000, "grpc": 8001, "metrics": 8002}},
        ),
    ],
    ids=str,
)
def test_metrics_stay_inside_unless_asked_for(service: Any, ports: Any) -> None:
    services = [
        each
        for each in smallest_with({"service": service})
        if each["kind"] == "Service"
    ]
    found = {
        each["metadata"]["name"]: {
            port["name"]: port["port"] for port in each["spec"]["ports"]
        }
        for each in services
    }
    assert found == ports


@pytest.mark.parametrize(
    ("repository", "argument", "environment", "volumes"),
    [
        (
            {"s3": {"uri": "s3://models/a", "endpoint": "https://minio"}},
            "s3://https://minio:443/models/a",
            {},
            [],
        ),
        (
            {"s3": {"uri": "s3://models/a", "region": "eu-central-1"}},
            "s3://models/a",
            {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_REGION": "eu-central-1"},
            [],
        ),
        (
            {
                "s3": {
                    "uri": "s3://models/a",
                    "credentials": {"secretName": "s", "as": "file"},
                }
            },
            "s3://models/a",
            {
                "TRITON_CLOUD_CREDENTIAL_PATH": "/var/run/secrets/triton/credentials.json"
            },
            ["credentials"],
        ),
        (
            {"gcs": {"uri": "gs://models/a", "credentials": {"secretName": "s"}}},
            "gs://models/a",
            {
                "GOOGLE_APPLICATION_CREDENTIALS": "/var/run/secrets/triton/credentials.json"
            },
            ["credentials"],
        ),
        (
            {"azure": {"uri": "as://account/models/a", "identity": "managed"}},
            "as://account/models/a",
            {
                "AZURE_STORAGE_AUTH_TYPE": "managed_identity",
                "AZURE_STORAGE_ACCOUNT": "account",
            },
            [],
        ),
        (
            {"s3": {"uri": "s3://models/a/{modelVersion}/b-{modelVersion}"}},
            "s3://models/a/7.1/b-7.1",
            {},
            [],
        ),
        ({"image": {"path": "/opt/{modelVersion}"}}, "/opt/7.1", {}, []),
        ({"pvc": {"claim": "a"}}, "/models", {}, ["models"]),
        ({"image": {"path": "/opt/models"}}, "/opt/models", {}, []),
    ],
    ids=str,
)
def test_repositories(
    repository: Any, argument: str, environment: Any, volumes: list[str]
) -> None:
    values = {
        "image": {"tag": "26.06-py3"},
        "modelVersion": "7.1",
        "repository": repository,
    }
    manifests = render(values)
    container = server(manifests)
    own = {
        each["name"]: each["value"]
        for each in container["env"]
        if each["name"] not in {"HOME", "USER", *CPU_ONLY}
    }
    names = [
        each["name"]
        for each in pod(manifests)["spec"]["volumes"]
        if each["name"] not in ("tmp", "shm")
    ]
    assert (container["args"][1], own, names) == (
        f"--model-repository={argument}",
        environment,
        volumes,
    )


def test_an_image_volume_is_its_nodes_business() -> None:
    manifests = render(
        {"image": {"tag": "24.10-py3"}, "repository": {"oci": {"reference": "a/b:1"}}}
    )
    assert pod(manifests)["spec"]["volumes"][-1] == {
        "name": "models",
        "image": {"reference": "a/b:1", "pullPolicy": "IfNotPresent"},
    }


def test_a_created_claim_outlives_its_release() -> None:
    claim = one(smallest_with({"repository": CREATED}), "PersistentVolumeClaim")
    assert claim["metadata"]["annotations"] == {
        "helm.sh/resource-policy": "keep",
        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
    }
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }


def test_text_of_people_passes_literally() -> None:
    """No template is evaluated in values, and no variable expanded in arguments that the chart composes."""
    hostile = "{{ .Release.Name }} ${HOME} `id` 'a' \"b\": #c"
    values = {
        "podAnnotations": {"note": hostile},
        "env": {"NOTE": hostile},
        "http": {"forwardHeaders": f"{hostile} $(HOME)"},
        "extraArgs": [f"--id={hostile} $(HOME)"],
        "owner": {"team": "a"},
    }
    container = server(smallest_with(values))
    template_ = pod(smallest_with(values))
    assert template_["metadata"]["annotations"]["note"] == hostile
    assert {each["name"]: each.get("value") for each in container["env"]}[
        "NOTE"
    ] == hostile
    assert f"--http-header-forward-pattern={hostile} $$(HOME)" in container["args"]
    assert f"--id={hostile} $(HOME)" in container["args"]


def test_the_charts_version_never_reaches_a_pod_or_a_selector() -> None:
    text = str(pod(smallest_with({}))) + str(one(smallest_with({}), "Service")["spec"])
    assert "0.1.0" not in text
    assert "helm.sh/chart" not in text


def test_notes_name_the_real_objects() -> None:
    values = merged(
        SMALLEST, {"loadModels": ["resnet50"], "service": {"ports": {"http": 80}}}
    )
    command = [
        str(HELM["4"]),
        "install",
        "rel",
        str(CHART),
        "--namespace",
        "ml",
        "--dry-run=client",
        "--values",
        "-",
    ]
    done = subprocess.run(
        command, input=json.dumps(values), capture_output=True, text=True, check=True
    )
    assert (
        done.stdout.split("NOTES:\n")[1]
        == """\
rel in namespace ml: nvcr.io/nvidia/tritonserver:24.10-py3, resnet50.

Wait until it is ready (the image is pulled first, then the models are loaded):
  kubectl -n ml rollout status deployment/rel --timeout=1560s

Ask it:
  kubectl -n ml port-forward service/rel 80 &
  curl -fsS localhost:80/v2/models/resnet50

Test it:
  helm test rel -n ml --logs

When it does not start:
  kubectl -n ml describe pods -l app.kubernetes.io/instance=rel
  kubectl -n ml logs deployment/rel --all-containers --tail=20
"""
    )


@pytest.mark.parametrize("helm", ["3", "4"])
def test_helm_lint_finds_nothing(helm: str) -> None:
    values = str(CHART / "ci" / "default-values.yaml")
    command = [
        str(HELM[helm]),
        "lint",
        "--strict",
        "--kube-version",
        KUBERNETES,
        str(CHART),
        "--values",
        values,
    ]
    assert (
        subprocess.run(command, capture_output=True, text=True, check=False).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("ml/triton:24.10-py3", "nvcr.io/ml/triton:24.10-py3"),
        ("r.test:5000/ml/triton:1", "r.test:5000/ml/triton:1"),
        ("localhost/t:1@sha256:" + "0" * 64, "localhost/t@sha256:" + "0" * 64),
    ],
    ids=str,
)
@pytest.mark.parametrize("helm", ["3", "4"])
def test_an_image_in_one_text(text: str, image: str, helm: str) -> None:
    container = server(smallest_with({"image": text}, helm))
    assert (container["image"], container["imagePullPolicy"]) == (image, "IfNotPresent")


def test_a_tag_may_have_its_digest_behind_it() -> None:
    digest = "sha256:" + "0" * 64
    manifests = smallest_with({"image": {"tag": f"24.10-py3@{digest}"}})
    assert server(manifests)["image"] == f"nvcr.io/nvidia/tritonserver@{digest}"


def directory(**source: Any) -> Values:
    """Values with a volume of one's own, an emptyDir."""
    return {"volumes": [{"name": "work", "emptyDir": source}]}


@pytest.mark.parametrize(
    ("values", "request_", "limit"),
    [
        # /tmp, and 1Gi for logs
        ({}, 2**30, 2 * 2**30),
        (directory(sizeLimit="1.5Gi"), 2.5 * 2**30, 3.5 * 2**30),
        (directory(sizeLimit="2e9"), 2**30 + 2e9, 2 * 2**30 + 2e9),
        (directory(sizeLimit=1000), 2**30 + 1000, 2 * 2**30 + 1000),
        (directory(sizeLimit="1Gi", medium="Memory"), 2**30, 2 * 2**30),
        # a volume without a limit may take all there is, and nobody asked for a limit
        (directory(), 2**30, None),
        ({"resources": {"limits": {"ephemeral-storage": "512Mi"}}}, 2**29, "512Mi"),
        (
            {"resources": {"requests": {"ephemeral-storage": "5Gi"}}},
            "5Gi",
            5 * 2**30,
        ),
    ],
    ids=str,
)
def test_local_disk_is_what_volumes_take(
    values: Values, request_: Any, limit: Any
) -> None:
    resources = server(smallest_with(values))["resources"]
    kind = "ephemeral-storage"
    found = resources["requests"][kind], resources["limits"].get(kind)
    assert found == (request_, limit)


def test_objects_may_be_called_no() -> None:
    """YAML reads nine names as something else."""
    values = {
        "autoscaling": {"enabled": True, "target": {"cpu": 80}},
        "ingress": {"enabled": True, "hosts": [{"host": "a.b"}]},
        "httpRoute": {"enabled": True, "parentRefs": [{"name": "a"}]},
        "grpcRoute": {"enabled": True, "parentRefs": [{"name": "a"}]},
    }
    for name in ("y", "n", "yes", "no", "on", "off", "true", "false", "null"):
        text = template(merged(SMALLEST, values), name=name)
        assert not re.search(rf"(?m)\bname: {name}$", text)


def test_the_account_that_is_created_is_the_pods() -> None:
    manifests = smallest_with({"serviceAccount": {"name": "reader"}})
    account = one(manifests, "ServiceAccount")["metadata"]["name"]
    assert (account, pod(manifests)["spec"]["serviceAccountName"]) == (
        "reader",
        "reader",
    )


def test_a_deadline_is_behind_the_time_to_be_ready() -> None:
    deployment = one(smallest_with({"minReadySeconds": 3600}), "Deployment")
    assert deployment["spec"]["progressDeadlineSeconds"] == 1560 + 3600


def test_the_job_of_weights_and_the_pods_pull_from_the_mirror_once_each() -> None:
    manifests = render(
        {
            "image": {"tag": "26.07-vllm-python-py3"},
            "repository": {"vllm": {"a": {"model": "acme/a"}}},
            "weights": {"s3": {"uri": "s3://models", "claim": "llm"}},
            "global": {"imageRegistry": "mirror.example.com/m"},
        }
    )
    job = one(manifests, "Job")["spec"]["template"]["spec"]
    spec = pod(manifests)["spec"]
    containers = [*job["containers"], *spec["initContainers"], *spec["containers"]]
    server_image = "mirror.example.com/m/nvidia/tritonserver:26.07-vllm-python-py3"
    assert [each["image"] for each in containers] == [
        "mirror.example.com/m/peakcom/s5cmd:v2.2.2",
        server_image,
        server_image,
    ]


def test_a_job_of_weights_has_another_name_when_it_does_something_else() -> None:
    values: Values = {
        "image": {"tag": "26.07-vllm-python-py3"},
        "repository": {"vllm": {"a": {"model": "acme/a"}}},
        "weights": {"hub": {"claim": "llm"}},
    }
    keeps = {"weights": {"hub": {"claim": "llm", "keep": 5}}}
    fixed = {"repository": {"vllm": {"a": {"model": "acme/a", "revision": "v1"}}}}
    told = {"repository": {"vllm": {"a": {"model": "acme/a", "max_model_len": 1}}}}
    cases = [values, merged(values, keeps), merged(values, fixed), merged(values, told)]
    found = [_job_and_mounts(render(each)) for each in cases]
    names, directories = zip(*found, strict=True)
    first = names[0]
    assert [name == first for name in names] == [True, False, False, True]
    # Only another version of the weights is another directory.
    assert [each == directories[0] for each in directories] == [True, True, False, True]


def _job_and_mounts(manifests: list[Any]) -> tuple[str, list[str]]:
    mounts = [m for m in server(manifests)["volumeMounts"] if m["name"] == "weights"]
    name = one(manifests, "Job")["metadata"]["name"]
    return name, [mount["subPath"] for mount in mounts]
