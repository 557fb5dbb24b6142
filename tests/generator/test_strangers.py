"""What others put into the output: told where an engine would read it, never overwritten, never removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.generator.fleets import Build
from tests.generator.trees import MARKED, models, texts, tree, write
from tritonfleet.__main__ import main
from tritonfleet.output import Tree
from tritonfleet.problem import Invalid

ARGOCD = "Argo CD applies it with the Applications of the releases"
FLUX = "Flux applies it with the releases"
BUILDS = "Flux builds what it names in place of what is there"
READ = {
    ("argocd", "dev/evil/application.yaml"): ARGOCD,
    ("argocd", "dev/m0/sub/application.yaml"): ARGOCD,
    ("argocd", "dev/.argocd-source.yaml"): "Argo CD changes an Application by it",
    ("argocd", "dev/m0/extra.yaml"): "",
    ("argocd", "dev/notes.txt"): "",
    ("argocd", "dev/evil.yaml"): "",
    ("argocd", "gone/a/application.yaml"): ARGOCD,
    ("argocd", "bootstrap/evil.yaml"): "an admin who applies the directory applies it",
    ("argocd", "bootstrap/README.md"): "",
    ("flux", "dev/evil.yaml"): FLUX,
    ("flux", "dev/evil/pod.yml"): FLUX,
    ("flux", "dev/kustomization.yaml"): BUILDS,
    ("flux", "dev/m0/Kustomization"): BUILDS,
    ("flux", "dev/m0/extra.yaml"): "",
    ("flux", "dev/.sourceignore"): "Flux leaves out of the repository what it names",
    ("flux", ".sourceignore"): "Flux leaves out of the repository what it names",
    ("flux", "dev/application.yaml"): FLUX,
    ("flux", "dev/README.md"): "",
    ("flux", "_sources/dev/evil.yaml"): FLUX,
    ("flux", "gone/evil.yaml"): FLUX,
}


@pytest.mark.parametrize(("engine", "path"), READ)
def test_what_an_engine_would_read_is_told(
    engine: str, path: str, tmp_path: Path
) -> None:
    wanted = Tree(tree(**models(1)).files, engines={"dev": engine})
    write(wanted, tmp_path)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("theirs\n")
    for check in (True, False):
        made = write(wanted, tmp_path, check=check)
        effect = READ[engine, path]
        expected = [f"the file is not ours, and {effect}"] if effect else []
        assert [each.message for each in made.strangers] == expected
        assert not made.any
    assert texts(tmp_path)[path] == "theirs\n"


def test_other_environments_strangers_are_theirs(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir(parents=True)
    (tmp_path / "prod/evil.yaml").write_text("theirs\n")
    wanted = Tree(tree(**models(1)).files, frozenset({"dev"}), {"prod": "flux"})
    assert write(wanted, tmp_path).strangers == ()


def test_generate_writes_the_rest_and_ends_with_1(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    evil = root / "deploy/dev/evil/application.yaml"
    evil.parent.mkdir(parents=True)
    evil.write_text("kind: Application\n")
    assert main(["generate", str(root)]) == 1
    assert "TF064 the file is not ours" in capsys.readouterr().err
    assert (root / "deploy/dev/one/application.yaml").exists()
    assert main(["generate", str(root), "--check"]) == 1
    evil.unlink()
    assert main(["generate", str(root), "--check"]) == 0


IN_THE_WAY = {
    "dev/m0/values.yaml/x": "dev/m0/values.yaml TF066 a directory is where a file of ours belongs",
    "dev": "dev TF066 a file is where a directory of ours belongs",
    "INCOMPLETE/x": "INCOMPLETE TF066 a directory is where `generate` says that it is not done",
    "INCOMPLETE": "INCOMPLETE TF060 the file is not ours: it does not begin with our mark",
    "dev/m0/.values.yaml.tritonfleet-new": (
        "dev/m0/.values.yaml.tritonfleet-new TF060 the file is not ours: it does not begin with our mark"
    ),
}


@pytest.mark.parametrize("path", IN_THE_WAY)
def test_what_is_in_the_way_is_told_before_anything_is_written(
    path: str, tmp_path: Path
) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("theirs\n")
    for check in (True, False):
        with pytest.raises(Invalid) as caught:
            write(tree(**models(1)), tmp_path, check=check)
        assert [
            f"{Path(each.position.file).relative_to(tmp_path)} {each.code} {each.message}"
            for each in caught.value.problems
        ] == [IN_THE_WAY[path]]
    assert texts(tmp_path) == {path: "theirs\n"}


def test_staged_files_of_others_stay_and_ours_go(tmp_path: Path) -> None:
    for name, text in {
        "notes.tritonfleet-new": "theirs\n",
        ".a.tritonfleet-new": "theirs\n",
        ".b.tritonfleet-new": MARKED[:9],
        ".c.tritonfleet-new": "",
    }.items():
        (tmp_path / name).write_text(text)
    write(tree(**models(1)), tmp_path)
    left = {path for path in texts(tmp_path) if path.endswith("new")}
    assert left == {"notes.tritonfleet-new", ".a.tritonfleet-new"}


def test_a_part_of_a_tree_is_no_output(tmp_path: Path) -> None:
    write(tree(**models(3)), tmp_path)
    before = texts(tmp_path)
    with pytest.raises(Invalid) as caught:
        write(tree(**models(3)), tmp_path / "dev", 9)
    assert {each.code for each in caught.value.problems} == {"TF067"}
    assert texts(tmp_path) == before


def test_files_of_others_raise_no_budget(tmp_path: Path) -> None:
    write(tree(**models(10)), tmp_path)
    for number in range(40):
        (tmp_path / f"dev/j{number}").mkdir()
        (tmp_path / f"dev/j{number}/x").write_text("theirs\n")
        (tmp_path / f"dev/j{number}/values.yaml").write_text(MARKED)
    with pytest.raises(Invalid) as caught:
        write(tree(**models(1)), tmp_path)
    (problem,) = caught.value.problems
    assert problem.code == "TF062"
    assert problem.message.startswith("49 of 50 releases of dev would be removed")


def test_a_pipe_is_refused_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "dev/m0").mkdir(parents=True)
    os.mkfifo(tmp_path / "dev/m0/values.yaml")
    with pytest.raises(Invalid) as caught:
        write(tree(**models(1)), tmp_path)
    assert [each.text for each in caught.value.problems] == [
        "what is neither a file nor a directory in the output"
    ]


def test_directories_as_deep_as_input_may_be_are_walked(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(20):
        deep /= "d"
        deep.mkdir()
    assert write(tree(**models(1)), tmp_path).created == ("dev/m0/values.yaml",)


MOVES = {
    "namespace": ("namespace: models-dev", "namespace: models", "namespace models-dev → models"),
    "cluster": (
        "namespace: models-dev",
        'namespace: models-dev\ncluster: {name: x, server: "https://x.acme.test"}',
        "cluster https://kubernetes.default.svc → https://x.acme.test",
    ),
    "fleet": ("name: acme", "name: other", "fleet acme-dev → other-dev"),
    "engine": ("engine: argocd", "engine: flux", "engine argocd → flux"),
    "no pods": ("defaults: {", "defaults: {replicas: 0, ", "no pods"),
}  # fmt: skip


@pytest.mark.parametrize("what", MOVES)
def test_what_moves_all_releases_needs_a_word(
    what: str, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, said = MOVES[what]
    lines = (
        f"  - {{name: m{i}, repository: {{image: {{path: /m}}}}}}" for i in range(5)
    )
    root = build(models="models:\n" + "\n".join(lines) + "\n")
    assert main(["generate", str(root), "-q"]) == 0
    for path in ("values/fleet.yaml", "values/environments/dev.yaml"):
        text = (root / path).read_text()
        (root / path).write_text(text.replace(before, after))
    assert main(["generate", str(root)]) == 2
    message = f"5 of 5 releases of dev would move ({said}): m0, m1, m2, m3, m4"
    hint = " (if that is meant: --allow-moves 5)"
    assert f"TF065 {message}{hint}\n" in capsys.readouterr().err
    assert main(["generate", str(root), "--allow-moves", "5"]) == 0


def test_one_release_moves_without_a_word(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    models = "models:\n  - {name: m, repository: {image: {path: /m}}}\n"
    root = build(models=models)
    assert main(["generate", str(root), "-q"]) == 0
    renamed = models.replace("name: m,", "name: m, fullnameOverride: n,")
    (root / "values/models/team.yaml").write_text(renamed)
    assert main(["generate", str(root), "-q"]) == 0, capsys.readouterr()


NAMES = [b"x\x1b.yaml", b"x\x07.yaml", b"x\x7f.yaml", b"x\xc2\x9b.yaml", b"x\n.yaml", b"\xff.yaml"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_list_whose_name_would_break_generated_files_is_refused(
    name: bytes, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    root = build()
    (root / "values/models" / os.fsdecode(name)).write_text(
        "models: [{name: two, repository: {image: {path: /m}}}]\n"
    )
    assert main(["generate", str(root)]) == 2
    assert "TF014 the name has a character that cannot be seen" in (
        capsys.readouterr().err
    )
