"""`add`, `remove` and `promote`: whole entries come and go, and one environment runs what another one runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.generator import killing_edits
from tests.generator.fleets import MODELS, REPOSITORY, Build
from tests.generator.test_set import DEV, LIST, Capture, run
from tritonfleet.__main__ import main

PROD = "values/environments/prod.yaml"
S3 = """\
models:
  - name: one
    modelVersion: a
    repository: {s3: {uri: "s3://acme-models/one/a"}}
"""


VERSION = f"{PROD}:8:5: one modelVersion: nothing → b\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def prod(rest: str = "after: dev\n") -> Mapping[str, str]:
    return {PROD: f"namespace: models-prod\ncluster: {{name: prod}}\n{rest}"}


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_an_entry_is_added_once(build: Build, capsys: Capture) -> None:
    root = build()
    command = ("add", "two", "repository.image.path=/two", "loadModels=[two]")
    assert run(capsys, *command) == (
        0,
        f"{LIST}:4:5: two: added\n",
        "1 file changed; next: tritonfleet generate\n",
    )
    entry = (
        "  - name: two\n    repository: {image: {path: /two}}\n    loadModels: [two]\n"
    )
    assert (root / LIST).read_text() == MODELS + entry
    assert run(capsys, *command) == (0, "", "nothing to change\n")


def test_an_entry_of_a_file_makes_a_list(build: Build, capsys: Capture) -> None:
    root = build()
    (root / "two.yaml").write_text("repository: {image: {path: /two}}\nreplicas: 2\n")
    new = "values/models/new/two.yaml"
    assert run(capsys, "add", "two", "-f", "two.yaml", "--list", new, "-q")[0] == 0
    assert (root / new).read_text() == (
        "models:\n  - name: two\n    repository: {image: {path: /two}}\n    replicas: 2\n"
    )
    assert run(capsys, "remove", "two", "-q")[0] == 0
    assert not (root / "values/models/new").exists()


def test_an_entry_that_does_not_fit_is_not_added(build: Build, capsys: Capture) -> None:
    root = build()
    code, _, err = run(capsys, "add", "two", "replicas=2")
    assert code == 2
    assert "TF053" in err or "repository" in err
    assert (root / LIST).read_text() == MODELS


@pytest.mark.parametrize("repository", ["65536", "{vllm: 5}", "{vllm: [a]}", "[]"])
def test_a_repository_that_is_none_has_nothing_to_promote(
    build: Build, capsys: Capture, repository: str
) -> None:
    build(models=f"models: [{{name: one, repository: {repository}}}]\n", files=prod())
    code, _, err = run(capsys, "promote", "--from", "dev", "--to", "prod", "one")
    assert (code, err) == (0, "nothing to change\n")


def test_a_removed_model_leaves_no_patch_and_no_exclusion(
    build: Build, capsys: Capture
) -> None:
    two = "  # the second\n  - name: two\n    repository: {image: {path: /two}}\n"
    dev = "patches:\n  # for two\n  two: {replicas: 2}\n  one: {replicas: 2}\n"
    root = build(models=MODELS + two, dev=dev, files=prod("exclude: [two]\n"))
    assert run(capsys, "remove", "two") == (
        0,
        f"{DEV}:4:9: two replicas: 2 → nothing\n{PROD}:3:11: two exclude: true → nothing\n{LIST}:5:5: two: removed\n",
        "3 files changed; next: tritonfleet generate\n",
    )
    assert (root / LIST).read_text() == MODELS
    assert lines(root / DEV)[1:] == ["patches:", "  one: {replicas: 2}"]
    assert lines(root / PROD) == ["namespace: models-prod", "cluster: {name: prod}"]


def test_an_entry_of_the_same_name_is_not_replaced(
    build: Build, capsys: Capture
) -> None:
    root = build()
    said = "there is an entry `one` already, and it says something else"
    hint = "change it with `tritonfleet set`, or take another name"
    assert run(capsys, "add", "one", "repository.image.path=/two") == (
        2,
        "",
        f"{LIST}:2:11: TF073 {said} ({hint})\n1 error\n",
    )
    assert (root / LIST).read_text() == MODELS


def test_a_model_is_not_removed_from_its_only_environment(
    build: Build, capsys: Capture
) -> None:
    models = MODELS + "    environments: [dev]\n"
    root = build(models=models, files=prod())
    said = "`one` goes to dev only (`tritonfleet remove one` removes it from the fleet)"
    assert run(capsys, "remove", "one", "--env", "dev") == (
        2,
        "",
        f"{LIST}:4:20: TF074 {said}\n1 error\n",
    )
    assert (root / LIST).read_text() == models


def test_the_last_model_is_not_removed(build: Build, capsys: Capture) -> None:
    root = build()
    said = (
        "`one` is the last model, and a fleet has at least one (add another one first)"
    )
    assert run(capsys, "remove", "one") == (2, "", f"{LIST}:2:11: TF020 {said}\n1 error\n")  # fmt: skip
    assert (root / LIST).read_text() == MODELS


@pytest.mark.parametrize("explicit", [True, False])
def test_a_model_is_removed_from_one_environment(
    explicit: bool, build: Build, capsys: Capture
) -> None:
    where = "    environments: [dev, prod]\n" if explicit else ""
    root = build(models=MODELS + where, files=prod("patches: {one: {replicas: 2}}\n"))
    command = ("remove", "one", "--env", "prod", "-q")
    assert run(capsys, *command)[0] == 0
    assert run(capsys, *command) == (0, "", "")
    assert run(capsys, "validate")[2] == (
        "acme: 1 model, 2 environments, 1 release: no errors\n"
    )
    left = "    environments: [dev]\n" if explicit else ""
    assert (root / LIST).read_text() == MODELS + left
    exclude = [] if explicit else ["exclude: [one]"]
    assert lines(root / PROD)[2:] == exclude


def test_what_runs_in_one_environment_runs_in_the_next(
    build: Build, capsys: Capture
) -> None:
    """A third environment stays behind, so the values stay in patches; the bucket and the pods are prod's own."""
    dev = "patches:\n  one: {replicas: 1, modelVersion: b, repository: {s3: {uri: s3://acme-models/one/b}}}\n"
    own = "after: dev\npatches:\n  one:\n    replicas: 4 # paid for\n    repository: {s3: {uri: 's3://prod-models/one/a'}}\n"
    eu = {"values/environments/eu.yaml": "namespace: models-eu\n"}
    root = build(models=S3, dev=dev, files={**prod(own), **eu})
    command = ("promote", "one", "--to", "prod")
    assert run(capsys, *command) == (
        0,
        f'{PROD}:7:23: one repository.s3.uri: "s3://prod-models/one/a" → "s3://prod-models/one/b"\n{VERSION}',
        "one: differs and is left alone: replicas\n1 file changed; next: tritonfleet generate\n",
    )
    assert lines(root / PROD)[5:] == [
        "    replicas: 4 # paid for",
        "    repository: {s3: {uri: 's3://prod-models/one/b'}}",
        "    modelVersion: b",
    ]
    assert run(capsys, *command, "-q") == (0, "", "")


def test_what_all_environments_say_goes_into_the_entry(
    build: Build, capsys: Capture
) -> None:
    dev = "patches:\n  one: {image: {tag: 24.12-py3}, modelVersion: b}\n"
    root = build(models=S3, dev=dev, files=prod())
    code, out, _ = run(capsys, "promote", "--all", "--to", "prod", "-o", "json")
    assert (code, [edit["file"] for edit in json.loads(out)["edits"]]) == (
        0,
        [DEV, DEV, LIST, LIST],
    )
    after = S3.replace("modelVersion: a", "modelVersion: b")
    assert (root / LIST).read_text() == f"{after}    image: {{tag: 24.12-py3}}\n"
    assert lines(root / DEV) == ["namespace: models-dev"]
    assert run(capsys, "promote", "--all", "--to", "prod")[2] == "nothing to change\n"


def test_another_kind_of_repository_is_left_alone(
    build: Build, capsys: Capture
) -> None:
    dev = "patches:\n  one: {repository: {s3: null, image: {path: /one}}, modelVersion: b}\n"
    root = build(models=S3, dev=dev, files=prod())
    _, _, err = run(capsys, "promote", "one", "--to", "prod")
    said = "one: differs and is left alone: repository, which is of another kind"
    assert said in err.splitlines()
    assert 's3: {uri: "s3://acme-models/one/a"}' in (root / LIST).read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", "prod"], "say which models, or --all"),
        (["one", "--all", "--to", "prod"], "say which models, or --all"),
        (["one", "--to", "dev"], "say where from: --from, or `after: <environment>` in values/environments/dev.yaml"),
        (["one", "--to", "prod", "--from", "prod"], "prod runs what prod runs"),
        (["two", "--to", "prod"], "there is no model `two`; there are one"),
    ],
)  # fmt: skip
def test_a_promotion_needs_to_know_what_and_where(
    words: list[str], told: str, build: Build, capsys: Capture
) -> None:
    build(files=prod())
    code, out, err = run(capsys, "promote", *words)
    assert (code, out, err.splitlines()[-1]) == (2, "", f"Error: {told}")


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("def", "TF022 there is no environment `def`; expected: dev, prod (did you mean `dev`?)"),
        ("prod", "TF075 what runs in prod would come from prod itself (remove `after` where promotion begins)"),
    ],
)  # fmt: skip
def test_promotion_comes_from_another_environment(
    after: str, told: str, build: Build, capsys: Capture
) -> None:
    build(files=prod(f"after: {after}\n"))
    assert main(["validate", "-q"]) == 2
    assert capsys.readouterr().out == f"{PROD}:3:8: {told}\n"


def test_killed_anywhere_the_fleet_is_valid_and_a_rerun_finishes(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", killing_edits.__name__, str(tmp_path)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=REPOSITORY
    )
    assert done.returncode == 0, done.stderr
    times = dict(line.rsplit(": ", 1) for line in done.stdout.splitlines())
    assert times.keys() == killing_edits.COMMANDS.keys()
    assert all(int(each) > 5 for each in times.values()), times


def test_edits_at_once_follow_each_other(build: Build) -> None:
    """None is lost, though each reads the whole list and writes it."""
    names = ("one", "two", "three", "four")
    entries = "".join(
        f"  - {{name: {name}, repository: {{image: {{path: /m}}}}}}\n" for name in names
    )
    root = build(models=f"models:\n{entries}")
    program = [sys.executable, "-m", "tritonfleet", "set"]
    runs = [
        subprocess.Popen([*program, name, "replicas=3", "--quiet"], cwd=root)
        for name in names
    ]
    assert [run.wait() for run in runs] == [0] * len(names)
    assert (root / LIST).read_text().count("replicas: 3") == len(names)
