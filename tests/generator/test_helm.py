"""Rendering: the binary and Helm in process give the same objects, and both say which release Helm refuses."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest
import yaml

from tests.generator.fleets import MODELS, REPOSITORY, Build, checked
from tritonfleet import helm, kubernetes
from tritonfleet.__main__ import main
from tritonfleet.helm import binary as binary_of_helm
from tritonfleet.helm import in_process, processes, rendering
from tritonfleet.plan import plan

STORED = "repository: {image: {path: /models}}, loadModels: [one]"
HELM = REPOSITORY / ".tools" / "helm4"


@pytest.fixture
def binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "helm").symlink_to(HELM)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)


@pytest.fixture
def no_binary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


def objects(manifests: str) -> dict[tuple[str, str], object]:
    found = filter(None, yaml.safe_load_all(manifests))
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


@pytest.mark.usefixtures("binary")
def test_both_ways_give_the_same_objects(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = plan(
        checked(build(models=MODELS + "    serviceMonitor: {enabled: true}\n"))
    )
    (forked,) = helm.render(releases, "1.37.0")
    monkeypatch.setenv("PATH", "")
    (inside,) = helm.render(releases)
    assert objects(forked.manifests) == objects(inside.manifests)
    assert ("Deployment", "one") in objects(inside.manifests)


@pytest.mark.usefixtures("no_binary")
def test_many_releases_are_rendered_by_other_processes(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order, and the one that Helm refuses among them."""
    root = build(
        models=MODELS
        + "".join(f"  - {{name: model-{number}, {STORED}}}\n" for number in range(30))
    )
    (root / "charts" / "triton" / "templates" / "refuse.yaml").write_text(
        '{{ if eq .Release.Name "model-7" }}{{ fail "not today" }}{{ end }}'
    )
    releases = plan(checked(root))
    here = list(helm.render(releases))
    assert [each.installation.name for each in here if "not today" in each.failure] == [
        "model-7"
    ]
    monkeypatch.setattr(rendering, "MANY", 1)
    monkeypatch.setattr(
        in_process, "_chart", None
    )  # nothing can be rendered here any more
    assert list(helm.render(releases)) == here
    monkeypatch.setattr(sys, "executable", shutil.which("false", path=os.defpath))
    assert {each.failure for each in helm.render(releases)} == {
        "Helm in process ended with exit code 1"
    }


ENDS_WITH_MODEL_7 = """
import os, pickle, sys
from tritonfleet.helm.task import Result
while True:
    task = pickle.load(sys.stdin.buffer)
    if task.name == "model-7":
        os._exit(11)
    pickle.dump(Result(task.name), sys.stdout.buffer)
    sys.stdout.buffer.flush()
"""


@pytest.mark.usefixtures("no_binary")
def test_a_release_that_ends_helm_costs_no_other(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = "".join(
        f"  - {{name: model-{number}, {STORED}}}\n" for number in range(30)
    )
    releases = plan(checked(build(models="models:\n" + models)))
    command = [sys.executable, "-c", ENDS_WITH_MODEL_7]
    monkeypatch.setattr(
        processes,
        "_start",
        lambda: Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL),
    )
    monkeypatch.setattr(rendering, "MANY", 1)
    rendered = [(each.manifests, each.failure) for each in helm.render(releases)]
    assert rendered == [
        ("", "Helm in process ended with exit code 11")
        if name == "model-7"
        else (name, "")
        for name in (f"model-{number}" for number in range(30))
    ]


@pytest.mark.usefixtures("no_binary")
def test_render_prints_manifests(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    assert main(["render", str(root), "--model", "one", "--env", "dev"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# dev/one\n---\n# Source: ")
    assert main(["render", str(root), "--out", str(root / "manifests")]) == 0
    assert objects((root / "manifests" / "dev" / "one.yaml").read_text()) == objects(
        out
    )


@pytest.mark.usefixtures("no_binary")
def test_manifests_fit_kubernetes(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build(
        models=MODELS + "    serviceMonitor: {enabled: true}\n",
        dev='kubernetes: "1.36"\n',
    )
    assert main(["render", str(root), "--validate"]) == 0, capsys.readouterr().err
    assert capsys.readouterr().err == "dev/one: no schema for 1 ServiceMonitor\n"


@pytest.mark.usefixtures("no_binary")
def test_what_does_not_fit_is_told(build: Build) -> None:
    (rendered,) = helm.render(plan(checked(build())))
    found = kubernetes.check(
        re.sub("terminationGracePeriodSeconds", "terminationGrace", rendered.manifests),
        "1.36",
    )
    assert len(found.problems) == 1
    assert "terminationGrace" in found.problems[0]


@pytest.mark.usefixtures("no_binary")
def test_a_refused_release_is_a_finding(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    check = root / "charts" / "triton" / "templates" / "refuse.yaml"
    check.write_text('{{ fail "not today" }}')
    assert main(["render", str(root)]) == 1
    assert "dev/one: " in (err := capsys.readouterr().err)
    assert "not today" in err


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("kill -9 $$", "helm ended with exit code -9 and said nothing"),
        ("exit 3", "helm ended with exit code 3 and said nothing"),
        ("exit 0", "helm ended well and printed no manifests"),
        ("echo hello", "helm ended well and printed no manifests"),
        ("printf -- '---\\n\\377'", "helm printed what is no UTF-8"),
        ("sleep 100", "helm did not end within 1 seconds"),
        ("echo 'Error: é' >&2; exit 1", "é"),
    ],
)
def test_a_broken_helm_is_no_success(
    program: str,
    said: str,
    build: Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    helm_binary = tmp_path / "bin" / "helm"
    helm_binary.parent.mkdir()
    helm_binary.write_text(f"#!/bin/sh\n{program}\n")
    helm_binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(helm_binary.parent), prepend=os.pathsep)
    monkeypatch.setattr(binary_of_helm, "TIMEOUT", 1)
    assert main(["render", str(build())]) == 1
    assert capsys.readouterr() == ("", f"dev/one: {said}\n")


@pytest.mark.parametrize("printed", ["a: [", "--- 5", "a: \0"])
def test_manifests_that_are_none_are_a_problem(printed: str) -> None:
    (problem,) = kubernetes.check(printed, "1.36").problems
    assert problem.startswith("not YAML: ")


def test_an_object_without_a_type_is_a_problem() -> None:
    found = kubernetes.check("{a: b}\n---\n{apiVersion: 1, kind: 2}\n", "1.36")
    assert found.problems == (
        "None: apiVersion and kind must be text",
        "2: apiVersion and kind must be text",
    )


@pytest.mark.usefixtures("no_binary")
def test_helm_in_process_renders_for_the_version_that_is_asked_for(
    build: Build,
) -> None:
    """The package's own `render` has no such argument."""
    root = build()
    template = root / "charts" / "triton" / "templates" / "version.yaml"
    template.write_text(
        "kind: Version\nmetadata: {name: {{ .Capabilities.KubeVersion.Version }}}\n"
    )
    (rendered,) = helm.render(plan(checked(root)), "1.31.2")
    assert ("Version", "v1.31.2") in objects(rendered.manifests)


def test_a_version_without_schemas_is_said() -> None:
    manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    problems = kubernetes.check(manifest, "1.99").problems
    assert problems == ("there are no schemas of Kubernetes 1.99",)
