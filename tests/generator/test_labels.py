"""What other tools find the engines' objects by: our labels, and those that layers say. No pod sees them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.generator.fleets import Build, words
from tritonfleet.__main__ import main

ENTRY = """\
models:
  - name: one
    modelVersion: "{version}"
    owner: {{team: {team}}}
    repository: {{image: {{path: /models}}}}
    gitops: {{annotations: {{kargo.akuity.io/authorized-stage: "models:dev"}}}}
"""
FLEET = """\
name: acme
gitops:
  engine: {engine}
  repository: "https://git.acme.test/ml/models.git"
  labels: {{cost-center: "7", tier: gold}}
defaults: {{image: {{tag: 24.10-py3}}}}
"""
FILES = {"argocd": "application.yaml", "flux": "helmrelease.yaml"}


def metadata(root: Path, engine: str) -> Any:
    assert main(["generate", str(root), "--quiet"]) == 0
    file = root / "deploy/dev/one" / FILES[engine]
    return yaml.safe_load(file.read_text())["metadata"]


@pytest.mark.parametrize("engine", FILES)
def test_every_layer_may_say_more(engine: str, build: Build) -> None:
    root = build(
        models=ENTRY.format(version="7", team="vision"),
        fleet=FLEET.format(engine=engine),
        dev="gitops: {labels: {tier: bronze}}\npatches: {one: {gitops: {labels: {name: x, cost-center: null}}}}\n",
    )
    made = metadata(root, engine)
    assert made["labels"] == {
        "app.kubernetes.io/part-of": "acme-dev",
        "tritonfleet/environment": "dev",
        "tritonfleet/release": "one",
        "tritonfleet/team": "vision",
        "tritonfleet/model-version": "7",
        "name": "x",
        "tier": "bronze",
    }
    assert made["annotations"]["kargo.akuity.io/authorized-stage"] == "models:dev"
    assert "gitops" not in (root / "deploy/dev/one/values.yaml").read_text()


BOOTSTRAP = {"argocd": ("Application",), "flux": ("Kustomization", "Kustomization")}


@pytest.mark.parametrize("engine", BOOTSTRAP)
def test_what_finds_the_releases_is_found_by_the_same_labels(
    engine: str, build: Build
) -> None:
    """Those of fleet.yaml and of the environment; one of an entry is of its release alone."""
    root = build(
        models=ENTRY.format(version="7", team="vision"),
        fleet=FLEET.format(engine=engine),
        dev="gitops: {labels: {tier: bronze}, annotations: {note: it}}\n",
    )
    metadata(root, engine)
    text = (root / "deploy/bootstrap/dev.yaml").read_text()
    kinds = BOOTSTRAP[engine]
    made = [each for each in yaml.safe_load_all(text) if each["kind"] in kinds]
    labels = {
        "app.kubernetes.io/part-of": "acme-dev",
        "tritonfleet/environment": "dev",
        "cost-center": "7",
        "tier": "bronze",
    }
    found = [
        (each["metadata"]["labels"], each["metadata"]["annotations"]) for each in made
    ]
    assert found == [(labels, {"note": "it"})] * len(kinds)


def test_what_is_no_value_of_a_label_is_an_annotation(build: Build) -> None:
    models = ENTRY.format(version="sha256/of the model", team="vision")
    made = metadata(build(models=models), "argocd")
    assert "tritonfleet/model-version" not in made["labels"]
    assert made["annotations"]["tritonfleet/model-version"] == "sha256/of the model"


def test_a_label_called_name_moves_no_release(build: Build) -> None:
    fleet = FLEET.format(engine="argocd")
    models = ENTRY.format(version="7", team="vision")
    metadata(build(models=models, fleet=fleet), "argocd")
    labelled = fleet.replace("tier: gold", "name: gold, server: a, namespace: b")
    made = metadata(build(models=models, fleet=labelled), "argocd")
    assert made["labels"]["server"] == "a"


@pytest.mark.parametrize(
    "name",
    [
        "app.kubernetes.io/instance",
        "argocd.argoproj.io/refresh",
        "kustomize.toolkit.fluxcd.io/prune",
        "tritonfleet/release",
    ],
)
def test_what_others_set_is_refused(name: str, build: Build) -> None:
    root = build(dev=f"patches: {{one: {{gitops: {{annotations: {{{name}: x}}}}}}}}\n")
    [problem] = words(root)
    assert "is set by tritonfleet, Kubernetes or an engine" in problem


def test_a_new_label_restarts_nothing(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = build()
    (before / "before").mkdir()
    (before / "values").rename(before / "before/values")
    shutil.copytree(before / "charts", before / "before/charts")
    root = build(dev="defaults: {gitops: {labels: {tier: gold}}}\n")
    monkeypatch.chdir(root)
    assert main(["diff", "./before"]) == 0
    told = capsys.readouterr().out
    assert "restarts: none" in told
    assert "gitops.labels.tier" in told
