"""A synthetic fleet of any size: what the benchmarks and the promises about scale are measured on."""

from __future__ import annotations

import shutil
from pathlib import Path

CHART = Path(__file__).parents[2] / "charts" / "triton"

FLEET = """\
name: synthetic
gitops: {engine: argocd, repository: "https://git.example.com/ml/models.git"}
defaults:
  image: {tag: 24.10-py3}
  serviceMonitor: {enabled: true}
profiles:
  cpu: {resources: {requests: {cpu: "2", memory: 4Gi}, limits: {memory: 4Gi}}}
  gpu-a10: {accelerator: {count: 1}, nodeSelector: {accelerator: a10}, sharedMemory: {size: 1Gi}}
"""
ENVIRONMENT = """\
namespace: models-{name}
engine: {engine}
defaults: {{podLabels: {{stage: {name}}}}}
profiles: {{gpu-a10: {{tolerations: [{{key: nvidia.com/gpu, operator: Exists}}]}}}}
"""
ENTRY = """\
  - name: model-{i}
    loadModels: [model_{i}]
    profile: {profile}
    modelVersion: "2026-01-{day:02}"
    repository: {{s3: {{uri: "s3://acme-models/team/{i}", region: eu-central-1}}}}
    startup: {{timeout: 5m}}
    shutdown: {{drain: 20s}}
    autoscaling: {{enabled: true, minReplicas: 2, maxReplicas: {most}, target: {{pendingRequests: 4}}}}
    resources: {{requests: {{memory: 8Gi}}, limits: {{memory: 8Gi}}}}
    env: {{LOG_LEVEL: info, OMP_NUM_THREADS: "4"}}
    owner: {{team: vision, email: vision@example.com}}
"""

MODEL = """\
backend: "python"
max_batch_size: 8
input [ { name: "X" data_type: TYPE_FP32 dims: [ 3, 224, 224 ] } ]
output [ { name: "Y" data_type: TYPE_FP32 dims: [ 1000 ] } ]
instance_group [ { kind: KIND_CPU count: 2 } ]
dynamic_batching { preferred_batch_size: [ 4, 8 ] }
"""
CODE = """\
class TritonPythonModel:
    def execute(self, requests):
        return []  # of model {i}
"""


def repository(root: Path, models: int) -> Path:
    """Writes a directory of models, each with code of its own."""
    for i in range(models):
        version = root / f"model_{i:05}" / "1"
        version.mkdir(parents=True)
        (version / "model.py").write_text(CODE.replace("{i}", str(i)))
        (version.parent / "config.pbtxt").write_text(MODEL)
    return root


def build(
    root: Path, models: int, environments: int = 3, entries_per_file: int = 100
) -> Path:
    """Writes the fleet to `root`; every third environment is rolled out by Flux."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "values" / "models").mkdir(parents=True)
    (root / "values" / "environments").mkdir()
    shutil.copytree(CHART, root / "charts" / "triton")
    (root / "values" / "fleet.yaml").write_text(FLEET)
    for number in range(environments):
        name, engine = f"env{number}", "flux" if number % 3 == 2 else "argocd"
        path = root / "values" / "environments" / f"{name}.yaml"
        path.write_text(ENVIRONMENT.format(name=name, engine=engine))
    for start in range(0, models, entries_per_file):
        entries = (
            entry(i) for i in range(start, min(start + entries_per_file, models))
        )
        path = root / "values" / "models" / f"team-{start // entries_per_file:04}.yaml"
        path.write_text("models:\n" + "".join(entries))
    return root


def entry(i: int) -> str:
    """One model entry of eleven lines."""
    return ENTRY.format(
        i=i, profile="gpu-a10" if i % 2 else "cpu", day=i % 28 + 1, most=i % 5 + 2
    )
