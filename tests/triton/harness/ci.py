"""The chart's ci/ files and this server: which of them it runs, with what beside them, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.triton.harness import chart

CI = chart.CHART / "ci"
QUICK = ("shutdown.drain=1s", "shutdown.requestTimeout=10s")
"""Said in every test here, so that it does not wait as long as a real client may."""


@dataclass(frozen=True)
class Case:
    """One ci/ file. `sets` are values that differ from the file's; `secrets` are keys that an admin would have made."""

    name: str
    sets: tuple[str, ...] = ()
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ask: Mapping[str, Any] = field(default_factory=lambda: tensor("INPUT", "FP32", 1.0))
    answer: Any = 2.0
    refused: tuple[int, str] = (403, "UNAVAILABLE")
    """How a load from outside is refused, over HTTP and gRPC."""
    delay: bool = True
    """The model can be asked to take its time."""
    sequence: bool = False
    """The model is stateful: each request here is a sequence of its own."""
    key: str = ""
    """What opens model control, where somebody has it: nothing is loaded before that."""
    backends: str = ""
    """Where this image has backends of its own."""

    @property
    def values(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = yaml.safe_load(self.path.read_text())
        return found

    @property
    def path(self) -> Path:
        return CI / f"{self.name}-values.yaml"

    def overrides(self) -> list[str]:
        """The case's own, those of every case, and the release of the server where the file says another."""
        known = str(self.values["image"]["tag"]).startswith("24.10")
        return [*QUICK, *(() if known else (f"image.tag={chart.TAG}",)), *self.sets]

    def models(self) -> list[str]:
        """What it serves; files that name no model have `add` in their repository."""
        names: list[str] = self.values.get("loadModels", ["add"])
        return names


def tensor(name: str, datatype: str, value: object) -> dict[str, Any]:
    """One input of one value."""
    return {"name": name, "datatype": datatype, "shape": [1], "data": [value]}


NOT_EXPLICIT = (503, "UNAVAILABLE")
CASES = [
    Case("autoscaling-cpu", refused=NOT_EXPLICIT),
    Case("autoscaling-keda"),
    Case("default", refused=NOT_EXPLICIT),
    # Without what is newer than this server, and without an entrypoint, a Redis and a collector that do not exist.
    Case(
        "everything",
        sets=(
            "image.tritonVersion='24.10'",
            "http.maxInputSize=''",
            "server.command=[]",
            "server.log.file=''",
            "server.cache={local: {size: 1Mi}}",
            "server.trace.url=http://127.0.0.1:9/v1/traces",
            "lifecycle.preStop.sleep.seconds=1",
        ),
    ),
    Case(
        "explicit-api",
        secrets={"triton-admin": {"key": "admin"}, "triton-ops": {"key": "ops"}},
        key="admin",
    ),
    Case("fetch-huggingface"),
    Case("fetch-rclone"),
    Case("fetch-s5cmd"),
    Case("gateway"),
    Case("grpc-only", sets=("grpc.inferThreads=2",), refused=NOT_EXPLICIT),
    Case(
        "hello",
        ask=tensor("NAME", "BYTES", "Triton"),
        answer="Hello, Triton!",
        delay=False,
    ),
    Case("identity-backend", backends="/workspace/backends"),
    Case("ingress"),
    Case("mig"),
    Case("mlcore-engine-image", refused=NOT_EXPLICIT),
    Case("mlcore-engine-pvc"),
    Case("nfs", refused=NOT_EXPLICIT),
    Case("oci"),
    Case("onnx-hostpath", refused=NOT_EXPLICIT),
    # OpenShift gives a user of the namespace's range and the group 0.
    Case(
        "openshift",
        sets=(
            "podSecurityContext.runAsUser=1000680000",
            "podSecurityContext.fsGroup=1000680000",
        ),
        refused=NOT_EXPLICIT,
    ),
    Case("poll", refused=NOT_EXPLICIT),
    Case("pvc-created"),
    Case(
        "python-custom-metrics",
        sets=("metrics.histograms=false",),
        answer=1.0,
        delay=False,
    ),
    Case(
        "python-stateful",
        ask=tensor("INPUT", "INT32", 5) | {"shape": [1, 1]},
        answer=5,
        delay=False,
        sequence=True,
    ),
    Case("python-vendor-device"),
    Case("qwen-python-backend"),
    Case("resource-claim", refused=NOT_EXPLICIT),
]
NOT_RUN = {
    "azure-identity": "no Azure, and identities came with 26.05",
    "azure-key": "no Azure Blob Storage",
    "dynamo": "with ai-dynamo, in tests/dynamo",
    "dynamo-joined": "with ai-dynamo, in tests/dynamo",
    "gcs": "no Google Cloud Storage",
    "gcs-key": "no Google Cloud Storage",
    "inference-gate": "with its key, in test_gate.py",
    "launcher": "no launcher",
    "openai": "another server, which is in NVIDIA's images only; a stand-in runs in tests/openai",
    "openai-kserve": "another server, which is in NVIDIA's images only; a stand-in runs in tests/openai",
    "mlcore-engine-s3": "with an S3 server, in test_s3.py",
    "qwen-vllm-backend": "no vLLM backend",
    "vllm": "with a stand-in for vLLM's backend, in test_llm.py",
    "vllm-fetch": "no vLLM backend",
    "vllm-s3": "no vLLM backend",
    "volumes": "no CSI driver, and no buckets",
    "s3-credential-file": "with an S3 server, in test_s3.py",
    "s3-identity": "no identity of AWS; with keys in test_s3.py",
}
