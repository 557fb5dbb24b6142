"""What `tritonfleet diff` foretells of random edits, and what both engines and the API server make of them.

`make test-truth` tries 200 edits with each engine, ten to a commit; the tests of every change try 20. The table of
docs/review.md is what the first said.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.cluster.ground.applied import message, missing
from tests.cluster.ground.fleet import Fleet, rolled_out
from tests.cluster.ground.kubectl import Object, listed, until
from tests.truth.edits import Edit, draw, take_back
from tests.truth.foretold import Foretold, Named, foretold
from tests.truth.lists import Lists, first

EDITS = int(os.environ.get("TRUTH_EDITS", "20"))
SEED = os.environ.get("TRUTH_SEED", "1")
AT_ONCE = 10
PATIENCE = 600  # seconds for one commit, where a dozen servers start beside other work
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("flux", "argo")
]
Record = Callable[[str, object], None]
pytestmark = pytest.mark.usefixtures("definitions")

KINDS = ",".join(
    [
        "deployments",
        "services",
        "configmaps",
        "serviceaccounts",
        "networkpolicies",
        "poddisruptionbudgets",
        "horizontalpodautoscalers",
        "persistentvolumeclaims",
        "servicemonitors.monitoring.coreos.com",
        "prometheusrules.monitoring.coreos.com",
        "httproutes.gateway.networking.k8s.io",
    ]
)
RELEASE = re.compile(r"model-\d\d")
# What the API server and the engines write, and the labels of the chart's version.
NOT_SAID = {"status", "apiVersion"}
METADATA = ("labels", "annotations")
WRITTEN_BY_OTHERS = re.compile(
    r"helm\.sh/chart|app\.kubernetes\.io/managed-by|meta\.helm\.sh/|.*\.fluxcd\.io/|argocd\.argoproj\.io/"
    r"|deployment\.kubernetes\.io/|kubectl\.kubernetes\.io/"
)
REFUSAL = re.compile("immutable|may not change|[Ff]orbidden")


@dataclass(frozen=True)
class Seen:
    """What is in the environment's namespace, by release."""

    pods: Mapping[str, list[str]]
    """UIDs of the pods that are not about to end."""
    objects: Mapping[str, Mapping[Named, Object]]


@dataclass
class Course:
    """A fleet on its way through random edits, and what was seen of them."""

    fleet: Fleet
    lists: Lists
    random: Random
    seen: Seen = field(default_factory=lambda: Seen({}, {}))
    commit: str = ""
    suspended_at: dict[str, str] = field(default_factory=dict)
    """The last commit before each suspended release was so."""
    undecided: set[str] = field(default_factory=set)
    """Suspended releases of which nobody knows what was done before."""
    refused: list[Edit] = field(default_factory=list)
    """Of the last commit; the next takes them back."""
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(params=ENGINES)
def course(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Course]:
    """A fleet whose first commit is rolled out."""
    name = request.param
    for fleet in rolled_out(name, tmp_path_factory.mktemp(name)):
        made = Course(fleet, first(name), Random(f"{SEED} {name}"))
        made.lists.write(fleet.git.tree)
        fleet.generate()
        made.commit = fleet.git.commit("The fleet")
        fleet.bootstrap(name)
        _wait(made, kept=set())
        made.seen = _see(fleet)
        yield made


def test_what_is_foretold_happens(
    course: Course, tmp_path: Path, record_property: Record
) -> None:
    for number in range(EDITS // AT_ONCE):
        _commit_of_edits(course, number, tmp_path / "tried")
    record_property("measured", f"{course.fleet.name}: {dict(course.counts)}")
    for words in course.wrong:
        print(words)
    assert course.wrong == []


def _commit_of_edits(course: Course, number: int, tried: Path) -> None:
    fleet, root = course.fleet, course.fleet.git.tree

    # 1. What was refused is taken back, and ten edits are drawn.
    unsure = {edit.target for edit in course.refused} | course.undecided
    for edit in course.refused:
        take_back(course.lists, edit)
    course.lists, edits = draw(course.random, course.lists, AT_ONCE, tried)
    course.refused = [edit for edit in edits if edit.kind == "refused"]
    course.lists.write(root)

    # 2. What is foretold. Of a release that is no longer suspended, what came in the meantime comes with it.
    said = foretold(root, "HEAD")
    course.undecided |= {model for model, each in said.items() if each.undecided}
    course.undecided &= _suspended(course.lists)
    course.counts["undecided"] += sum(each.undecided for each in said.values())
    unsure |= course.undecided
    resumed = course.suspended_at.keys() - _suspended(course.lists)
    for model in sorted(resumed):
        whole = foretold(root, course.suspended_at.pop(model))
        said[model] = whole.get(model, said[model])
    for model in _suspended(course.lists):
        course.suspended_at.setdefault(model, course.commit)

    # 3. What the engine makes of it.
    fleet.generate()
    course.commit = fleet.git.commit(f"Ten edits, for the {number + 1}. time")
    fleet.look()
    kept = {model for model, each in said.items() if each.refused}
    for model in kept:
        _judge_refusal(course, model, said[model])
    seconds = _wait(course, kept)
    seen = _see(fleet)

    # 4. The two side by side.
    course.counts.update(edits=len(edits), commits=1, seconds=round(seconds))
    told = f" after {'; '.join(map(str, edits))}"
    for model in sorted({*course.seen.objects, *seen.objects}):
        if model not in kept | unsure:
            for words in _judged(course, model, said.get(model), seen):
                course.wrong.append(f"{fleet.name} commit {number}: {words}{told}")
    course.seen = seen
    print(f"{fleet.name}: {dict(course.counts)}")


def _suspended(lists: Lists) -> set[str]:
    return {name for name, entry in lists.entries.items() if entry.get("suspend")}


def _judge_refusal(course: Course, model: str, said: Foretold) -> None:
    """A refusal is foretold, and the engine tells of one that names the object."""
    course.counts["refusals foretold"] += 1
    what = f"the refusal of {model}"
    try:
        until(what, lambda: _tells(course, model, said), PATIENCE, every=2)
    except AssertionError as late:
        words = message(course.fleet, model)
        raise AssertionError(f"{late}; the engine says {words!r}") from None
    course.counts["refusals told"] += 1


def _tells(course: Course, model: str, said: Foretold) -> bool:
    words = message(course.fleet, model)
    return bool(REFUSAL.search(words)) and any(
        each.name in words for each in said.refused
    )


def _wait(course: Course, kept: set[str]) -> float:
    """Until the engine has done what the commit says; `kept` are releases that it cannot roll out."""
    suspended = _suspended(course.lists)
    releases = {name: name not in kept | suspended for name in course.lists.entries}
    fleet = course.fleet
    last = [""]

    def done() -> bool:
        last[0] = missing(fleet, course.commit, course.lists.version, releases)
        if last[0] and fleet.name == "argo":
            fleet.look()  # a wish that comes while one is under way is lost
        return not last[0]

    try:
        return until("the commit", done, PATIENCE, every=3)
    except AssertionError as late:
        raise AssertionError(f"{late}: {last[0]}") from None


def _see(fleet: Fleet) -> Seen:
    objects: dict[str, dict[Named, Object]] = {}
    for each in listed(fleet.namespace, KINDS):
        name = each["metadata"]["name"]
        release = RELEASE.search(name)
        if release and not name.endswith("-values"):  # the ConfigMap that Flux reads
            own = objects.setdefault(release[0], {})
            own[Named(each["kind"], name)] = _said(each)
    return Seen(fleet.uids(), objects)


def _said(manifest: Object) -> Object:
    """What the chart may have said of an object, and its UID."""
    metadata = manifest["metadata"]
    words = {
        kind: {
            key: value
            for key, value in metadata.get(kind, {}).items()
            if not WRITTEN_BY_OTHERS.match(key)
        }
        for kind in METADATA
    }
    rest = {key: value for key, value in manifest.items() if key not in NOT_SAID}
    return {**rest, "metadata": {"uid": metadata["uid"], **words}}


def _judged(
    course: Course, model: str, said: Foretold | None, seen: Seen
) -> Iterator[str]:
    """Where a release did not become what was foretold."""
    foretells = bool(said and said.restarts)
    happens = _restarted(course.seen.pods.get(model, []), seen.pods.get(model, []))
    course.counts.update({"restarts foretold": foretells, "restarts": happens})
    if foretells != happens:
        course.counts["restarts otherwise"] += 1
        yield f"{model} restarts: foretold {foretells}, seen {happens}"

    objects = dict(said.objects) if said and not said.suspended else {}
    differ = _differing(course.seen.objects.get(model, {}), seen.objects.get(model, {}))
    course.counts.update({"objects foretold": len(objects), "objects": len(differ)})
    if objects != differ:
        course.counts["objects otherwise"] += 1
        odd = dict(objects.items() ^ differ.items())
        yield f"{model} objects: not both foretold and seen {odd}"


def _restarted(before: list[str], after: list[str]) -> bool:
    return bool(before and after and not set(before) & set(after))


def _differing(
    before: Mapping[Named, Object], after: Mapping[Named, Object]
) -> dict[Named, str]:
    made = dict.fromkeys(after.keys() - before.keys(), "made")
    removed = dict.fromkeys(before.keys() - after.keys(), "removed")
    both = before.keys() & after.keys()
    changed = {key: "changed" for key in both if before[key] != after[key]}
    return {**made, **removed, **changed}
