"""The fleet's dashboard for Grafana: what one can choose, and whom its queries ask about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.generator.fleets import Build, checked
from tritonfleet.__main__ import main
from tritonfleet.report.dashboard import dashboard

MODELS = """\
models:
  - {name: one, repository: {image: {path: /m}}, owner: {team: vision}}
  - {name: two, repository: {image: {path: /m}}, owner: {team: vision}, fullnameOverride: second}
  - {name: three, repository: {image: {path: /m}}}
"""


def _dashboard(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dashboard(checked(root)))
    return found


def test_one_chooses_by_environment_owner_and_model(build: Build) -> None:
    """Grafana reads `text : value`, with commas between them."""
    found = _dashboard(build(models=MODELS))
    variables = {each["name"]: each for each in found["templating"]["list"]}
    assert {name: each["query"] for name, each in variables.items()} == {
        "datasource": "prometheus",
        "environment": "dev : models-dev",
        "owner": "vision : one|second",
        "model": 'label_values(kube_deployment_spec_replicas{namespace=~"$environment",'
        'deployment=~"${owner:raw}"}, deployment)',
    }
    assert variables["environment"]["allValue"] == "models-dev"


def test_a_command_prints_it(build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    root = build(models=MODELS)
    assert main(["dashboard", str(root)]) == 0
    assert capsys.readouterr().out == dashboard(checked(root))


def test_each_query_asks_for_what_was_chosen(build: Build) -> None:
    """And nothing of its template is left in it."""
    for panel in _dashboard(build())["panels"]:
        query = panel["targets"][0]["expr"]
        for choice in ('namespace=~"$environment"', "$model", "${owner:raw}"):
            assert choice in query, panel["title"]
        assert not any(word in query for word in ("SERIES", "DEPLOYMENTS", "RATE(")), (
            query
        )


def test_panels_do_not_lie_on_each_other(build: Build) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _dashboard(build())["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        taken |= cells
    assert {x for x, _ in taken} == set(range(24))
