"""Which context of the kubeconfig leads to an environment's clusters."""

from __future__ import annotations

from pathlib import Path

from tests.generator.fleets import Build
from tritonfleet.environments import environments_of
from tritonfleet.live.contexts import Choice, Kubeconfig, choose
from tritonfleet.load import load

KNOWN = Kubeconfig(("here", "there"), "here")
HINT = "with one of the contexts here, there"


def chosen(root: Path, **given: str) -> dict[str, Choice]:
    return choose(environments_of(load(root)), given, KNOWN)


def test_a_fleet_of_one_cluster_takes_the_current_context(build: Build) -> None:
    assert chosen(build()) == {"dev": Choice("here", "here")}


def test_of_several_clusters_none_is_guessed(build: Build) -> None:
    root = build()
    other = root / "values" / "environments" / "prod.yaml"
    other.write_text("namespace: prod\ncluster: {context: there}\n")
    line = f"write `cluster: {{context: NAME}}` in values/environments/dev.yaml, {HINT}, or use --context dev=NAME"
    assert chosen(root) == {
        "dev": Choice("", "", line, line),
        "prod": Choice("there", "there"),
    }
    assert chosen(root, dev="here")["dev"] == Choice("here", "here")


def test_two_environments_of_one_cluster_share_the_current_context(
    build: Build,
) -> None:
    root = build(dev="cluster: {name: home}\n")
    other = root / "values" / "environments" / "prod.yaml"
    other.write_text("namespace: prod\ncluster: {name: home}\n")
    same = Choice("here", "here")
    assert chosen(root) == {"dev": same, "prod": same}


def test_the_clusters_of_a_remote_argo_cd_are_two(build: Build) -> None:
    remote = "cluster: {server: 'https://far.acme.test', context: there}\n"
    root = build(dev=remote)
    line = f"write `gitops: {{argocd: {{context: NAME}}}}` in values/environments/dev.yaml, {HINT}"
    assert chosen(root) == {"dev": Choice("there", "", "", line)}
    root = build(dev=remote + "gitops: {argocd: {context: here}}\n")
    assert chosen(root) == {"dev": Choice("there", "here")}


def test_a_context_that_the_kubeconfig_does_not_have_is_told(build: Build) -> None:
    found = chosen(build(), dev="gone")["dev"].pods_missing
    assert found.startswith(
        "the kubeconfig has no context `gone`; write `cluster: {context: NAME}`"
    )
