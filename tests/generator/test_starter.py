"""A new fleet works as it is, and nothing that exists is overwritten."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.generator.fleets import CHART
from tritonfleet.__main__ import main
from tritonfleet.starter import EXAMPLE
from tritonfleet.yaml import read

VERSION = read("Chart.yaml", (CHART / "Chart.yaml").read_bytes()).data["version"]


@pytest.mark.parametrize("engine", ["argocd", "flux"])
def test_a_new_fleet_works(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "My Models 2"
    url = "https://git.acme.test/ml/models.git"
    assert main(["init", str(root), "--engine", engine, "--repository", url]) == 0
    told = capsys.readouterr()
    assert re.sub(r"\d+", "N", told.out).splitlines() == [
        "charts/triton/ (N files)",
        ".gitattributes",
        "renovate.json",
        *(f"schemas/{name}.schema.json" for name in ("environment", "fleet", "models")),
        *(
            f"values/{name}.yaml"
            for name in ("environments/dev", "fleet", "models/hello")
        ),
    ]
    assert f"  cd {root}" in told.err.splitlines()
    assert main(["validate", str(root), "--strict"]) == 0, capsys.readouterr().out
    assert main(["generate", str(root), "--strict"]) == 0
    assert main(["render", str(root)]) == 0
    name = {"argocd": "application.yaml", "flux": "helmrelease.yaml"}[engine]
    assert (root / "deploy" / "dev" / "hello" / name).is_file()
    assert f'"{url}"' in (root / "deploy" / "bootstrap" / "dev.yaml").read_text()


def test_settings_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "renovate.json").write_text("{}\n")
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / "renovate.json").read_text() == "{}\n"
    assert "linguist-generated" in (tmp_path / ".gitattributes").read_text()


def test_nothing_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "values" / "fleet.yaml").write_text("mine\n")
    assert main(["init", str(tmp_path)]) == 2
    assert (
        capsys.readouterr().err
        == "these files are in the way, nothing was written:\nvalues/fleet.yaml\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["values"]
    assert (tmp_path / "values" / "fleet.yaml").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("remote", "engine", "taken"),
    [
        (
            "ssh://git@git.acme.test/ml/models.git",
            "flux",
            "ssh://git@git.acme.test/ml/models.git",
        ),
        (
            "https://ci:t0ken@git.acme.test/ml/models.git",
            "flux",
            "https://git.acme.test/ml/models.git",
        ),
        (
            "git@git.acme.test:ml/models.git",
            "argocd",
            "git@git.acme.test:ml/models.git",
        ),
        (
            "git@git.acme.test:ml/models.git",
            "flux",
            "ssh://git@git.acme.test/ml/models.git",
        ),
        ("/srv/git/models.git", "argocd", EXAMPLE),
    ],
    ids=[
        "as it is",
        "without its token",
        "without a scheme",
        "as Flux takes it",
        "no engine reaches a directory",
    ],
)
def test_the_git_remote_is_taken(
    remote: str,
    engine: str,
    taken: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "remote", "add", "origin", remote], check=True)
    assert main(["init", str(tmp_path / "serving"), "--engine", engine]) == 0, (
        capsys.readouterr().err
    )
    assert f'"{taken}"' in (tmp_path / "serving" / "values" / "fleet.yaml").read_text()
    assert main(["validate", str(tmp_path / "serving")]) == 0, capsys.readouterr().out


def test_without_a_remote_the_example_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    capsys.readouterr()
    assert main(["generate", str(tmp_path / "new")]) == 0
    assert "TF143" in capsys.readouterr().err


def test_the_chart_may_come_from_a_registry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = f"oci://registry.acme.test:5000/charts/triton:{VERSION}@sha256:{'a' * 64}"
    command = [
        "init",
        str(tmp_path / "new"),
        "--repository",
        "https://git.acme.test/a.git",
        "--chart",
    ]
    assert main([*command, chart]) == 0
    assert not (tmp_path / "new" / "charts").exists()
    assert main(["validate", str(tmp_path / "new"), "--strict"]) == 0, (
        capsys.readouterr().out
    )
    assert main([*command, "oci://registry.acme.test/charts/triton"]) == 2
    assert "is not oci://REGISTRY/PATH:VERSION@sha256:DIGEST" in capsys.readouterr().err


def test_a_chart_of_another_version_is_checked_with_a_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new"
    repository = ["--repository", "https://git.acme.test/a.git"]
    chart = f"oci://registry.acme.test/ml/triton:9.9.9@sha256:{'a' * 64}"
    pull = "helm pull oci://registry.acme.test/ml/triton --version 9.9.9 --untar --untardir charts"

    # What `init` says to do next is what `validate` asks for.
    assert main(["init", str(new), *repository, "--chart", chart]) == 0
    assert capsys.readouterr().err.splitlines()[2:5] == [
        f"  cd {new}",
        f"  {pull}",
        "  tritonfleet validate",
    ]
    assert main(["validate", str(new)]) == 2
    said = f"TF016 there is no chart in charts/triton (`{pull}` unpacks one)"
    assert said in capsys.readouterr().out

    # As helm would have unpacked it.
    shutil.copytree(CHART, new / "charts" / "triton")
    about = new / "charts" / "triton" / "Chart.yaml"
    about.write_text(about.read_text().replace(f"version: {VERSION}", "version: 9.9.9"))
    assert main(["validate", str(new), "--strict"]) == 0


@pytest.mark.parametrize(
    "name", ["é漢", "123", "...", "x" * 80, "A  b!", "-", "Ⅷ", "a_", "ß-1"]
)
def test_a_directory_of_any_name_has_a_fleet_that_is_valid(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / name
    assert main(["init", str(root), "--repository", "https://git.acme.test/a.git"]) == 0
    assert main(["validate", str(root), "--strict"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "url",
    [
        "x\ny",
        "not a url",
        "https://me:hunter2@git.acme.test/a",
        "/srv/git",
        "ftp://a/b",
    ],
)
def test_an_address_that_no_engine_reaches_is_refused(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "new"), "--repository", url]) == 2
    told = capsys.readouterr()
    assert "--repository: an engine cannot reach this" in told.err
    assert (url in told.err, list(tmp_path.iterdir())) == (False, [])


def test_flux_gets_the_url_of_the_short_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "new"
    given = ["--engine", "flux", "--repository", "git@git.acme.test:ml/models.git"]
    assert main(["init", str(root), *given]) == 0
    assert main(["validate", str(root), "--strict"]) == 0, capsys.readouterr().out
    fleet = (root / "values" / "fleet.yaml").read_text()
    assert '"ssh://git@git.acme.test/ml/models.git"' in fleet


def test_nothing_is_made_through_a_linked_chart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "charts").symlink_to(tmp_path / "elsewhere")
    assert main(["init", str(tmp_path / "new")]) == 2
    said = "these files are in the way, nothing was written:\ncharts\n"
    assert (capsys.readouterr().err, list((tmp_path / "elsewhere").iterdir())) == (
        said,
        [],
    )
