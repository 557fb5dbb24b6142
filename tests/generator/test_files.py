"""The files of a fleet: none is left unread in silence, and none is reached by a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.fleets import MODELS, Build, words
from tritonfleet.load import load
from tritonfleet.problem import Invalid


def test_what_would_be_left_unread_is_told(build: Build) -> None:
    files = {
        "values/models/x.yml": MODELS,
        "values/models/y.json": "{}",
        "values/environments/eu/prod.yaml": "a: b\n",
    }
    below = (
        "a file in a subdirectory is not read; expected: values/environments/prod.yaml"
    )
    assert words(build(files=files)) == [
        f"values/environments/eu/prod.yaml:1:1 TF014 {below}",
        "values/models/x.yml:1:1 TF014 a .yml file is not read; expected: a file that ends in .yaml",
        "values/models/y.json:1:1 TF014 a .json file is not read; expected: a file that ends in .yaml",
    ]


@pytest.mark.parametrize(
    "link",
    ["values/models/other.yaml", "values/environments/other.yaml", "charts/linked"],
)
def test_links_are_not_followed(
    link: str, build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = build(
        dev="chart: {path: charts/linked}\n" if link.startswith("charts") else ""
    )
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
