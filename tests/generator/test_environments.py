"""Environments: their names, and what they have when they say little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.fleets import Build, words
from tritonfleet.gitops import ArgoCD, Flux, GitOps
from tritonfleet.load import load
from tritonfleet.nouns import Environment
from tritonfleet.resolve import resolve


def only_environment(root: Path) -> Environment:
    (environment,) = resolve(load(root)).environments
    return environment


def test_an_environment_that_says_little_has_our_defaults(build: Build) -> None:
    url = "https://git.acme.test/ml/models.git"
    environment = only_environment(build())
    assert (environment.name, environment.cluster, environment.server) == (
        "dev",
        "dev",
        "",
    )
    assert (environment.engine, environment.pod_security) == ("argocd", "restricted")
    assert environment.gitops == GitOps(
        repository=url,
        revision="main",
        path="",
        argocd=ArgoCD(namespace="argocd", project="acme-dev"),
        flux=Flux(
            interval="1h", secret_name="", service_account_name="", take_ownership=False
        ),
        labels={},
        annotations={},
    )


def test_the_environments_word_on_gitops_counts_more_than_the_fleets(
    build: Build,
) -> None:
    lines = "engine: flux\ngitops: {revision: stable, flux: {secretName: git, takeOwnership: true}}\n"
    environment = only_environment(build(dev=lines))
    assert environment.engine == "flux"
    assert environment.gitops.repository == "https://git.acme.test/ml/models.git"
    assert environment.gitops.revision == "stable"
    assert environment.gitops.flux == Flux("1h", "git", "", take_ownership=True)


def test_what_has_another_type_is_skipped_and_told_by_the_schema(build: Build) -> None:
    root = build(
        dev="engine: 5\ncapacity: [a]\nextraKinds: {a: b}\nchart: []\ndynamo: 1\n"
    )
    environment = only_environment(root)
    assert environment.engine == "argocd"
    assert (environment.capacity, environment.extra_kinds) == ({}, ())
    assert not environment.dynamo
    assert [line.split(" ")[0] for line in words(root)] == [
        f"values/environments/dev.yaml:{place}"
        for place in ("2:9", "3:11", "4:13", "5:8", "6:9")
    ]


@pytest.mark.parametrize(
    "name", ["bootstrap", "_x", "Dev", "a b", "1st", "a" * 23, "x-", "é"]
)
def test_an_environments_name_is_a_directory_and_a_label(
    name: str, build: Build
) -> None:
    (said,) = words(build(files={f"values/environments/{name}.yaml": "namespace: p\n"}))
    assert (
        f"TF025 `{name}` cannot be an environment's name; expected: a file name" in said
    )
