"""Flux as the accounts of an environment: what they may do, and what is said where a right is missing.

Each test begins where the one before ended.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.cluster.ground import engines
from tests.cluster.ground.engines import Engine
from tests.cluster.ground.fleet import FLEET, Fleet
from tests.cluster.ground.git import repository
from tests.cluster.ground.kubectl import Object, get, kubectl, listed, run, until
from tests.cluster.ground.sandbox import ROOT
from tests.pages import commands
from tritonfleet.kinds import MADE, resource_of

NAME = "account"
PORT = 8420
ENVIRONMENT: Object = {
    "namespace": f"fleet-{NAME}",
    "cluster": {"name": "proving-ground"},
    "kubernetes": "1.37",
    "gitops": {
        "repository": f"http://127.0.0.1:{PORT}/fleet.git",
        "flux": {"interval": "10s"},
    },
}
LEASE = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "extra"},
}
Record = Callable[[str, object], None]
# One worker runs these and the history of the other fleet with Flux, one after the other: two would share their ports.
pytestmark = [
    pytest.mark.usefixtures("definitions", "client"),
    pytest.mark.xdist_group("flux"),
]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two models; the environment says nothing of an account."""
    directory = tmp_path_factory.mktemp(NAME)
    engine = Engine(directory / "engine")
    with repository(directory, PORT) as git:
        values = git.tree / "values"
        (values / "models").mkdir(parents=True)
        (values / "environments").mkdir()
        shutil.copy(FLEET / "values" / "fleet.yaml", values)
        shutil.copytree(ROOT / "charts", git.tree / "charts")
        entries = [
            {"name": name, "env": {"WORD": name}} for name in ("steady", "changing")
        ]
        (values / "models" / "models.yaml").write_text(json.dumps({"models": entries}))
        made = Fleet(NAME, git, engine, engines.start_flux)
        say(made, {})
        engines.start_flux(engine)
        try:
            made.clear()
            yield made
            made.clear()
        finally:
            engine.stop()


def say(fleet: Fleet, more: Object, **flux: str) -> None:
    """Write the environment's file, with more keys of its own and of `gitops.flux`."""
    gitops: Object = ENVIRONMENT["gitops"]
    own = {
        **ENVIRONMENT,
        **more,
        "gitops": {**gitops, "flux": {**gitops["flux"], **flux}},
    }
    file = fleet.git.tree / "values" / "environments" / f"{NAME}.yaml"
    file.write_text(yaml.safe_dump(own))


def release(fleet: Fleet, name: str) -> Object:
    return get(fleet.namespace, "helmrelease", name)


def ready(one: Object) -> tuple[str, str]:
    """Status and words of its condition Ready, for what its spec says now; empty until there are some."""
    status = one.get("status", {})
    if status.get("observedGeneration") != one["metadata"]["generation"]:
        return "", ""
    conditions = status.get("conditions", [])
    found = [each for each in conditions if each["type"] == "Ready"]
    return next(((each["status"], each["message"]) for each in found), ("", ""))


def revisions(fleet: Fleet) -> dict[str, Any]:
    """The newest revision that Helm knows of each release."""
    return {
        each["metadata"]["name"]: each["status"]["history"][0]["version"]
        for each in listed(fleet.namespace, "helmreleases")
    }


def test_an_old_environment_gets_its_accounts_and_keeps_its_pods(
    fleet: Fleet, record_property: Record
) -> None:
    fleet.generate()
    fleet.git.commit("Without an account")
    fleet.bootstrap(NAME)
    until("both Ready", lambda: all(map(fleet.settled, ("steady", "changing"))), 180)
    until(
        "Helm's word",
        lambda: (
            {ready(release(fleet, name))[0] for name in ("steady", "changing")}
            == {"True"}
        ),
        120,
    )
    before = fleet.uids(), revisions(fleet)

    # In the order of the page: the accounts, and only then who names them.
    say(fleet, {}, serviceAccountName="robot")
    fleet.generate()
    fleet.bootstrap(NAME)
    fleet.commit("With an account")
    names = ("steady", "changing")
    took = until(
        "the account in both",
        lambda: all(
            release(fleet, name)["spec"].get("serviceAccountName") == "robot"
            for name in names
        ),
        120,
    )
    record_property("measured", f"both releases name the account after {took:.1f} s")
    until(
        "both Ready",
        lambda: {ready(release(fleet, name))[0] for name in names} == {"True"},
        120,
    )
    assert (fleet.uids(), revisions(fleet)) == before
    roots = [
        each["spec"]["serviceAccountName"]
        for each in listed(fleet.namespace, "kustomizations")
    ]
    assert roots == ["robot-root"] * 2


def test_a_change_rolls_out(fleet: Fleet, record_property: Record) -> None:
    before = fleet.uids()
    fleet.commit("Another word", changing={"env": {"WORD": "after"}})
    until("the answer", lambda: fleet.answers("changing") == ["after"] * 2, 120)
    record_property("measured", f"answers as committed after {fleet.since():.1f} s")
    assert {name for name, uids in fleet.uids().items() if uids != before[name]} == {
        "changing"
    }


def test_a_new_entry_is_installed(fleet: Fleet, record_property: Record) -> None:
    fleet.commit("One more", fresh={"env": {"WORD": "fresh"}})
    until("the answer", lambda: fleet.answers("fresh") == ["fresh"] * 2, 120)
    record_property("measured", f"answers {fleet.since():.1f} s after its commit")
    fleet.commit("And gone", fresh=None)
    until("its end", lambda: fleet.uid("deployment", "fresh") == "", 120)


def test_drift_is_healed(fleet: Fleet) -> None:
    before = fleet.uid("service", "steady")
    kubectl("delete", "service", "steady", f"--namespace={fleet.namespace}")
    until("the Service", lambda: fleet.uid("service", "steady") not in ("", before), 90)


def test_a_kind_that_the_role_lacks_is_named_and_works_once_it_is_there(
    fleet: Fleet, record_property: Record
) -> None:
    """The environment permits the kind, and nobody has applied its bootstrap file again."""
    further = {"extraKinds": [{"group": "coordination.k8s.io", "kind": "Lease"}]}
    say(fleet, further, serviceAccountName="robot")
    fleet.commit("One more object", changing={"extraObjects": [LEASE]})
    missing = 'resource "leases" in API group "coordination.k8s.io"'
    record_property("measured", refused(fleet, "changing", missing))
    assert fleet.answers("changing") == ["after"] * 2

    fleet.bootstrap(NAME)
    # The API server hears of a Role a moment after it is there.
    until("the right", lambda: may(fleet, "robot", "create", "leases"))
    again(fleet, "changing")
    took = until("the object", lambda: fleet.uid("lease", "extra") != "", 120)
    record_property(
        "measured", f"the object is there {took:.1f} s after it was asked for again"
    )
    until("Ready", lambda: ready(release(fleet, "changing"))[0] == "True", 120)


def refused(fleet: Fleet, name: str, words: str) -> str:
    """Waits until a release is not Ready and says these words; all that it says then."""
    said: list[str] = []

    def is_told() -> bool:
        status, message = ready(release(fleet, name))
        said.append(message)
        return status == "False" and words in message

    until(words, is_told, 120)
    return said[-1]


def may(
    fleet: Fleet, account: str, verb: str, resource: str, namespace: str = ""
) -> bool:
    """Whether an account of the fleet has a right, in the fleet's namespace or another."""
    where = f"--namespace={namespace or fleet.namespace}"
    user = f"--as=system:serviceaccount:{fleet.namespace}:{account}"
    ask = ["kubectl", "auth", "can-i", verb, resource, where, user]
    return run(["sh", "-c", '"$@" || true', "sh", *ask]).strip() == "yes"


def again(fleet: Fleet, name: str) -> None:
    """The command of the page by which a release is tried again."""
    (line,) = (each for each in commands("docs/flux.md") if "forceAt" in each)
    names = {"mnist-mlp": name, "triton-staging": fleet.namespace}
    for theirs, ours in names.items():
        line = line.replace(theirs, ours)
    run(["sh", "-euc", line])


def test_a_verb_that_the_role_lacks_is_named(
    fleet: Fleet, record_property: Record
) -> None:
    role = get(fleet.namespace, "role", f"acme-{NAME}")
    for rule in role["rules"]:
        if "deployments" in rule["resources"]:
            rule["verbs"].remove("patch")
    kubectl("replace", "--filename=-", given=[role])
    fleet.commit("A third word", steady={"env": {"WORD": "third"}})
    missing = 'cannot patch resource "deployments" in API group "apps"'
    record_property("measured", refused(fleet, "steady", missing))
    assert fleet.answers("steady") == ["steady"] * 2
    kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        f"--filename={fleet.git.tree}/deploy/bootstrap/{NAME}.yaml",
    )
    until("the right", lambda: may(fleet, "robot", "patch", "deployments"))
    again(fleet, "steady")
    until("the answer", lambda: fleet.answers("steady") == ["third"] * 2, 120)


def test_a_removed_entry_goes(fleet: Fleet, record_property: Record) -> None:
    fleet.commit("One less", changing=None)
    until("its end", lambda: fleet.uid("deployment", "changing") == "", 120)
    record_property("measured", f"gone after {fleet.since():.1f} s")
    until("its object's end", lambda: fleet.uid("lease", "extra") == "")


def test_no_account_reaches_further(fleet: Fleet) -> None:
    """Not to the other account's objects, not to other namespaces, and not to more rights."""

    asked = {
        f"{account} {verb} {resource}": may(fleet, account, verb, resource)
        for account in ("robot", "robot-root")
        for verb, resource in (
            ("create", "deployments.apps"),
            ("create", "helmreleases.helm.toolkit.fluxcd.io"),
            ("create", "rolebindings.rbac.authorization.k8s.io"),
            ("get", "secrets"),
        )
    }
    assert [each for each, is_allowed in asked.items() if is_allowed] == [
        "robot create deployments.apps",
        "robot get secrets",
        "robot-root create helmreleases.helm.toolkit.fluxcd.io",
    ]
    assert not may(fleet, "robot", "create", "configmaps", "default")


def test_the_role_names_resources_as_the_api_server_does() -> None:
    known = kubectl("api-resources", "--namespaced=true", "--output=name").split()
    named = {f"{resource_of(kind)}.{group}".rstrip(".") for group, kind in MADE}
    assert named - set(known) == set()
