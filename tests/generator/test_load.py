"""Reading: every file or a problem, nothing outside the fleet, and charts that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.generator.fleets import CHART, MODELS, Build, words
from tritonfleet.load import load, packaged_chart
from tritonfleet.problem import Invalid

VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]


def test_lists_may_be_anywhere_below_models(build: Build) -> None:
    more = MODELS.replace("one", "two")
    root = build(
        files={"values/models/a/b/c.yaml": more, "values/models/README.md": "# not a list"}
    )
    assert [source.file for source in load(root).lists] == [
        "values/models/a/b/c.yaml",
        "values/models/team.yaml",
    ]


def test_what_would_be_left_unread_is_told(build: Build) -> None:
    files = {
        "values/models/x.yml": MODELS,
        "values/models/y.json": "{}",
        "values/environments/eu/prod.yaml": "a: b\n",
    }
    below = "a file in a subdirectory is not read; expected: values/environments/prod.yaml"
    assert words(build(files=files)) == [
        f"values/environments/eu/prod.yaml:1:1 TF014 {below}",
        "values/models/x.yml:1:1 TF014 a .yml file is not read; expected: a file that ends in .yaml",
        "values/models/y.json:1:1 TF014 a .json file is not read; expected: a file that ends in .yaml",
    ]


@pytest.mark.parametrize(
    "link", ["values/models/other.yaml", "values/environments/other.yaml", "charts/linked"]
)
def test_links_are_not_followed(
    link: str, build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = build(dev="chart: {path: charts/linked}\n" if link.startswith("charts") else "")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "Chart.yaml").write_text("version: 0.1.0\n")
    (root / link).symlink_to(outside)
    (said,) = words(root)
    assert "symbolic link" in said


def test_a_fleet_behind_a_link_is_not_read(build: Build, tmp_path: Path) -> None:
    root = build()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "values").symlink_to(root / "values")
    with pytest.raises(Invalid):
        load(tmp_path / "other")


@pytest.mark.parametrize(
    "path", ["../outside", "/etc", "charts/../../outside", "x" * 300, "charts/nothing", "5"]
)
def test_a_chart_is_inside_the_fleet(path: str, build: Build) -> None:
    said = words(build(dev=f"chart: {{path: {path}}}\n"))
    assert any("TF016 there is no chart in" in each for each in said)


def test_a_broken_chart_is_told(build: Build) -> None:
    root = build()
    (root / "charts" / "triton" / "values.schema.json").write_text("{")
    assert [each.split(" ")[1] for each in words(root)] == ["TF017"]


def test_a_chart_from_a_registry_is_the_programs_own_or_a_copy(build: Build) -> None:
    oci = "chart: {oci: 'oci://r.test/triton', version: %s, digest: 'sha256:" + "0" * 64 + "'%s}\n"
    assert words(build(dev=oci % (VERSION, ""))) == []
    assert "TF016 chart version 9.9.9 is not here" in words(build(dev=oci % ("9.9.9", "")))[0]
    assert words(build(dev=oci % (VERSION, ", copy: charts/triton"))) == []


def test_nothing_to_read_is_told(tmp_path: Path, build: Build) -> None:
    with pytest.raises(Invalid) as caught:
        load(tmp_path)
    assert [problem.text for problem in caught.value.problems] == [
        "cannot be read: no such file or directory"
    ]
    root = build()
    (root / "values/models/team.yaml").unlink()
    assert "TF020 no model lists" in words(root)[0]


def test_the_program_carries_its_chart() -> None:
    assert packaged_chart() == CHART
