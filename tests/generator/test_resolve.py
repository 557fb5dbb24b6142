"""Precedence, nulls, and who goes where."""

from __future__ import annotations

from typing import Any

from tests.generator.fleets import MODELS, Build, checked
from tritonfleet.load import load
from tritonfleet.nouns import Release
from tritonfleet.resolve import resolve


def release(build: Build, **given: Any) -> Release:
    return resolve(load(build(**given))).releases[0]


LAYERS = """\
name: acme
gitops: {engine: argocd, repository: "https://git.acme.test/m.git"}
defaults: {image: {tag: fleet}, env: {A: fleet, B: fleet, C: fleet, D: fleet, E: fleet, F: fleet}}
profiles: {p: {env: {C: profile, D: profile, E: profile, F: profile}}}
"""
DEV = """\
defaults: {env: {B: dev, C: dev, D: dev, E: dev, F: dev}}
profiles: {p: {env: {D: dev profile, E: dev profile, F: dev profile}}}
patches: {one: {env: {F: patch}}}
"""
ONE = "models:\n  - name: one\n    profile: p\n    repository: {image: {path: /m}}\n    env: {E: entry, F: entry}\n"


def test_each_layer_counts_more_than_the_one_before(build: Build) -> None:
    found = release(build, fleet=LAYERS, dev=DEV, models=ONE)
    expected = {
        "A": "fleet",
        "B": "dev",
        "C": "profile",
        "D": "dev profile",
        "E": "entry",
        "F": "patch",
    }
    assert found.values["env"] == expected
    assert found.values["image"] == {"tag": "fleet"}


def test_who_set_what_is_known(build: Build) -> None:
    found = release(build, fleet=LAYERS, dev=DEV, models=ONE)
    said = {key: found.setter(("env", key)) for key in "ABCDEF"}
    names = {key: layer.name for key, layer in said.items() if layer}
    assert names == {
        "A": "fleet defaults", "B": "dev defaults", "C": "profile p",
        "D": "dev profile p", "E": "entry", "F": "dev patch",
    }  # fmt: skip
    assert str(found.position(("env", "F"))) == "values/environments/dev.yaml:4:26"
    assert found.setter(("env", "G")) is None
    assert str(found.position(("http", "port"))) == "values/models/team.yaml:2:11"


def test_a_profile_may_be_chosen_by_defaults_or_patch(build: Build) -> None:
    models = "models:\n  - name: one\n    repository: {image: {path: /m}}\n"
    found = release(
        build,
        fleet=LAYERS.replace("defaults: {", "defaults: {profile: p, "),
        models=models,
    )
    assert found.values["env"]["C"] == "profile"
    found = release(
        build, fleet=LAYERS, models=models, dev="patches: {one: {profile: p}}\n"
    )
    assert found.values["env"]["C"] == "profile"


def test_null_removes_and_stays_only_where_the_chart_has_a_default(
    build: Build,
) -> None:
    models = MODELS + "    env: {A: null}\n    resources: {limits: null}\n"
    found = release(build, fleet=LAYERS, models=models)
    assert "A" not in found.values["env"]
    assert found.values["resources"] == {"limits": None}
    assert "limits" not in found.complete()["resources"]


def test_lists_replace(build: Build) -> None:
    fleet = LAYERS.replace("defaults: {", "defaults: {extraArgs: [--a, --b], ")
    assert release(build, fleet=fleet, models=ONE + "    extraArgs: [--c]\n").values[
        "extraArgs"
    ] == ["--c"]


def test_entries_go_where_they_say(build: Build) -> None:
    models = "".join(
        f"  - name: {name}\n    repository: {{image: {{path: /m}}}}\n{rest}"
        for name, rest in (("a", ""), ("b", "    environments: [prod]\n"), ("c", ""))
    )
    prod = {"values/environments/prod.yaml": "namespace: p\nexclude: [c]\n"}
    found = resolve(load(build(models="models:\n" + models, files=prod))).releases
    assert [(each.environment.name, each.name) for each in found] == [
        ("dev", "a"), ("dev", "c"), ("prod", "a"), ("prod", "b"),
    ]  # fmt: skip


def test_complete_values_are_defaults_and_what_was_said(build: Build) -> None:
    lines = "    resources: {limits: null}\n    http: {port: 80}\n    affinity: null\n    loadModels: [a]\n"
    found = release(build, fleet=LAYERS, models=MODELS + lines)
    defaults, complete = found.environment.chart.defaults, found.complete()
    assert complete["http"] == {**defaults["http"], "port": 80}
    assert complete["resources"] == {"requests": defaults["resources"]["requests"]}
    assert complete["loadModels"] == ["a"]
    assert complete["grpc"] == defaults["grpc"]
    assert defaults.keys() - complete.keys() == {"affinity"}


def test_one_key_is_that_of_the_complete_values(build: Build) -> None:
    lines = "    resources: {limits: null}\n    http: {port: 80}\n    loadModels: [a]\n"
    found = release(build, fleet=LAYERS, models=MODELS + lines)
    complete = found.complete()
    assert {key: found.value(key) for key in complete} == complete


def test_of_entries_with_one_name_the_first_counts(build: Build) -> None:
    models = "models:\n" + "".join(
        f"  - {{name: {name}, replicas: {n}}}\n" for n, name in enumerate("aba")
    )
    releases = resolve(load(build(models=models))).releases
    assert [(each.name, each.values["replicas"]) for each in releases] == [
        ("a", 0),
        ("b", 1),
    ]


def test_what_is_unchanged_is_shared(build: Build) -> None:
    models = "models:\n" + "".join(
        f"  - name: m{i}\n    repository: {{image: {{path: /m}}}}\n" for i in range(2)
    )
    one, two = resolve(load(build(models=models))).releases
    assert one.values["image"] is two.values["image"]


def test_suspend_is_of_entry_or_patch(build: Build) -> None:
    models = (
        "models:\n  - {name: one, suspend: true, repository: {image: {path: /m}}}\n"
    )
    files = {
        "values/environments/prod.yaml": "namespace: p\npatches: {one: {suspend: false}}\n"
    }
    found = checked(build(models=models, files=files)).releases
    assert [each.suspended for each in found] == [True, False]
