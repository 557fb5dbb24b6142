"""All problems at once, each once, on the line of the layer that said it."""

from __future__ import annotations

from tests.generator.fleets import FLEET, MODELS, Build, problems, words

PROD = {"values/environments/prod.yaml": "namespace: p\n"}


def test_problems_of_all_files_are_told_sorted(build: Build) -> None:
    files = {
        "values/models/a.yaml": "models: [{name: a, replicas: x}]\n",
        "values/environments/b.yaml": "namespce: x\n",
    }
    said = words(
        build(
            fleet=FLEET + "nothing: 1\n",
            models=MODELS + "    replicas: y\n",
            files=files,
        )
    )
    assert [each.split(" ")[:2] for each in said] == [
        ["values/environments/b.yaml:1:1", "TF050"],
        ["values/environments/b.yaml:1:1", "TF053"],
        ["values/fleet.yaml:5:1", "TF050"],
        ["values/models/a.yaml:1:30", "TF051"],
        ["values/models/team.yaml:4:15", "TF051"],
    ]


def test_a_bad_entry_does_not_hide_what_is_wrong_with_others(build: Build) -> None:
    models = MODELS + "  - {name: two, replicas: x}\n  - {name: three}\n"
    assert [each.split(" ")[1] for each in words(build(models=models))] == [
        "TF051",
        "TF052",
    ]


def test_the_same_problem_in_two_environments_is_told_once(build: Build) -> None:
    assert (
        len(
            words(
                build(models=MODELS + "    modelControl: {api: secret}\n", files=PROD)
            )
        )
        == 2
    )  # two missing names


def test_the_layer_that_said_it_is_blamed(build: Build) -> None:
    fleet = FLEET.replace("gpu: {", "gpu: {grpc: {tls: {enabled: true}}, ")
    (said,) = words(build(fleet=fleet, models=MODELS + "    profile: gpu\n"))
    assert said.startswith(
        "values/fleet.yaml:4:34 TF054 grpc.tls.secretName: TLS needs a Secret"
    )
    (said,) = words(build(dev="patches: {one: {terminationGracePeriodSeconds: 1}}\n"))
    assert said.startswith("values/environments/dev.yaml:2:48 TF112")


def test_many_alike_are_counted(build: Build) -> None:
    models = "models:\n" + "".join(f"  - {{name: m{i}}}\n" for i in range(60))
    said = problems(build(models=models))
    assert [problem.code for problem in said].count("TF052") == 50
    assert [problem.text for problem in said if problem.code == "TF059"] == [
        "10 more releases of dev have problems (solve those above first)"
    ]


def test_null_for_what_the_chart_needs_is_told_where_it_stands(build: Build) -> None:
    (said,) = words(build(dev="patches: {one: {http: null}}\n"))
    assert said == (
        "values/environments/dev.yaml:2:23 TF053 `http` is missing; expected: a mapping "
        "(null removes the chart's own value, which it needs)"
    )


def test_rules_are_not_asked_about_what_does_not_fit(build: Build) -> None:
    models = (
        MODELS
        + "    service: null\n    accelerator: null\n    fullnameOverride: null\n    image: null\n"
    )
    said = words(build(models=models, dev="capacity: {nvidia.com/gpu: 1}\n"))
    assert [each.split(" ")[1] for each in said] == ["TF053"] * 4
