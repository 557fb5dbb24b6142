"""Weights that a Job brings, with both engines: pods wait for it, and so does the engine.

Each test begins where the one before ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
import yaml

from tests.cluster.ground.fleet import Fleet, rolled_out
from tests.cluster.ground.kubectl import Object, Refused, answer, get, listed, until
from tests.cluster.test_llm import (
    ANSWERS,
    CLIENT,
    PROMPT,
    bring_backend,
    downloads,
    serving_store,
    shared_volume,
    values,
)

Record = Callable[[str, object], None]
# They share the engines' ports with the fleets of the history.
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("flux", "argo")
]
pytestmark = pytest.mark.usefixtures("definitions", "client")


class Case(NamedTuple):
    """A fleet with one release, `rel`: the language model of test_llm.py."""

    fleet: Fleet
    store: str
    """The namespace of the store that has the weights."""


@pytest.fixture(scope="module", params=ENGINES)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Case]:
    name = request.param
    for made in rolled_out(name, tmp_path_factory.mktemp(name)):
        with serving_store() as store, shared_volume(made.namespace):
            lists(made, store)
            made.generate()
            made.git.commit("The fleet")
            made.bootstrap(name)
            bring_backend(made.namespace)
            yield Case(made, store)


def lists(fleet: Fleet, store: str) -> None:
    """One environment and one entry."""
    directory = fleet.git.tree / "values"
    for path in directory.glob("environments/*.yaml"):
        if path.stem != fleet.name:
            path.unlink()
    models = [{"name": "rel", **entry(store)}]
    (directory / "models" / "models.yaml").write_text(
        yaml.safe_dump({"models": models})
    )


def entry(store: str, **engine: object) -> Object:
    """Without the model that the fleet's defaults have."""
    said = values(store, **engine)
    return {**said, "repository": {"configMap": None, **said["repository"]}}


def serves(fleet: Fleet) -> bool:
    return answer(CLIENT, f"rel.{fleet.namespace}", PROMPT) == json.dumps(ANSWERS)


def state(fleet: Fleet) -> str:
    """What the engine says of the release."""
    try:
        if fleet.name == "argo":
            found = get("argocd", "application", "argo-rel")["status"]
            return f"{found['sync']['status']} {found['health']['status']}"
        found = get(fleet.namespace, "helmrelease", "rel")["status"]
        return " ".join(
            f"{each['type']}={each['status']}/{each['reason']}"
            for each in found["conditions"]
        )
    except (Refused, KeyError) as words:
        return str(words)


FINE = {"flux": "Ready=True", "argo": "Synced Healthy"}
BROKEN = {"flux": "RollbackSucceeded", "argo": "Degraded"}


def test_the_engine_waits_until_the_weights_are_there(
    case: Case, record_property: Record
) -> None:
    fleet, store = case
    until("the engine's word", lambda: FINE[fleet.name] in state(fleet), seconds=240)
    record_property("measured", f"{fleet.name}: {state(fleet)}")
    until("the answers", lambda: serves(fleet), seconds=30)
    assert (downloads(store), len(jobs(fleet))) == (1, 1)


def test_a_version_that_is_not_there_leaves_the_old_pods(
    case: Case, record_property: Record
) -> None:
    fleet, store = case
    fleet.commit("A version that nobody has", rel=entry(store, model="Qwen/Nothing"))
    until("the engine's word", lambda: BROKEN[fleet.name] in state(fleet), seconds=300)
    took = f"{fleet.name} after {fleet.since():.0f} s"
    record_property("measured", f"{took}: {state(fleet)}")
    assert serves(fleet)


def test_the_version_before_asks_for_nothing(case: Case) -> None:
    fleet, store = case
    fleet.commit("The version before", rel=entry(store))
    until("the engine's word", lambda: FINE[fleet.name] in state(fleet), seconds=300)
    until("the rollout", lambda: fleet.settled("rel"), seconds=120)
    assert serves(fleet)
    assert (downloads(store), len(jobs(fleet))) == (1, 1)


def jobs(fleet: Fleet) -> list[Object]:
    return listed(fleet.namespace, "jobs")
