"""Whom Flux acts as: accounts with the rights that releases need, and that no release can take."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.generator.fleets import FLEET, REPOSITORY, Build, checked, words
from tritonfleet.__main__ import main
from tritonfleet.kinds import ADDABLE, GRANTING, MADE, RUNNING, resource_of
from tritonfleet.plan import plan
from tritonfleet.tree import render_tree

FLUX = FLEET.replace("engine: argocd", "engine: flux")
OWN = FLUX.replace("engine: flux", "engine: flux, flux: {serviceAccountName: robot}")
LOOK = ["get", "list", "watch"]
APPLY = [*LOOK, "create", "patch", "delete"]


def bootstrap(root: Path) -> list[dict[str, Any]]:
    fleet = checked(root)
    files = render_tree(plan(fleet), fleet.environments, frozenset()).files
    return list(yaml.safe_load_all(files["bootstrap/dev.yaml"]))


def rights(root: Path, role: str) -> dict[str, list[str]]:
    """What a Role allows: verbs by group/resource."""
    (found,) = (
        each
        for each in bootstrap(root)
        if (each["kind"], each["metadata"]["name"]) == ("Role", role)
    )
    return {
        f"{group}/{resource}": rule["verbs"]
        for rule in found["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_releases_may_make_what_the_chart_makes_and_see_what_follows(
    build: Build,
) -> None:
    seen = {"/pods": LOOK, "apps/replicasets": LOOK}
    made = {f"{group}/{resource_of(kind)}": APPLY for group, kind in MADE}
    secrets = {"/secrets": ["get", "list", "create", "update", "delete"]}
    assert rights(build(fleet=OWN), "acme-dev") == made | seen | secrets


def test_the_table_has_all_that_the_chart_renders() -> None:
    """A kind that it lacks would be refused by Argo CD's project and by the Role of Flux's account."""
    rendered = (REPOSITORY / "tests" / "chart" / "rendered").glob("*.yaml")
    found = {
        (document["apiVersion"].rpartition("/")[0], document["kind"])
        for path in rendered
        for document in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader)
        # What `helm test` alone makes, no engine does.
        if document
        and "helm.sh/hook" not in document["metadata"].get("annotations", {})
    }
    # Those of Dynamo's workers, where an environment permits them.
    assert found - (ADDABLE | RUNNING) == GRANTING


def test_an_environments_further_kinds_are_allowed(build: Build) -> None:
    kinds = (
        "{group: apps, kind: DaemonSet}, {group: external-secrets.io, kind: ExternalSecret}, "
        '{group: "", kind: Secret}, {group: acme.test, kind: Proxy, resource: proxys}'
    )
    plain = rights(build(fleet=OWN), "acme-dev")
    more = rights(build(fleet=OWN, dev=f"extraKinds: [{kinds}]\n"), "acme-dev")
    assert {name: verbs for name, verbs in more.items() if plain.get(name) != verbs} == {
        "apps/daemonsets": APPLY,
        "external-secrets.io/externalsecrets": APPLY,
        "/secrets": [*LOOK, "create", "update", "patch", "delete"],
        "acme.test/proxys": APPLY,
    }  # fmt: skip


def test_no_release_may_make_an_object_of_flux_and_the_kustomizations_nothing_else(
    build: Build,
) -> None:
    """A HelmRelease that names no account has the controller's rights: who can make one has all of them."""
    root = build(fleet=OWN)
    flux = "toolkit.fluxcd.io"
    assert [name for name in rights(root, "acme-dev") if flux in name] == []
    assert rights(root, "acme-dev-root") == {
        "/configmaps": APPLY,
        "helm.toolkit.fluxcd.io/helmreleases": APPLY,
        "source.toolkit.fluxcd.io/helmcharts": APPLY,
        "source.toolkit.fluxcd.io/ocirepositories": APPLY,
    }


def test_the_page_shows_what_the_example_fleet_has() -> None:
    """The page shortens the Role and leaves labels out; what it shows is in the file as it is there."""
    text = (REPOSITORY / "docs" / "security.md").read_text()
    (shown,) = re.findall(
        r"\n\n((?:    .*\n)*    kind: RoleBinding\n(?:    .*\n)*)", text
    )
    account, role, binding = yaml.safe_load_all(textwrap.dedent(shown))
    made = yaml.safe_load_all(
        (REPOSITORY / "deploy/bootstrap/staging.yaml").read_text()
    )
    same = {
        each["kind"]: each
        for each in made
        if each["metadata"]["name"] in ("triton-flux", "acme-staging")
    }
    for each in same.values():
        each["metadata"].pop("labels")
    assert (account, binding) == (same["ServiceAccount"], same["RoleBinding"])
    assert [rule for rule in role["rules"] if rule not in same["Role"]["rules"]] == []


def test_each_kustomization_and_release_names_an_account_that_is_made(
    build: Build,
) -> None:
    root = build(fleet=OWN)
    objects = bootstrap(root)
    made = {
        each["metadata"]["name"]: each["automountServiceAccountToken"]
        for each in objects
        if each["kind"] == "ServiceAccount"
    }
    named = [
        each["spec"]["serviceAccountName"]
        for each in objects
        if each["kind"] == "Kustomization"
    ]
    assert (made, named) == ({"robot": False, "robot-root": False}, ["robot-root"] * 2)


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("NetworkPolicy", "networkpolicies"),
        ("Ingress", "ingresses"),
        ("Gateway", "gateways"),
        ("Mailbox", "mailboxes"),
        ("ServiceAccount", "serviceaccounts"),
    ],
)
def test_a_kinds_resource_is_its_plural(kind: str, resource: str) -> None:
    assert resource_of(kind) == resource


# What would take one of Flux's accounts, by a line of an entry: where that is said.
TAKEN = {
    "serviceAccount: {name: robot}": "4:28",
    "serviceAccount: {create: false, name: robot}": "4:43",
    "podTemplate: {spec: {serviceAccountName: robot}}": "4:46",
    "fullnameOverride: robot": "4:23",
    "extraObjects: [{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}]": "4:76",
    "extraObjects: [{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: {serviceAccountName: robot, containers: [{name: a}]}}}}]": "4:120",
    "extraObjects: [{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {serviceAccount: robot}}]": "4:92",
}
MORE = 'extraKinds: [{group: batch, kind: Job}, {group: "", kind: Pod}]\npodSecurity: privileged\n'


@pytest.mark.parametrize(("line", "place"), TAKEN.items())
def test_no_release_takes_it(line: str, place: str, build: Build) -> None:
    models = (
        f"models:\n  - name: one\n    repository: {{image: {{path: /m}}}}\n    {line}\n"
    )
    for account in ("robot", "robot-root"):
        entry = models.replace("robot", account)
        found = words(build(fleet=OWN, models=entry, dev=MORE))
        said = f"TF149 Flux acts as ServiceAccount {account} in dev, with its rights (name another one)"
        assert [each for each in found if "TF149" in each] == [
            f"values/models/team.yaml:{place} {said}"
        ]


def test_explain_says_whom_flux_acts_as(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for fleet in (OWN, FLUX):
        root = build(fleet=fleet)
        assert main(["explain", "one", "--env", "dev", "--root", str(root)]) == 0
        said += capsys.readouterr().out.splitlines()[-1:]
    assert said == [
        "Flux acts as ServiceAccount robot",
        "Flux acts as its own controllers, with all their rights",
    ]


def test_no_release_is_called_like_it(build: Build) -> None:
    models = "models:\n  - name: robot\n    repository: {image: {path: /m}}\n"
    (found,) = words(build(fleet=OWN, models=models))
    assert "2:11 TF149 Flux acts as ServiceAccount robot in dev" in found


def test_who_leaves_flux_all_rights_is_told_how_to_end_it(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a note and no problem: such a fleet is as good as it was, with --strict as well."""
    told = (
        "note: Flux has all rights of its controllers in dev. For an account of its own:"
        " 1. set `gitops.flux.serviceAccountName`; 2. `tritonfleet generate`; 3. apply the bootstrap file;"
        " 4. commit and push. No pod restarts."
    )
    root = build(fleet=FLUX)
    for command in ("validate", "generate"):
        assert main([command, "--strict", str(root)]) == 0
        assert capsys.readouterr().err.splitlines()[-1:] == [told]
        assert main([command, "--quiet", str(root)]) == 0
        assert capsys.readouterr().err == ""
    (root / "values" / "fleet.yaml").write_text(OWN)
    assert main(["validate", str(root)]) == 0
    assert "note" not in capsys.readouterr().err
