"""What `diff` compares with, in real repositories: never nothing by accident, and nothing that git would run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.fleets import FLEET, Build
from tests.generator.repositories import commit, git
from tritonfleet.__main__ import main
from tritonfleet.history import commit_to_compare, unpacked
from tritonfleet.problem import Missing

OTHER = FLEET.replace("24.10", "24.12")


@pytest.fixture
def fleet(build: Build) -> Path:
    """A fleet in a repository of its own, with one commit."""
    root = build()
    git(root, "init", "--quiet")
    commit(root)
    return root


def cloned(origin: Path, directory: Path, *options: str) -> Path:
    git(
        directory.parent,
        "clone",
        "--quiet",
        *options,
        f"file://{origin}",
        str(directory),
    )
    return directory


def test_without_a_remote_it_is_head(fleet: Path) -> None:
    found = commit_to_compare(fleet, None)
    assert found.words == f"{git(fleet, 'rev-parse', 'HEAD')[:12]}, HEAD"
    assert found.is_head


def test_with_a_remote_it_is_where_the_branch_began(
    fleet: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    began = git(fleet, "rev-parse", "HEAD")
    clone = cloned(fleet, tmp_path_factory.mktemp("clone") / "fleet")
    git(clone, "checkout", "--quiet", "-b", "change")
    commit(clone)
    (fleet / "another").write_text("x")
    commit(fleet)
    git(clone, "fetch", "--quiet")
    found = commit_to_compare(clone, None)
    assert found == (began, f"{began[:12]}, the merge base with origin/main", False)


def test_a_clone_as_ci_makes_it_knows_the_branch_by_its_usual_name(
    fleet: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clone = cloned(fleet, tmp_path_factory.mktemp("clone") / "fleet")
    git(clone, "remote", "set-head", "origin", "--delete")
    assert commit_to_compare(clone, None).words.endswith("merge base with origin/main")
    git(clone, "update-ref", "refs/remotes/origin/trunk", "origin/main")
    git(clone, "update-ref", "-d", "refs/remotes/origin/main")
    with pytest.raises(Missing, match="nobody knows here which branch of origin"):
        commit_to_compare(clone, None)


def test_a_shallow_clone_says_what_to_write(
    fleet: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    began = git(fleet, "rev-parse", "HEAD")
    git(fleet, "checkout", "--quiet", "-b", "change")
    commit(fleet, "Here")
    git(fleet, "checkout", "--quiet", "main")
    commit(fleet, "There")
    options = ["--depth=1", "--no-single-branch", "--branch=change"]
    clone = cloned(fleet, tmp_path_factory.mktemp("clone") / "fleet", *options)
    monkeypatch.chdir(clone)
    for arguments in ([], [began]):
        assert main(["diff", *arguments]) == 3
        assert "fetch-depth: 0" in capsys.readouterr().err
    alone = cloned(
        fleet,
        tmp_path_factory.mktemp("clone") / "fleet",
        "--depth=1",
        "--branch=change",
    )
    monkeypatch.chdir(alone)
    assert main(["diff"]) == 3
    assert "fetch-depth: 0" in capsys.readouterr().err


@pytest.mark.parametrize("reference", ["nothing", "--help", "-q", "HEAD:values", ""])
def test_what_is_no_commit_is_told(reference: str, fleet: Path) -> None:
    with pytest.raises(Missing, match="there is no commit"):
        commit_to_compare(fleet, reference)


def test_outside_of_a_repository_it_says_so(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    monkeypatch.chdir(root)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(root.parent))
    assert main(["diff"]) == 3
    assert "not a git repository" in capsys.readouterr().err


def test_a_commit_has_the_lists_and_the_charts_that_they_name(
    build: Build, tmp_path: Path
) -> None:
    root = build(files={"notes.txt": "x", "values/models/notes.txt": "x"})
    git(root, "init", "--quiet")
    found = commit(root)
    with unpacked(tmp_path, found) as files:
        there = {path.relative_to(files).as_posix() for path in files.rglob("*.*")}
    assert not files.exists()
    assert {each for each in there if not each.startswith("charts/triton/")} == {
        "values/environments/dev.yaml",
        "values/fleet.yaml",
        "values/models/notes.txt",
        "values/models/team.yaml",
    }
    assert "charts/triton/Chart.yaml" in there


def test_a_fleet_below_the_repositorys_root_is_found(
    build: Build, tmp_path: Path
) -> None:
    build()
    root = tmp_path / "fleet"
    root.mkdir()
    for part in ("values", "charts"):
        (tmp_path / part).rename(root / part)
    git(tmp_path, "init", "--quiet")
    found = commit(tmp_path)
    with unpacked(root, found) as files:
        assert (files / "values/fleet.yaml").read_text() == FLEET


def test_links_of_a_commit_lead_nowhere(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    link = fleet / "values/models/linked.yaml"
    link.symlink_to("/etc/passwd")
    found = commit(fleet)
    with unpacked(fleet, found) as files:
        assert (files / "values/models/linked.yaml").readlink() == Path("nowhere")
    link.unlink()
    monkeypatch.chdir(fleet)
    assert main(["diff", "HEAD"]) == 0
    assert "note: before: values/models/linked.yaml:1:1 TF014 a symbolic link" in (
        capsys.readouterr().out
    )


def test_no_program_of_the_repository_runs(fleet: Path) -> None:
    """Filters, hooks and monitors that the repository's own settings name."""
    trap = fleet / "trap"
    git(fleet, "config", "filter.trap.smudge", f"touch {trap}")
    git(fleet, "config", "core.fsmonitor", f"touch {trap}")
    git(fleet, "config", "diff.trap.textconv", f"touch {trap}")
    git(fleet, "config", "core.hooksPath", str(fleet / "hooks"))
    (fleet / ".git/info/attributes").write_text(
        "* filter=trap diff=trap export-subst\n"
    )
    with unpacked(fleet, commit_to_compare(fleet, None).id) as files:
        assert (files / "values/fleet.yaml").read_text() == FLEET
    assert not trap.exists()


def test_a_fleet_that_is_refused_today_is_compared_as_far_as_it_goes(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = "models: [{name: one, repository: {}}, {name: two, replicas: many, repository: {image: {path: /m}}}]"
    root = build(models=wrong)
    git(root, "init", "--quiet")
    commit(root)
    right = "models: [{name: one, repository: {image: {path: /m}}}, {name: two, repository: {image: {path: /m}}}]"
    (root / "values/models/team.yaml").write_text(right)
    monkeypatch.chdir(root)
    assert main(["diff", "HEAD"]) == 0
    told = capsys.readouterr().out
    assert (
        "note: 2 releases did not fit the chart's schema before, and count as new"
        in told
    )
    assert "2 added" in told


def test_a_fleet_that_was_not_there_is_all_new(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    git(root, "init", "--quiet")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Nothing yet")
    monkeypatch.chdir(root)
    assert main(["diff", "HEAD"]) == 0
    told = capsys.readouterr().out
    assert "note: there is no values/fleet.yaml before: every release is new" in told
    assert "1 added" in told


def test_what_does_not_validate_is_no_change_but_a_problem(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "values/models/team.yaml").write_text("models: [{name: one, replica: 1}]")
    monkeypatch.chdir(fleet)
    assert main(["diff", "HEAD"]) == 2
    assert "TF050 `replica` is not a key" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--exit-code"], 1)])
def test_a_directory_is_compared_with_as_well(
    options: list[str],
    code: int,
    fleet: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = cloned(fleet, tmp_path_factory.mktemp("before") / "fleet")
    (fleet / "values/fleet.yaml").write_text(OTHER)
    monkeypatch.chdir(fleet)
    assert main(["diff", str(before), *options]) == code
    assert "image.tag: 24.10-py3 → 24.12-py3 in one" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_secret_that_a_change_takes_out_is_not_told(
    form: str,
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = "hf_" + "abcdefgh" * 4
    entry = "models:\n  - name: one\n    repository: {image: {path: /models}}\n"
    root = build(
        models=f"{entry}    env: {{DB_PASSWORD: hunter2, HF: {token}, A: b}}\n"
        f"    server: {{command: [sh, -c, 'login {token}']}}\n"
    )
    git(root, "init", "--quiet")
    commit(root)
    (root / "values/models/team.yaml").write_text(entry)
    monkeypatch.chdir(root)
    assert main(["diff", "HEAD", "-o", form]) == 0, capsys.readouterr().err
    told = capsys.readouterr().out
    assert "DB_PASSWORD" in told
    assert "hunter2" not in told
    assert token not in told
