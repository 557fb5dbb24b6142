"""Ensembles on the page: columns of boxes, which a reader sees without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.generator.fleets import Build
from tests.page.browser import elements, texts, window
from tests.page.conftest import Open

FLOAT = "data_type: TYPE_FP32 dims: [4]"
STEPS = {"left": ("IN", "L"), "right": ("IN", "R<b>")}
CODE = "1/model.py: 'class TritonPythonModel: ...'"
PYTHON = (
    f'backend: "python" input {{ name: "X" {FLOAT} }} output {{ name: "Y" {FLOAT} }}'
)


def step(model: str, takes: str, gives: str) -> str:
    maps = f'input_map {{ key: "X" value: "{takes}" }} output_map {{ key: "Y" value: "{gives}" }}'
    return f'step {{ model_name: "{model}" model_version: -1 {maps} }}'


def ensemble() -> str:
    """Two models beside each other, and one that takes what one of them gives."""
    steps = [step(model, *wires) for model, wires in STEPS.items()]
    steps.append(step("last", "L", "OUT"))
    tensors = f'input {{ name: "IN" {FLOAT} }} output {{ name: "OUT" {FLOAT} }} output {{ name: "R<b>" {FLOAT} }}'
    return f'platform: "ensemble" {tensors} ensemble_scheduling {{ {" ".join(steps)} }}'


@pytest.fixture
def root(build: Build) -> Path:
    own = "".join(
        f"          {name}: {{config.pbtxt: '{PYTHON}', {CODE}}}\n"
        for name in ("left", "right", "last")
    )
    whole = f"          whole: {{config.pbtxt: '{ensemble()}', 1/empty: ''}}\n"
    models = (
        "models:\n  - name: pair\n    repository:\n      configMap:\n        models:\n"
    )
    return build(models=models + own + whole)


def test_an_ensemble_is_columns_from_its_inputs_to_its_outputs(
    opened: Open, root: Path
) -> None:
    browser = opened(root)
    assert texts(browser, ".ensemble h3") == ["whole"]
    assert texts(browser, ".ensemble .quiet") == ["pair in dev"]
    columns = elements(browser, ".ensemble .flow > li")
    boxes = [
        [box.text for box in column.find_elements(By.CSS_SELECTOR, ".box")]
        for column in columns
    ]
    assert boxes == [
        ["IN FP32 [4]"],
        ["left python\ntakes IN FP32 [4]\ngives L FP32 [4]", "right python\ntakes IN FP32 [4]\ngives R<b> FP32 [4]"],
        ["last python\ntakes L FP32 [4]\ngives OUT FP32 [4]"],
        ["OUT FP32 [4]", "R<b> FP32 [4]"],
    ]  # fmt: skip
    places = [column.rect["x"] for column in columns]
    assert places == sorted(places)
    assert len(set(places)) == 4


@pytest.mark.parametrize("width", [375, 1400])
def test_axe_finds_nothing_about_ensembles(
    opened: Open, root: Path, axe: str, width: int
) -> None:
    browser = opened(root)
    with window(browser, width):
        browser.execute_script(axe)
        found = browser.execute_async_script(
            "axe.run('.ensemble').then(({violations, passes}) => arguments[0]([violations, passes.length]))"
        )
        wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert [node["html"] for rule in found[0] for node in rule["nodes"]] == []
    assert found[1] > 5
    assert wide <= width


def test_a_fleet_without_ensembles_has_no_heading_for_them(
    opened: Open, example: Path
) -> None:
    assert "Ensembles" not in texts(opened(example), "h2")
