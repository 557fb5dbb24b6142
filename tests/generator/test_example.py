"""The example fleet is valid, and the committed deploy/ is what it becomes."""

from __future__ import annotations

import pytest

from tests.generator.fleets import REPOSITORY, checked
from tritonfleet import helm
from tritonfleet.__main__ import main
from tritonfleet.plan import plan


def test_the_example_has_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(REPOSITORY), "--strict"]) == 0, capsys.readouterr().out


def test_deploy_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", str(REPOSITORY), "--check", "--quiet"]) == 0, (
        capsys.readouterr().out
    )


def test_every_release_renders() -> None:
    assert [
        rendered.failure
        for rendered in helm.render(plan(checked(REPOSITORY)))
        if rendered.failure
    ] == []


def test_the_example_shows_what_there_is() -> None:
    fleet = checked(REPOSITORY)
    assert {each.engine for each in fleet.environments} == {"argocd", "flux"}
    assert {bool(each.chart.oci) for each in fleet.environments} == {True, False}
    assert {"cpu-small", "gpu-8g", "gpu-a10", "mig-1g-10gb", "vacc"} <= set(
        fleet.sources.fleet.data["profiles"]
    )
    assert len(fleet.sources.lists) >= 2
