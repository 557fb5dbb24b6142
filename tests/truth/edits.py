"""Random edits as people make them: values of entries and patches, profiles, defaults, charts, removals, suspensions.

Each is drawn from a seed, so that a failure can be run again: TRUTH_SEED says which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chart.helm import merged
from tests.generator.fleets import checked
from tests.truth.lists import MODELS, PROFILES, TEMPLATES, Lists, Object
from tritonfleet.problem import Invalid

MOST_REMOVED = 2  # `generate` takes no more away in one commit without a word
ROUTE = {"enabled": True, "parentRefs": [{"name": "models"}], "hostnames": ["a.test"]}
TARGET = {"target": {"cpu": 80}, "minReplicas": 1, "maxReplicas": 2}
NOTE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "note-{}"}}

# What one edit says of a release, or of all releases of a profile or an environment. Some restart pods, some change
# other objects, some change the engine's objects alone, and some say the same in other words.
VALUES: dict[str, list[Object]] = {
    "env": [{"env": {"WORD": word}} for word in ("second", "third")],
    "modelVersion": [{"modelVersion": number} for number in ("1", "2")],
    "replicas": [{"replicas": 2}, {"replicas": 1}],
    "autoscaling": [{"autoscaling": {"enabled": True, **TARGET}}],
    "no autoscaling": [{"autoscaling": {"enabled": False}}],
    "cpu": [{"resources": {"requests": {"cpu": cpu}}} for cpu in ("0.02", "21m")],
    "memory": [
        {"resources": {"limits": {"memory": memory}}} for memory in ("1024Mi", "900Mi")
    ],
    "drain": [{"shutdown": {"drain": drain}} for drain in ("5s", "4s")],
    "startup": [{"startup": {"timeout": timeout}} for timeout in ("5m", "240s")],
    "log": [{"server": {"log": {"verbose": verbose}}} for verbose in (1, 0)],
    "threads": [{"http": {"threads": threads}} for threads in (4, 8)],
    "metrics": [{"metrics": {"interval": interval}} for interval in ("3s", "2000ms")],
    "http.port": [{"http": {"port": 8080}}, {"http": {"port": 8000}}],
    "podLabels": [{"podLabels": {"stage": stage}} for stage in ("one", "two")],
    "podAnnotations": [{"podAnnotations": {"note": note}} for note in ("one", "two")],
    "owner": [{"owner": {"team": team}} for team in ("vision", "nlp")],
    "gitops": [{"gitops": {"labels": {"tier": tier}}} for tier in ("gold", "silver")],
    "service": [{"service": {"annotations": {"note": note}}} for note in ("a", "b")],
    "affinity": [{"service": {"sessionAffinity": way}} for way in ("ClientIP", "None")],
    "budget": [{"podDisruptionBudget": {"enabled": on}} for on in (False, True)],
    "policy": [{"networkPolicy": {"enabled": on}} for on in (False, True)],
    "rollout": [{"rollout": way} for way in ("surge", "replace", "auto")],
    "monitor": [{"serviceMonitor": {"enabled": on}} for on in (True, False)],
    "dashboard": [{"dashboard": {"enabled": on}} for on in (True, False)],
    "rules": [{"prometheusRule": {"enabled": on}} for on in (True, False)],
    "route": [{"httpRoute": ROUTE}, {"httpRoute": {**ROUTE, "hostnames": ["b.test"]}}],
    "account": [{"serviceAccount": {"annotations": {"note": n}}} for n in ("a", "b")],
    "node": [{"nodeSelector": {"kubernetes.io/os": "linux"}}],
    "toleration": [{"tolerations": [{"key": "models", "operator": "Exists"}]}],
    "scratch": [{"scratch": {"size": size}} for size in ("65536Ki", "72Mi")],
    "history": [{"revisionHistoryLimit": limit} for limit in (3, 4)],
    "object": [{"extraObjects": [{**NOTE, "data": {"a": a}}]} for a in ("1", "2")],
    "test": [{"test": {"enabled": on}} for on in (False, True)],
    "model": [
        {"repository": {"configMap": {"models": {"timed": {"labels.txt": text}}}}}
        for text in ("one\n", "two\n")
    ],
}
# The API server refuses these of a release that is there; the next commit takes them back.
REFUSED: dict[str, Object] = {
    "headless": {"service": {"headless": True}},
    "nameOverride": {"nameOverride": "another"},
}
# Not of all releases at once: objects of one name would meet, and a dozen pods more are none of these tests' matter.
OF_ONE = ("object", "replicas", "autoscaling", "no autoscaling", "route")


@dataclass(frozen=True)
class Edit:
    """One edit: what kind it is, of which release or file, and what it says."""

    kind: str
    target: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.target}: {self.words}"


Draw = Callable[[Random, Lists, str], Edit]
"""Changes the lists by one edit of a model, or of what is shared."""


def entry(random: Random, lists: Lists, model: str) -> Edit:
    """A value in the model's own entry."""
    name = random.choice(list(VALUES))
    values = _named(random.choice(VALUES[name]), model)
    lists.entries[model] = merged(lists.entries[model], values)
    return Edit("entry", model, f"{values}")


def patch(random: Random, lists: Lists, model: str) -> Edit:
    """A value in the environment's patch of the model."""
    name = random.choice(list(VALUES))
    values = _named(random.choice(VALUES[name]), model)
    patches = lists.environment.setdefault("patches", {})
    patches[model] = merged(patches.get(model, {}), values)
    return Edit("patch", model, f"{values}")


def profile(random: Random, lists: Lists, _: str) -> Edit:
    """A value of a profile that two models share."""
    name = random.choice(PROFILES)
    values = random.choice(VALUES[_of_many(random)])
    lists.fleet["profiles"][name] = merged(lists.fleet["profiles"][name], values)
    return Edit("profile", name, f"{values}")


def defaults(random: Random, lists: Lists, _: str) -> Edit:
    """A value of all models of the environment."""
    values = random.choice(VALUES[_of_many(random)])
    said = lists.environment.get("defaults", {})
    lists.environment["defaults"] = merged(said, values)
    return Edit("defaults", lists.name, f"{values}")


def chart(random: Random, lists: Lists, _: str) -> Edit:
    """Another version of the chart for the environment."""
    lists.charts += 1
    lists.template = random.choice(list(TEMPLATES))
    return Edit("chart", lists.name, f"{lists.version} with new {lists.template}")


def removal(_: Random, lists: Lists, model: str) -> Edit:
    """An entry goes, and what was said of it."""
    del lists.entries[model]
    lists.environment.get("patches", {}).pop(model, None)
    return Edit("removal", model, "goes")


def addition(_: Random, lists: Lists, model: str) -> Edit:
    """An entry that is not there comes."""
    lists.entries[model] = {"name": model, "env": {"WORD": "first"}}
    return Edit("addition", model, "comes")


def suspension(_: Random, lists: Lists, model: str) -> Edit:
    """A release is suspended, or is so no longer."""
    was = lists.entries[model].get("suspend", False)
    lists.entries[model]["suspend"] = not was
    return Edit("suspension", model, f"suspend: {not was}")


def refused(random: Random, lists: Lists, model: str) -> Edit:
    """A field that stays as it was made."""
    name = random.choice(list(REFUSED))
    lists.entries[model] = merged(lists.entries[model], REFUSED[name])
    return Edit("refused", model, name)


def take_back(lists: Lists, edit: Edit) -> None:
    """What was refused, so that the release can be changed again."""
    for key in REFUSED[edit.words]:
        del lists.entries[edit.target][key]


# How often which of them is drawn, in a hundred.
DRAWS: dict[Draw, int] = {
    entry: 42,
    patch: 26,
    profile: 6,
    defaults: 3,
    chart: 3,
    removal: 6,
    suspension: 9,
    refused: 5,
}


def _named(values: Object, model: str) -> Object:
    """With the model's name in the names of its extra objects."""
    if "extraObjects" not in values:
        return values
    [made] = values["extraObjects"]
    metadata = {"name": made["metadata"]["name"].format(model)}
    return {"extraObjects": [{**made, "metadata": metadata}]}


def _of_many(random: Random) -> str:
    return random.choice([name for name in VALUES if name not in OF_ONE])


def draw(
    random: Random, lists: Lists, count: int, root: Path
) -> tuple[Lists, list[Edit]]:
    """The lists after `count` valid edits of different models, none of them for nothing; `root` is to try them."""
    models = random.sample(MODELS, count)
    drawn, edits = lists, list[Edit]()
    for model in models:
        drawn, edit = _drawn(random, drawn, model)
        edits.append(edit)
    if _is_valid(drawn, root):
        return drawn, edits
    # One of them is refused, or two together: all are drawn anew.
    return draw(random, lists, count, root)


def _drawn(random: Random, lists: Lists, model: str) -> tuple[Lists, Edit]:
    """An edit that changes something."""
    while True:
        after, edit = _tried(random, lists, model)
        if edit and after != lists:
            return after, edit


def _tried(random: Random, lists: Lists, model: str) -> tuple[Lists, Edit | None]:
    after = lists.copy()
    if model not in lists.entries:
        return after, addition(random, after, model)
    [choice] = random.choices(list(DRAWS), list(DRAWS.values()))
    absent = len(MODELS) - len(lists.entries)
    if choice is removal and absent == MOST_REMOVED:
        return after, None
    if choice is refused and lists.entries[model].get("suspend"):
        return after, None
    return after, choice(random, after, model)


def _is_valid(lists: Lists, root: Path) -> bool:
    lists.write(root)
    try:
        checked(root)
    except Invalid:
        return False
    return True
