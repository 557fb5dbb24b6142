"""Names that nothing has are told where they are written, with the one that was probably meant."""

from __future__ import annotations

import pytest

from tests.generator.fleets import Build, words

UNKNOWN = {
    "profile: gpuu": "values/models/team.yaml:4:14 TF021 there is no profile `gpuu` in the fleet or in dev; "
    "expected: cpu, gpu (did you mean `gpu`?)",
    "environments: [dve]": "values/models/team.yaml:4:20 TF022 there is no environment `dve`; "
    "expected: dev (did you mean `dev`?)",
}


@pytest.mark.parametrize(("line", "message"), UNKNOWN.items())
def test_unknown_names_are_told(build: Build, line: str, message: str) -> None:
    models = (
        "models:\n  - name: one\n    repository: {image: {path: /m}}\n    "
        + line
        + "\n"
    )
    assert words(build(models=models)) == [message]


PATCHES = {
    "patches: {onne: {replicas: 2}}": "2:11 TF023 there is no entry `onne` to patch (did you mean `one`?)",
    "exclude: [onne]": "2:11 TF024 there is no entry `onne` to exclude (did you mean `one`?)",
}


@pytest.mark.parametrize(("line", "message"), PATCHES.items())
def test_unknown_patches_are_told(build: Build, line: str, message: str) -> None:
    assert words(build(dev=line)) == [f"values/environments/dev.yaml:{message}"]


def test_a_patch_must_reach_its_entry(build: Build) -> None:
    models = "models:\n  - name: one\n    repository: {image: {path: /m}}\n    environments: [prod]\n"
    files = {"values/environments/prod.yaml": "namespace: p\nexclude: [one]\n"}
    assert words(build(models=models, dev="patches: {one: {}}", files=files)) == [
        "values/environments/dev.yaml:2:11 TF023 entry `one` does not go to dev (remove the patch)",
        "values/environments/prod.yaml:2:11 TF024 entry `one` names prod in its `environments` (say it in one place)",
    ]
