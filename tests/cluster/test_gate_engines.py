"""A model that answers wrongly, with both engines: what the gate keeps from traffic, and what the test after it finds.

Each test begins where the one before ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import yaml

from tests.cluster.ground.fleet import Fleet, rolled_out
from tests.cluster.ground.kubectl import (
    SMALL,
    Object,
    Refused,
    get,
    in_client,
    listed,
    until,
)
from tests.cluster.test_gate import BODY, asked

Record = Callable[[str, object], None]
SAYS = """
import http.client, json, sys
connection = http.client.HTTPConnection(sys.argv[1], 8000, timeout=10)
connection.request("POST", "/v2/models/asked/infer", sys.argv[2])
print(json.load(connection.getresponse())["outputs"][0]["data"][0])
"""
# They share the engines' ports with the fleets of the history.
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("flux", "argo")
]
pytestmark = pytest.mark.usefixtures("definitions", "client")


@pytest.fixture(scope="module", params=ENGINES)
def fleet(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """One release, `asked`, which is tested after each rollout."""
    name = request.param
    for made in rolled_out(name, tmp_path_factory.mktemp(name)):
        values = made.git.tree / "values"
        (values / "environments" / f"{name}-next.yaml").unlink()
        other = "argo" if name == "flux" else "flux"
        for path in values.glob(f"environments/{other}*.yaml"):
            path.unlink()
        models = [{"name": "asked", **said(42)}]
        (values / "models" / "models.yaml").write_text(
            yaml.safe_dump({"models": models})
        )
        made.generate()
        made.git.commit("The fleet")
        made.bootstrap(name)
        yield made
        end(made)


def end(fleet: Fleet) -> None:
    """Argo CD deletes nothing while a sync is tried again."""
    fleet.commit("It answers rightly again", asked=said(42))
    until("the sync's end", lambda: "Running" not in verdict(fleet), seconds=300)


def said(says: int, *, waits: bool = False, after: bool = True) -> Object:
    """Values of a model that answers `says`, where 42 is right."""
    values = asked(says)
    startup = {**SMALL["startup"], "inference": waits}
    return {
        **values,
        "startup": startup,
        "test": {**values["test"], "afterSync": after},
    }


def answer(fleet: Fleet) -> str:
    try:
        return in_client(SAYS, f"asked.{fleet.namespace}", BODY).strip()
    except Refused as words:
        return str(words)


def verdict(fleet: Fleet) -> str:
    """What the engine says of the rollout and its test."""
    try:
        if fleet.name == "argo":
            state = get("argocd", "application", "argo-asked")["status"][
                "operationState"
            ]
            tries = state.get("retryCount", 0)
            return f"{state['phase']} {tries} {state.get('message', '')}"
        found = get(fleet.namespace, "helmrelease", "asked")["status"]
        words = {each["type"]: each["reason"] for each in found["conditions"]}
        return " ".join(f"{kind}={reason}" for kind, reason in sorted(words.items()))
    except (Refused, KeyError):
        return ""


def test_a_right_answer_is_found(fleet: Fleet, record_property: Record) -> None:
    wish = {"flux": "TestSuccess=TestSucceeded", "argo": "Succeeded"}[fleet.name]
    until("the verdict", lambda: wish in verdict(fleet), seconds=180)
    record_property("measured", f"{fleet.name}: {verdict(fleet)}")
    assert answer(fleet) == "42"
    [job] = listed(fleet.namespace, "jobs")
    assert job["status"]["succeeded"] == 1


def test_a_wrong_answer_is_found_after_the_rollout(
    fleet: Fleet, record_property: Record
) -> None:
    """Flux goes back by itself; with Argo CD the new pods serve on, and the sync has failed."""
    fleet.commit("It answers wrongly", asked=said(41))
    until("the wrong answer", lambda: answer(fleet) == "41", seconds=180)
    wish = {"flux": "Remediated=RollbackSucceeded", "argo": "unsuccessfully"}[
        fleet.name
    ]
    until("the verdict", lambda: wish in verdict(fleet), seconds=240)
    record_property(
        "measured", f"{fleet.name} after {fleet.since():.0f} s: {verdict(fleet)}"
    )
    right = {"flux": "42", "argo": "41"}[fleet.name]
    until("who serves", lambda: answer(fleet) == right, seconds=60)


def test_the_gate_keeps_a_wrong_model_from_traffic(
    fleet: Fleet, record_property: Record
) -> None:
    """Pods surge: the old one serves on, whatever the engine does with the new one."""
    fleet.commit(
        "It answers rightly, and waits", asked=said(42, waits=True, after=False)
    )
    until("the right answer", lambda: answer(fleet) == "42", seconds=240)
    until("the rollout", lambda: fleet.settled("asked"), seconds=120)
    fleet.commit("It answers wrongly", asked=said(41, waits=True, after=False))
    until("the event", lambda: wrong(fleet), seconds=120)
    answers = set()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answers.add(answer(fleet))
    record_property("measured", f"{fleet.name}: {verdict(fleet)}")
    assert answers == {"42"}


def wrong(fleet: Fleet) -> bool:
    events = listed(fleet.namespace, "events")
    return any("Startup probe failed: Wrong" in each["message"] for each in events)
