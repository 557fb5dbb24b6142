"""Another version of models at the same address: who is told, by which command."""

from __future__ import annotations

import pytest

from tests.generator.fleets import Build
from tests.generator.repositories import commit, git
from tests.generator.test_cli import run
from tritonfleet.__main__ import main
from tritonfleet.versions import stays

Capture = pytest.CaptureFixture[str]
S3 = {"s3": {"uri": "s3://acme/one"}}
MODELS = """\
models:
  - name: one
    modelVersion: "3"
    repository: {s3: {uri: "s3://acme/one"}}
"""
WORDS = (
    "the models' version goes from 3 to 4 and `repository.s3.uri: s3://acme/one` stays:"
    " an old pod that restarts would load the new models, and a rollback would not bring the old ones back"
)


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        (S3, "`repository.s3.uri: s3://acme/one`"),
        ({"gcs": {"uri": "gs://acme/one"}}, "`repository.gcs.uri: gs://acme/one`"),
        (
            {"nfs": {"server": "a", "path": "/one"}},
            "`repository.nfs.path: /one`",
        ),
        ({"pvc": {"claim": "models"}}, "`repository.pvc`"),
        (
            {"pvc": {"claim": "models", "subPath": "one"}},
            "`repository.pvc.subPath: one`",
        ),
        ({"emptyDir": {"size": "1Gi"}}, "`fetch`"),
    ],
)
def test_models_that_are_put_over_others_are_told(
    repository: object, address: str
) -> None:
    values = {"repository": repository}
    told = stays({**values, "modelVersion": "3"}, {**values, "modelVersion": "4"})
    assert told.startswith(f"the models' version goes from 3 to 4 and {address} stays:")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"repository": S3}, {"repository": S3, "modelVersion": "4"}),
        (
            {"repository": S3, "modelVersion": "3"},
            {"repository": {"s3": {"uri": "s3://acme/two"}}, "modelVersion": "4"},
        ),
        (
            {"repository": {"s3": {"uri": "s3://acme/{modelVersion}"}}, "modelVersion": "3"},
            {"repository": {"s3": {"uri": "s3://acme/{modelVersion}"}}, "modelVersion": "4"},
        ),
        (
            {"repository": {"image": {"path": "/models"}}, "modelVersion": "3"},
            {"repository": {"image": {"path": "/models"}}, "modelVersion": "4"},
        ),
        (
            {"repository": {"emptyDir": {}}, "fetch": {"args": ["3"]}, "modelVersion": "3"},
            {"repository": {"emptyDir": {}}, "fetch": {"args": ["4"]}, "modelVersion": "4"},
        ),
        (
            {"repository": S3, "extraRepositories": [{"s3": {"uri": "s3://a/3"}}], "modelVersion": "3"},
            {"repository": S3, "extraRepositories": [{"s3": {"uri": "s3://a/4"}}], "modelVersion": "4"},
        ),
    ],
    ids=["first version", "another address", "version in it", "image", "fetched", "beside"],
)  # fmt: skip
def test_others_are_not(before: dict[str, object], after: dict[str, object]) -> None:
    assert stays(before, after) == ""


def test_set_tells_it_before_it_happens(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(build(models=MODELS))
    code, _, talk = run(capsys, "set", "one", "modelVersion=4")
    assert code == 0
    place = "values/models/team.yaml:3:19: TF196 warning:"
    assert f"{place} `one` of dev: {WORDS}" in talk
    assert run(capsys, "set", "one", "modelVersion=4")[2].count("TF196") == 0


def test_generate_tells_it_before_it_is_committed(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    root = build(models=MODELS)
    monkeypatch.chdir(root)
    assert main(["generate", "--quiet"]) == 0
    build(models=MODELS.replace('"3"', '"4"'))
    code, _, talk = run(capsys, "generate", "--check", "--quiet")
    assert code == 1
    assert f"TF196 warning: dev/one: {WORDS}" in talk


def test_diff_tells_it_to_reviewers(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    root = build(models=MODELS)
    monkeypatch.chdir(root)
    git(root, "init", "--quiet")
    commit(root)
    build(models=MODELS.replace('"3"', '"4"'))
    _, told, _ = run(capsys, "diff", "HEAD")
    assert WORDS in told
