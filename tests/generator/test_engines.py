"""What Argo CD and Flux are given: the fields their CRDs know, the same values, and no model that reaches another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.generator.fleets import FLEET, MODELS, REPOSITORY, Build, checked
from tritonfleet.plan import plan
from tritonfleet.tree import render_tree

CASES = Path(__file__).parent / "cases" / "valid"
CRDS = REPOSITORY / ".tools" / "crds"
ARGO_CD = ["argoproj-argo-cd-v3@v3.5.3", "argoproj-argo-cd-v3@v3.6.1"]
KUBERNETES = {
    "ConfigMap",
    "CustomResourceDefinition",
    "Namespace",
    "Role",
    "RoleBinding",
    "ServiceAccount",
}


def schemas(argo_cd: str) -> dict[tuple[str, str], Any]:
    """Schemas of the engines' kinds by API version and kind."""
    found = {}
    for path in (
        path for name in (argo_cd, "fluxcd-*") for path in CRDS.glob(f"{name}/*.yaml")
    ):
        spec = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = closed(
                schema
            )
    return found


def closed(schema: Any) -> Any:
    """The schema as an API server applies it strictly: a field that it does not name is an error."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    done = {key: closed(value) for key, value in schema.items()}
    if (
        isinstance(schema.get("properties"), dict)
        and "additionalProperties" not in schema
    ):
        done["additionalProperties"] = bool(
            schema.get("x-kubernetes-preserve-unknown-fields")
        )
    return done


def documents(directory: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(directory.rglob("*.yaml")):
        if path.name not in {"values.yaml", "charts.yaml", "kustomization.yaml"}:
            for document in yaml.safe_load_all(path.read_text()):
                yield path.relative_to(directory).as_posix(), document


@pytest.mark.parametrize("argo_cd", ARGO_CD)
@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_every_object_fits_its_crd(case: Path, argo_cd: str) -> None:
    known = schemas(argo_cd)
    for path, document in documents(case / "deploy"):
        if document["kind"] in KUBERNETES:
            continue
        schema = known[document["apiVersion"], document["kind"]]
        schema["properties"]["metadata"] = {"type": "object"}
        errors = [
            error.message
            for error in jsonschema.Draft7Validator(schema).iter_errors(document)
        ]
        assert errors == [], f"{path}: {document['kind']}"


def rendered(root: Path) -> dict[str, Any]:
    fleet = checked(root)
    files = render_tree(plan(fleet), fleet.environments, frozenset()).files
    return {path: list(yaml.safe_load_all(text)) for path, text in files.items()}


def test_both_engines_get_byte_equal_values(build: Build) -> None:
    root = build(
        files={"values/environments/prod.yaml": "namespace: p\nengine: flux\n"}
    )
    fleet = checked(root)
    files = render_tree(plan(fleet), fleet.environments, frozenset()).files
    assert files["dev/one/values.yaml"] == files["prod/one/values.yaml"]


def test_a_suspended_release_is_left_alone(build: Build) -> None:
    files = {"values/environments/prod.yaml": "namespace: p\nengine: flux\n"}
    found = rendered(build(models=MODELS + "    suspend: true\n", files=files))
    assert "automated" not in found["dev/one/application.yaml"][0]["spec"]["syncPolicy"]
    assert found["prod/one/helmrelease.yaml"][0]["spec"]["suspend"] is True


def test_an_autoscaler_owns_the_replicas(build: Build) -> None:
    models = MODELS + "    autoscaling: {enabled: true, target: {cpu: 80}}\n"
    found = rendered(
        build(
            models=models,
            files={"values/environments/prod.yaml": "namespace: p\nengine: flux\n"},
        )
    )
    (ignored,) = found["dev/one/application.yaml"][0]["spec"]["ignoreDifferences"]
    assert ignored["jsonPointers"] == ["/spec/replicas"]
    (ignored,) = found["prod/one/helmrelease.yaml"][0]["spec"]["driftDetection"][
        "ignore"
    ]
    assert ignored["paths"] == ["/spec/replicas"]


def test_paths_are_those_of_the_repository(build: Build) -> None:
    fleet = FLEET.replace("engine:", "path: serving/eu, engine:")
    files = {"values/environments/prod.yaml": "namespace: p\nengine: flux\n"}
    found = rendered(build(fleet=fleet, files=files))
    source = found["dev/one/application.yaml"][0]["spec"]["source"]
    assert source["path"] == "serving/eu/charts/triton"
    assert source["helm"]["valueFiles"] == ["/serving/eu/deploy/dev/one/values.yaml"]
    git = next(
        each for each in found["bootstrap/prod.yaml"] if each["kind"] == "GitRepository"
    )
    assert git["spec"]["sparseCheckout"] == [
        "serving/eu/deploy/prod", "serving/eu/deploy/_sources/prod", "serving/eu/charts",
    ]  # fmt: skip
    paths = [
        each["spec"]["path"]
        for each in found["bootstrap/prod.yaml"]
        if each["kind"] == "Kustomization"
    ]
    assert paths == ["./serving/eu/deploy/_sources/prod", "./serving/eu/deploy/prod"]


def test_below_an_environment_are_only_release_directories(build: Build) -> None:
    paths = [path.split("/") for path in rendered(build()) if path.startswith("dev/")]
    assert {len(path) for path in paths} == {3}


def test_flux_objects_live_in_the_environments_namespace(build: Build) -> None:
    found = rendered(build(fleet=FLEET.replace("argocd", "flux")))
    objects = [
        each
        for path in found
        if "values" not in path and "charts" not in path
        for each in found[path]
    ]
    spaces = {
        each["metadata"].get("namespace")
        for each in objects
        if each["kind"] not in ("Namespace", "Kustomization")
    }
    assert spaces == {"models-dev"}


def test_what_looks_like_a_template_passes_literally(build: Build) -> None:
    text = "{{ .Values.x }} ${y} $(z) {% w %}"
    found = rendered(build(models=MODELS + f'    env: {{A: "{text}"}}\n'))
    assert found["dev/one/values.yaml"][0]["env"]["A"] == text
