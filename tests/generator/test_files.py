"""The files of a fleet: none is left unread in silence, and none is reached by a link."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.generator.fleets import MODELS, Build, make_deep, words
from tritonfleet import files
from tritonfleet.load import load
from tritonfleet.problem import Invalid


def test_what_would_be_left_unread_is_told(build: Build) -> None:
    given = {
        "values/models/x.yml": MODELS,
        "values/models/y.json": "{}",
        "values/models/Z.YAML": MODELS,
        "values/models/.yaml": MODELS,
        "values/models/copy.yaml~": MODELS,
        "values/models/README.md": "",
        "values/environments/eu/prod.yaml": "a: b\n",
    }
    below = (
        "a file in a subdirectory is not read; expected: values/environments/prod.yaml"
    )
    other = "is not read; expected: a file that ends in .yaml"
    copy = "a file that does not end in .yaml is not read (remove it)"
    assert words(build(files=given)) == [
        f"values/environments/eu/prod.yaml:1:1 TF014 {below}",
        f"values/models/.yaml:1:1 TF014 a .yaml file {other}",
        f"values/models/Z.YAML:1:1 TF014 a .YAML file {other}",
        f"values/models/copy.yaml~:1:1 TF026 {copy}",
        f"values/models/x.yml:1:1 TF014 a .yml file {other}",
        f"values/models/y.json:1:1 TF014 a .json file {other}",
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


NO_FILE = "no file but a pipe, a socket or a device; expected: a file"


@pytest.mark.parametrize(
    "place", ["values/models/f", "charts/triton/values.yaml", "charts/triton/files/f"]
)
def test_a_pipe_is_no_file_and_nobody_waits_for_it(place: str, build: Build) -> None:
    root = build()
    (root / place).unlink(missing_ok=True)
    os.mkfifo(root / place)
    assert words(root) == [f"{place}:1:1 TF014 {NO_FILE}"]


@pytest.mark.parametrize("above", ["values/models", "charts/triton/files"])
def test_directories_may_be_in_each_other_to_a_depth(above: str, build: Build) -> None:
    root = build()
    make_deep(root / above, 1500)
    (said,) = words(root)
    assert said.endswith("TF014 directories are nested more than 20 deep")
    subprocess.run(["rm", "-r", root / above / "d"], check=True)


@pytest.mark.parametrize(
    ("place", "target"),
    [("values/models", "/"), ("values/environments", "/usr"), ("values", "/")],
)
def test_a_directory_that_is_a_link_is_not_looked_into(
    place: str, target: str, build: Build
) -> None:
    root = build()
    shutil.rmtree(root / place)
    (root / place).symlink_to(target)
    assert any(
        line.startswith(f"{place}") and "TF014 a symbolic link" in line
        for line in words_or_none(root)
    )


def words_or_none(root: Path) -> list[str]:
    """What is said even when there is no fleet at all."""
    try:
        return words(root)
    except Invalid as invalid:
        return [
            f"{problem.position} {problem.code} {problem.text}"
            for problem in invalid.problems
        ]


def test_the_size_of_a_file_is_looked_at_before_it_is_read(build: Build) -> None:
    root = build()
    os.truncate(root / "values/models/team.yaml", 20 * 2**30)
    assert words(root) == [
        "values/models/team.yaml:1:1 TF008 the file has 21474836480 bytes; expected: at most 10485760"
    ]


@pytest.mark.parametrize("place", ["values/models/secret", "charts/triton/templates"])
def test_a_directory_that_cannot_be_read_is_told(
    place: str, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = build()
    (root / place).mkdir(exist_ok=True)
    look = os.scandir

    def scandir(path: Path) -> os._ScandirIterator[str]:
        if path == root / place:
            raise PermissionError(13, "Permission denied")
        return look(str(path))

    monkeypatch.setattr(os, "scandir", scandir)
    assert words(root) == [f"{place}:1:1 TF014 cannot be read: permission denied"]


def test_too_many_files_are_told(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 1)
    more = {f"values/models/{name}.yaml": MODELS.replace("one", name) for name in "ab"}
    assert (
        "values/models:1:1 TF014 there are more than 1 files here and below"
        in words(build(files=more))
    )
