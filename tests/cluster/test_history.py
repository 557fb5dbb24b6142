"""A fleet's history from its bootstrap file on: what a commit changes, and what nothing may change.

Each test begins where the one before ended; Flux and Argo CD go through all of them side by side.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.ground import engines
from tests.cluster.ground.fleet import Fleet, rolled_out
from tests.cluster.ground.kubectl import (
    get,
    in_client,
    kubectl,
    listed,
    pods,
    run,
    until,
)
from tests.cluster.ground.sandbox import ROOT
from tests.pages import commands

LOAD = (Path(__file__).parent / "ground" / "load.py").read_text()
REGISTRIES = {"flux": 5005, "argo": 5006}
Record = Callable[[str, object], None]
# The tests of one engine stay with one worker, in their order.
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("flux", "argo")
]


@pytest.fixture(scope="module", params=ENGINES)
def fleet(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    yield from rolled_out(request.param, tmp_path_factory.mktemp(request.param))


pytestmark = pytest.mark.usefixtures("definitions", "client")


def test_from_its_bootstrap_file_to_ready(
    fleet: Fleet, record_property: Record
) -> None:
    fleet.generate()
    fleet.git.commit("The fleet")
    fleet.bootstrap(fleet.name)
    names = ["steady", "changing", "slow", "scaled", "several", "removed"]
    took = until(
        "every release Ready", lambda: all(map(fleet.settled, names)), seconds=120
    )
    record_property(
        "measured",
        f"six releases Ready after {took:.1f} s, of which the slowest model loads 6",
    )
    assert {name: fleet.answers(name) for name in names} == {
        name: [{"changing": "before"}.get(name, name)] * 2 for name in names
    }


def test_the_commands_of_the_engines_page_tell_where_it_stands(fleet: Fleet) -> None:
    said = {line: _run(fleet, line) for line in _page(fleet) if " delete " not in line}
    assert {line for line, words in said.items() if not words.strip()} == set()


def _page(fleet: Fleet) -> list[str]:
    """The commands of the engine's page, with the names of this fleet instead of the example's."""
    name, environment = {"argo": ("argocd", "dev"), "flux": ("flux", "staging")}[
        fleet.name
    ]
    names = {
        f"bootstrap/{environment}.yaml": f"bootstrap/{fleet.name}.yaml",
        f"acme-{environment}": f"acme-{fleet.name}",
        f"triton-{environment}": fleet.namespace,
        f"{environment}-mnist-mlp": f"{fleet.name}-steady",
        "mnist-mlp": "steady",
    }
    either = re.compile("|".join(map(re.escape, names)))
    return [
        either.sub(lambda match: names[match[0]], line)
        for line in commands(f"docs/{name}.md")
    ]


def _run(fleet: Fleet, line: str) -> str:
    """What a line of shell prints in the repository's directory. Raises Refused."""
    return run(["sh", "-euc", f"cd '{fleet.git.tree}'; {line}"])


def test_a_commit_rolls_its_model_and_no_other(
    fleet: Fleet, record_property: Record
) -> None:
    before = fleet.uids()
    fleet.commit("Another word", changing={"env": {"WORD": "after"}})
    until("the answer", lambda: fleet.answers("changing") == ["after"] * 2, seconds=90)
    until("the rollout", lambda: fleet.settled("changing"))
    record_property("measured", f"answers as committed after {fleet.since():.1f} s")
    after = fleet.uids()
    assert {name for name in before if before[name] != after[name]} == {"changing"}


def test_drift_is_healed(fleet: Fleet, record_property: Record) -> None:
    before = get(fleet.namespace, "service", "steady")["metadata"]["uid"]
    kubectl(
        "delete", "service", "steady", f"--namespace={fleet.namespace}", "--wait=false"
    )
    fleet.look()
    took = until(
        "the Service",
        lambda: fleet.uid("service", "steady") not in ("", before),
        seconds=90,
    )
    record_property("measured", f"healed after {took:.1f} s")
    until("the answer", lambda: fleet.answers("steady") == ["steady"] * 2)


def test_routes_stay_as_they_are(fleet: Fleet) -> None:
    """Gateway API fills in what a route leaves out, and no engine takes that for somebody else's change."""
    host = f"{fleet.name}.example.com"
    of_http = {**_route(), "hostnames": [host]}
    of_grpc = {**_route(), "hostnames": [f"grpc.{host}"]}
    fleet.commit("Routes", steady={"httpRoute": of_http, "grpcRoute": of_grpc})
    until("the routes", lambda: all(_routes(fleet)), seconds=90)
    before = _routes(fleet)
    states = set()
    for _ in range(3):
        fleet.look()
        time.sleep(5)
        states.add(_synced(fleet, "steady"))
    if fleet.name == "argo":
        engines.refresh_argo_cd("argo-steady", how="hard")
        time.sleep(5)
    states.add(_synced(fleet, "steady"))
    assert (states, _routes(fleet)) == ({True}, before)


def _route() -> dict[str, Any]:
    return {"enabled": True, "parentRefs": [{"name": "models"}]}


def _routes(fleet: Fleet) -> list[str]:
    """The versions that the API server counts of both routes of `steady`; "" for one that is not there."""
    kinds = ("httproutes", "grpcroutes")
    routes = [listed(fleet.namespace, kind) for kind in kinds]
    return [
        "".join(each["metadata"]["resourceVersion"] for each in some) for some in routes
    ]


def _synced(fleet: Fleet, name: str) -> bool:
    """Whether the engine sees no difference between Git and the cluster."""
    if fleet.name == "flux":
        release: Any = get(fleet.namespace, "helmrelease", name)
        conditions = release["status"]["conditions"]
        return ("Ready", "True") in {(c["type"], c["status"]) for c in conditions}
    application: Any = get("argocd", "application", f"argo-{name}")
    return bool(application["status"]["sync"]["status"] == "Synced")


def test_the_replicas_of_an_autoscaler_are_not(fleet: Fleet) -> None:
    kubectl(
        "scale", "deployment/scaled", "--replicas=2", f"--namespace={fleet.namespace}"
    )
    fleet.commit("A comment of another model", steady={"owner": {"team": "a"}})
    until(
        "the commit",
        lambda: (
            "a"
            in get(fleet.namespace, "deployment", "steady")["metadata"][
                "labels"
            ].values()
        ),
        90,
    )
    fleet.look()
    time.sleep(5)
    assert get(fleet.namespace, "deployment", "scaled")["spec"]["replicas"] == 2


def test_a_removed_entry_goes_and_its_claim_stays(
    fleet: Fleet, record_property: Record
) -> None:
    claim = fleet.uid("persistentvolumeclaims", "removed-models")
    fleet.commit("One less", removed=None)
    until(
        "its end",
        lambda: "removed" not in listed_names(fleet, "deployments"),
        seconds=90,
    )
    record_property("measured", f"gone after {fleet.since():.1f} s")
    until("its pods' end", lambda: pods(fleet.namespace, "removed") == [])
    assert claim
    assert fleet.uid("persistentvolumeclaims", "removed-models") == claim


def test_a_model_that_cannot_load_harms_nobody(
    fleet: Fleet, record_property: Record
) -> None:
    before = fleet.uids()
    fleet.commit("Broken", changing={"env": {"WORD": "broken", "FAILS": "load"}})
    if fleet.name == "flux":
        until(
            "its rollback",
            lambda: _condition(fleet, "Remediated") == "True",
            seconds=240,
        )
        record_property("measured", f"rolled back after {fleet.since():.1f} s")
    else:
        until("Degraded", lambda: _health(fleet) == "Degraded", seconds=240)
        record_property("measured", f"Degraded after {fleet.since():.1f} s")
    assert fleet.answers("changing") == ["after"] * 2
    after = fleet.uids()
    assert {name: after[name] for name in before if name != "changing"} == {
        name: before[name] for name in before if name != "changing"
    }
    assert set(before["changing"]) <= set(after["changing"])
    fleet.commit("Mended", changing={"env": {"WORD": "mended"}})
    until(
        "the answer", lambda: fleet.answers("changing") == ["mended"] * 2, seconds=120
    )
    record_property("measured", f"mended {fleet.since():.1f} s after the next commit")


def _condition(fleet: Fleet, kind: str) -> str:
    conditions = (
        get(fleet.namespace, "helmrelease", "changing")
        .get("status", {})
        .get("conditions", [])
    )
    return str({each["type"]: each["status"] for each in conditions}.get(kind))


def _health(fleet: Fleet) -> str:
    application: Any = get("argocd", "application", f"{fleet.name}-changing")
    return str(application.get("status", {}).get("health", {}).get("status"))


def test_suspended_is_left_alone(fleet: Fleet) -> None:
    fleet.commit("Hands off", steady={"suspend": True})
    until("the engine's word", lambda: _suspended(fleet, "steady"))
    kubectl(
        "set",
        "env",
        "deployment/steady",
        "WORD=by-hand",
        f"--namespace={fleet.namespace}",
    )
    until("the rollout", lambda: fleet.settled("steady"))
    fleet.look()
    time.sleep(10)
    assert fleet.answers("steady") == ["by-hand"] * 2
    fleet.commit("Hands on", steady={"suspend": False})
    until(
        "the word of the commit",
        lambda: fleet.answers("steady") == ["steady"] * 2,
        seconds=150,
    )


def _suspended(fleet: Fleet, name: str) -> bool:
    if fleet.name == "flux":
        return bool(get(fleet.namespace, "helmrelease", name)["spec"].get("suspend"))
    return (
        "automated"
        not in get("argocd", "application", f"{fleet.name}-{name}")["spec"][
            "syncPolicy"
        ]
    )


@pytest.mark.parametrize("scaled_by_hand", [False, True])
def test_the_switch_to_an_autoscaler_and_back(
    fleet: Fleet, scaled_by_hand: bool, record_property: Record
) -> None:
    """Under load. The engine gives `replicas` up and the API server sets 1, unless somebody else has set it, too."""
    if not scaled_by_hand:
        fleet.commit("Three pods", changing={"replicas": 3})
    until(
        "three pods",
        lambda: fleet.settled("changing") and _replicas(fleet) == (3, 3),
        seconds=120,
    )
    with ThreadPoolExecutor(1) as pool, _watched(fleet) as seen:
        asking = pool.submit(
            in_client, LOAD, f"changing.{fleet.namespace}", "60", timeout=150
        )
        if scaled_by_hand:
            fleet.commit("Hands off", changing={"suspend": True})
            until("the engine's word", lambda: _suspended(fleet, "changing"))
            kubectl(
                "scale",
                "deployment/changing",
                "--replicas=4",
                f"--namespace={fleet.namespace}",
            )
            until("four pods", lambda: _replicas(fleet) == (4, 4))
        scaling = {
            "enabled": True,
            "minReplicas": 3,
            "maxReplicas": 4,
            "target": {"cpu": 80},
        }
        fleet.commit(
            "To an autoscaler", changing={"autoscaling": scaling, "suspend": False}
        )
        until(
            "its pods",
            lambda: _has_autoscaler(fleet) and _replicas(fleet) in ((3, 3), (4, 4)),
            seconds=120,
        )
        again = fleet.since()
        fleet.commit("And back", changing={"autoscaling": {"enabled": False}})
        until(
            "its end",
            lambda: not _has_autoscaler(fleet) and _replicas(fleet) == (3, 3),
            seconds=120,
        )
        reports = json.loads(asking.result())
    said = {
        name: f"{len(report['failures'])} of {report['requests']}"
        for name, report in reports.items()
    }
    states = ", ".join(f"{ready} of {wanted}" for wanted, ready in seen)
    record_property(
        "measured",
        f"pods ready: {states}; as committed after {again:.1f} s; failed: {said}",
    )
    assert (reports["new"]["failures"], reports["grpc"]["failures"]) == ([], [])
    if scaled_by_hand:
        assert min(ready for _, ready in seen) == 3


def _replicas(fleet: Fleet) -> tuple[int, int]:
    """How many Pods of `changing` are wanted, and how many are Ready."""
    deployment = get(fleet.namespace, "deployment", "changing")
    return deployment["spec"]["replicas"], deployment["status"].get("readyReplicas", 0)


def _has_autoscaler(fleet: Fleet) -> bool:
    return "changing" in listed_names(fleet, "horizontalpodautoscalers")


@contextmanager
def _watched(fleet: Fleet) -> Iterator[list[tuple[int, int]]]:
    """Every change of `_replicas` between the two ends; the list is filled at the second."""
    seen: list[tuple[int, int]] = []
    state = "jsonpath={.spec.replicas} {.status.readyReplicas}{'\\n'}"
    command = [
        "kubectl",
        "get",
        "deployment/changing",
        f"--namespace={fleet.namespace}",
        "--watch",
        "--output",
        state,
    ]
    env = {**os.environ, "KUBECONFIG": os.environ["CLUSTER_KUBECONFIG"]}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as watch:
        try:
            yield seen
        finally:
            watch.terminate()
            assert watch.stdout is not None
            for line in watch.stdout:
                wanted, ready = (*line.split(), "0")[:2]
                if [(int(wanted), int(ready))] != seen[-1:]:
                    seen.append((int(wanted), int(ready)))


def test_the_engines_restart_loses_nothing(fleet: Fleet) -> None:
    before = fleet.uids()
    fleet.engine.stop()
    fleet.start(fleet.engine)
    fleet.look()
    time.sleep(20)
    assert fleet.uids() == before


def chart_of(namespace: str) -> str:
    """The chart that its Deployment `steady` was made by."""
    return str(
        get(namespace, "deployment", "steady")["metadata"]["labels"]["helm.sh/chart"]
    )


def another_chart(fleet: Fleet, name: str, version: str) -> Path:
    """Today's chart beside the one in use, with another version."""
    place = fleet.git.tree / "charts" / name
    shutil.copytree(ROOT / "charts" / "triton", place, dirs_exist_ok=True)
    file = place / "Chart.yaml"
    file.write_text(
        re.sub(r"(?m)^version: .*$", f"version: {version}", file.read_text())
    )
    return place


def test_a_new_chart_reaches_one_environment_and_restarts_nothing(
    fleet: Fleet, record_property: Record
) -> None:
    """From a second directory of the repository. No chart has been released yet, so the older one is today's, too."""
    fleet.bootstrap(f"{fleet.name}-next")
    until(
        "the second environment", lambda: fleet.settled("steady", "-next"), seconds=120
    )
    before, pods_before = chart_of(fleet.namespace), (fleet.uids(), fleet.uids("-next"))
    another_chart(fleet, "triton-next", "0.1.1-next")
    fleet.promote("The next chart for one environment", {"path": "charts/triton-next"})
    until(
        "the new chart",
        lambda: chart_of(f"{fleet.namespace}-next") == "triton-0.1.1-next",
        seconds=120,
    )
    record_property("measured", f"its objects say so after {fleet.since():.1f} s")
    assert (chart_of(fleet.namespace), (fleet.uids(), fleet.uids("-next"))) == (
        before,
        pods_before,
    )


def test_a_chart_from_a_registry_does_the_same(
    fleet: Fleet, tmp_path: Path, record_property: Record
) -> None:
    before, pods_before = chart_of(fleet.namespace), (fleet.uids(), fleet.uids("-next"))
    place = another_chart(fleet, "triton-published", "0.1.2-next")
    with engines.registry(tmp_path, REGISTRIES[fleet.name]) as address:
        digest = engines.push_chart(place, address, tmp_path)
        chart = {
            "oci": f"oci://{address}/charts/triton",
            "version": "0.1.2-next",
            "digest": digest,
        }
        fleet.promote(
            "The next chart from the registry",
            {**chart, "copy": "charts/triton-published"},
        )
        if fleet.name == "argo":
            fleet.bootstrap("argo-next")  # its project permits the registry from now on
            engines.permit_registry(address)
            fleet.look("-next")
        # Flux adds the digest to the version of a chart from a registry.
        new = (
            "triton-0.1.2-next",
            f"triton-0.1.2-next_{digest.removeprefix('sha256:')[:12]}",
        )
        until(
            "the new chart",
            lambda: chart_of(f"{fleet.namespace}-next") in new,
            seconds=120,
        )
    record_property("measured", f"its objects say so after {fleet.since():.1f} s")
    assert (chart_of(fleet.namespace), (fleet.uids(), fleet.uids("-next"))) == (
        before,
        pods_before,
    )


def test_an_emptied_tree_and_a_lost_repository_remove_nothing(fleet: Fleet) -> None:
    before = fleet.uids()
    fleet.git.git("rm", "-r", "--quiet", f"deploy/{fleet.name}")
    fleet.git.commit("Nothing left")
    fleet.look()
    time.sleep(15)
    assert fleet.uids() == before
    fleet.git.git("revert", "--no-edit", "HEAD")
    fleet.git.git("push", "--quiet", "origin", "main")
    bare = fleet.git.tree.parent / "fleet.git"
    bare.rename(bare.with_suffix(".lost"))
    fleet.look()
    time.sleep(15)
    assert fleet.uids() == before
    bare.with_suffix(".lost").rename(bare)
    fleet.commit("Back again", changing={"env": {"WORD": "again"}})
    until("the answer", lambda: fleet.answers("changing") == ["again"] * 2, seconds=150)
    until("the rollout", lambda: fleet.settled("changing"))
    assert {name for name, uids in fleet.uids().items() if uids != before[name]} == {
        "changing"
    }


def test_an_environment_is_taken_away_by_hand_and_its_claims_stay(fleet: Fleet) -> None:
    """By the page's commands. It is the end of the history: nothing of the environment is left."""
    claim = fleet.uid("persistentvolumeclaims", "removed-models")
    for line in _page(fleet):
        if " delete " in line:
            _run(fleet, line)
    until("the pods' end", lambda: fleet.uids() == {}, seconds=90)
    assert listed_names(fleet, "deployments") == set()
    assert claim
    assert fleet.uid("persistentvolumeclaims", "removed-models") == claim


def listed_names(fleet: Fleet, kind: str) -> set[str]:
    return {each["metadata"]["name"] for each in listed(fleet.namespace, kind)}
