"""Charts: each environment has the one that it names, inside the fleet or from a registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.generator.fleets import CHART, MODELS, Build, words
from tritonfleet.chart_files import chart_files, packaged_chart
from tritonfleet.load import load

VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]


def schema(definition: str) -> str:
    """A chart's schema in which `x` refers to this definition."""
    reference = '{"x": {"$ref": "#/definitions/a"}}'
    return f'{{"properties": {reference}, "definitions": {{"a": {definition}}}}}'


def test_each_environment_has_its_chart_and_the_same_chart_once(build: Build) -> None:
    named = {
        "dev": "",
        "next": "chart: {path: charts/next}\n",
        "prod": "chart: {path: charts/triton}\n",
    }
    files = {
        f"values/environments/{name}.yaml": f"namespace: {name}\n{lines}"
        for name, lines in named.items()
    }
    root = build(files=files)
    shutil.copytree(root / "charts" / "triton", root / "charts" / "next")
    charts = load(root).charts
    assert {file: chart.path for file, chart in charts.items()} == {
        "values/environments/dev.yaml": "charts/triton",
        "values/environments/next.yaml": "charts/next",
        "values/environments/prod.yaml": "charts/triton",
    }
    assert (
        charts["values/environments/dev.yaml"]
        is charts["values/environments/prod.yaml"]
    )


def test_the_chart_of_the_fleet_is_that_of_environments_which_name_none(
    build: Build,
) -> None:
    fleet = "name: a\nchart: {path: charts/nothing}\n"
    prod = "namespace: p\nchart: {path: charts/triton}\n"
    root = build(fleet=fleet, files={"values/environments/prod.yaml": prod})
    sources = load(root)
    assert list(sources.charts) == ["values/environments/prod.yaml"]
    assert [f"{problem.position} {problem.text}" for problem in sources.problems] == [
        "values/fleet.yaml:2:15 there is no chart in charts/nothing (`tritonfleet init` copies one)"
    ]


def test_a_chart_that_two_environments_name_and_nobody_has_is_told_once(
    build: Build,
) -> None:
    lines = "chart: {path: charts/nothing}\n"
    root = build(
        dev=lines, files={"values/environments/prod.yaml": "namespace: p\n" + lines}
    )
    assert [str(problem.position) for problem in load(root).problems] == [
        "values/environments/dev.yaml:2:15"
    ]


@pytest.mark.parametrize(
    "path",
    ["../outside", "/etc", "charts/../../outside", "x" * 300, "charts/nothing", "5"],
)
def test_a_chart_is_inside_the_fleet(path: str, build: Build) -> None:
    said = words(build(dev=f"chart: {{path: {path}}}\n"))
    assert any("TF016 there is no chart in" in each for each in said)


def test_a_broken_chart_is_told(build: Build) -> None:
    root = build()
    (root / "charts" / "triton" / "values.schema.json").write_text("{")
    assert [each.split(" ")[1] for each in words(root)] == ["TF017"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("values.yaml", "[]", "values.yaml is no mapping"),
        ("values.yaml", "", "values.yaml is no mapping"),
        ("Chart.yaml", "name: x\n", "Chart.yaml has no version, or one that is no text"),
        ("values.schema.json", "[]", "values.schema.json says nothing about `properties`"),
        ("values.schema.json", "{}", "values.schema.json says nothing about `properties`"),
        ("values.schema.json", "[" * 100_000, ""),
        ("values.schema.json", schema('{"$ref": "https://x.test/y"}'), ""),
        ("values.schema.json", schema('{"$ref": "#/definitions/a"}'), ""),
        ("values.schema.json", schema('{"pattern": "("}'), ""),
        ("values.schema.json", schema('{"pattern": "^(a+)+$"}'), ""),
        ("values.schema.json", schema('{"type": "nothing"}'), ""),
        ("values.schema.json", schema("5"), ""),
        ("values.schema.json", schema('{"properties": 5}'), ""),
        ("files/flags.json", "[]", "files/flags.json is no table of flags"),
        ("files/flags.json", '{"flags": {"id": 5}}', "files/flags.json is no table of flags"),
    ],
)  # fmt: skip
def test_a_chart_of_another_shape_is_told(
    file: str, text: str, said: str, build: Build
) -> None:
    root = build()
    (root / "charts" / "triton" / file).write_text(text)
    (line,) = words(root)
    assert f"TF017 the chart cannot be used: {said}" in line


def test_nothing_in_a_chart_is_reached_by_a_link(build: Build) -> None:
    root = build()
    (root / "charts" / "triton" / "files" / "x").symlink_to("/dev/zero")
    (root / "charts" / "triton" / "ci" / "y").symlink_to("/etc/passwd")
    assert words(root) == [
        f"charts/triton/{link}:1:1 TF014 a symbolic link; expected: a file; links are not followed"
        for link in ("ci/y", "files/x")
    ]


def test_a_checkout_with_other_line_ends_is_the_same_chart(build: Build) -> None:
    root = build()
    before = load(root).charts["values/environments/dev.yaml"].content
    for path in (root / "charts" / "triton").rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(root).charts["values/environments/dev.yaml"].content == before


def test_a_chart_from_a_registry_is_the_programs_own_or_a_copy(build: Build) -> None:
    oci = (
        "chart: {oci: 'oci://r.test/triton', version: %s, digest: 'sha256:"
        + "0" * 64
        + "'%s}\n"
    )
    assert words(build(dev=oci % (VERSION, ""))) == []
    assert (
        "TF016 chart version 9.9.9 is not here"
        in words(build(dev=oci % ("9.9.9", "")))[0]
    )
    assert words(build(dev=oci % (VERSION, ", copy: charts/triton"))) == []


def test_the_program_carries_its_chart() -> None:
    assert packaged_chart() == CHART


@pytest.mark.parametrize("name", [".helmignore", ".argocd-source-dev-one.yaml"])
def test_what_changes_how_a_chart_is_rendered_changes_its_digest(
    name: str, build: Build
) -> None:
    root = build()
    before = load(root).charts["values/environments/dev.yaml"].content
    (root / "charts/triton" / name).write_text("templates/networkpolicy.yaml\n")
    assert load(root).charts["values/environments/dev.yaml"].content != before


def test_a_keyword_without_words_of_its_own_is_named(build: Build) -> None:
    """A chart of somebody else may say what ours never does."""
    root = build(models=MODELS + "    replicas: 3\n")
    path = root / "charts" / "triton" / "values.schema.json"
    chart = json.loads(path.read_text())
    chart["properties"]["replicas"]["multipleOf"] = 2
    path.write_text(json.dumps(chart))
    assert words(root) == [
        "values/models/team.yaml:4:15 TF055 replicas: does not fit the schema (multipleOf)"
    ]


def test_what_pip_compiles_is_no_part_of_the_programs_chart(tmp_path: Path) -> None:
    compiled = tmp_path / "files" / "__pycache__"
    compiled.mkdir(parents=True)
    (compiled / "a.cpython-311.pyc").write_bytes(b"\xa7")
    (tmp_path / "files" / "a.py").write_text("")
    assert chart_files(tmp_path, ["files"]) == [tmp_path / "files" / "a.py"]
