"""What a person does with the page, and what a stranger's values cannot do to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.benchmarks import synthetic
from tests.benchmarks.page import bare_table
from tests.generator.fleets import FLEET, Build, checked
from tests.page.browser import (
    Browser,
    elements,
    log,
    seconds_to_paint,
    seconds_to_search,
    texts,
    window,
)
from tests.page.conftest import Open
from tritonfleet.report.releases import listing
from tritonfleet.status import FAILING, SERVING, Cause, Glance, Row


def _names(browser: Browser) -> list[str]:
    """The models that are shown."""
    return [text for text in texts(browser, "tr[data-model] .name button") if text]


def _row(browser: Browser, name: str) -> WebElement:
    """The row of a model."""
    [row] = [
        each
        for each in elements(browser, "tr[data-model]")
        if each.find_element(By.CSS_SELECTOR, ".name button").text == name
    ]
    return row


def _open(browser: Browser, name: str) -> None:
    _row(browser, name).find_element(By.CSS_SELECTOR, ".name button").click()


def _requests(browser: Browser) -> list[str]:
    """Every address that the page asked for."""
    entries = [
        json.loads(each["message"])["message"] for each in log(browser, "performance")
    ]
    sent = [each for each in entries if each["method"] == "Network.requestWillBeSent"]
    return [each["params"]["request"]["url"] for each in sent]


def test_it_opens_from_a_file_and_asks_nobody(opened: Open, example: Path) -> None:
    browser = opened(example)
    assert [url for url in _requests(browser) if not url.startswith("file:")] == []
    assert log(browser, "browser") == []


def test_its_numbers_are_those_of_list(opened: Open, example: Path) -> None:
    releases = json.loads(listing(checked(example), "json"))["releases"]
    environments = {each["environment"] for each in releases}
    numbers = dict(
        zip(
            texts(opened(example), ".numbers dt"),
            texts(opened(example), ".numbers dd"),
            strict=True,
        )
    )
    assert numbers == {
        "Models": str(len({each["name"] for each in releases})),
        "Environments": str(len(environments)),
        "Releases": str(len(releases)),
        "Pods": "17–24",
        "Images": str(len({each["image"] for each in releases})),
        "Warnings": "0",
    }


def test_each_model_says_where_it_runs(opened: Open, example: Path) -> None:
    browser = opened(example)
    row = _row(browser, "mnist-mlp")
    assert [cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")] == [
        "mnist-mlp\nvision.yaml:34",
        "vision",
        "2025-08-27\n1 pod with 1 nvidia.com/gpu",
        "2025-08-27\n1–2 pods with 1 nvidia.com/gpu",
        "2025-08-27\n2–8 pods with 1 nvidia.com/mig-1g.10gb",
    ]


HOSTILE = "<img src=x onerror=alert(1)> \x1b[31m"
GLANCE = Glance(
    rows=(
        Row("staging", "", Cause(FAILING, "the HelmChart is not Ready")),
        Row(
            "prod",
            "mnist-mlp",
            Cause(FAILING, f"it ended: {HOSTILE}", "look", "a line of a log"),
            pods=2,
        ),
        Row("dev", "mnist-mlp", Cause(SERVING, ""), ready=1, pods=1),
    ),
    time=1_795_000_000.0,
    seconds=1,
    requests=9,
)


def test_what_runs_is_shown_when_clusters_were_asked(
    opened: Open, example: Path
) -> None:
    browser = opened(example, GLANCE)
    assert texts(browser, ".numbers.live > div") == ["failing\n1", "serving\n1"]
    assert "at 2026-11-18 11:06 UTC" in browser.find_element(By.TAG_NAME, "main").text
    assert texts(browser, ".problems li") == ["staging: the HelmChart is not Ready"]
    marks = _row(browser, "mnist-mlp").find_elements(By.CLASS_NAME, "mark")
    assert [mark.text for mark in marks] == ["serving 1/1", "failing 0/2"]


def test_words_of_a_cluster_stay_text_and_logs_are_left_out(
    opened: Open, example: Path
) -> None:
    """Unless somebody asks for logs."""
    for logs in (False, True):
        browser = opened(example, GLANCE, logs=logs)
        _open(browser, "mnist-mlp")
        words = texts(browser, ".detail")[0]
        assert "it ended: <img src=x onerror=alert(1)> \\x1b[31m" in words
        assert ("a line of a log" in words) is logs
        assert elements(browser, "img") == []
        assert log(browser, "browser") == []


def test_a_search_by_keyboard(opened: Open, example: Path) -> None:
    browser = opened(example)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys("/")
    search = browser.switch_to.active_element
    search.send_keys("vision GPU")
    assert (_names(browser), texts(browser, "#count")) == (
        ["mnist-mlp"],
        ["1 of 7 models"],
    )
    search.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert texts(browser, ".run h3") == ["dev", "staging", "prod"]
    browser.switch_to.active_element.send_keys(Keys.ARROW_UP)
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert len(_names(browser)) == 7


def test_without_its_script_it_is_a_table(opened: Open, example: Path) -> None:
    browser = opened(example)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.refresh()
        names = texts(browser, "tr[data-model] .name b")
        assert names == [
            "qwen2-5-0-5b",
            "qwen2-5-custom",
            "identity",
            "root-triszbm9",
            "triszbm9",
            "mnist-mlp",
            "vastpipe",
        ]
        assert not browser.find_element(By.ID, "query").is_displayed()
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


def test_a_narrow_window_shows_everything(opened: Open, example: Path) -> None:
    browser = opened(example)
    with window(browser, 375):
        _open(browser, "mnist-mlp")
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert (width, len(texts(browser, ".run"))) == (375, 3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1400])
def test_axe_finds_nothing(
    opened: Open, example: Path, axe: str, width: int, scheme: str
) -> None:
    """All of its rules, best practices too, on the page with what runs and an open model."""
    browser = opened(example, GLANCE)
    with window(browser, width, scheme):
        _open(browser, "mnist-mlp")
        browser.execute_script(axe)
        found = browser.execute_async_script(
            "axe.run().then(({violations, passes}) => arguments[0]([violations, passes.length]))"
        )
    broken = [
        f"{rule['id']}: {node['html']}" for rule in found[0] for node in rule["nodes"]
    ]
    assert (broken, found[1] > 20) == ([], True)


HOSTILE = """\
models:
  - name: one
    modelVersion: "</script><script>document.title='taken'</script>"
    repository: {image: {path: "/models"}}
    image: {repository: "a/b", tag: t}
    podAnnotations: {x: "<img src=x>"}
    loadModels: [m]
    test: {inference: {model: m, body: "{\\"a\\": \\"'; $(touch taken) `touch taken` <b>\\\\n\\"}"}}
"""


def test_a_strangers_values_stay_text(opened: Open, build: Build) -> None:
    browser = opened(build(models=HOSTILE))
    elements(browser, "tr[data-model] .name button")[0].click()
    assert browser.title == "acme: models and where they run"
    assert texts(browser, ".tag") == [
        "</script><script>document.title='taken'</script>"
    ]
    assert (
        elements(browser, "main img"),
        elements(browser, "main script"),
        elements(browser, "td b"),
    ) == ([], [], [])
    assert log(browser, "browser") == []


def test_a_thousand_models_can_be_searched(opened: Open, tmp_path: Path) -> None:
    """Soon after a browser could show its table alone: docs/performance.md has both, measured in one run."""
    browser = opened(synthetic.build(tmp_path / "many", 1000))
    file = tmp_path / "page.html"
    bare = tmp_path / "bare.html"
    bare.write_text(bare_table(file.read_text("utf-8")), "utf-8")
    limit = min(seconds_to_paint(browser, bare.as_uri()) for _ in range(5))
    fastest = min(seconds_to_search(browser, file.as_uri()) for _ in range(5))
    assert (_names(browser), texts(browser, "#count")) == (
        ["model-999"],
        ["1 of 1000 models"],
    )
    assert fastest < 5 * limit


def test_its_lines_lead_to_the_git_host(opened: Open, build: Build) -> None:
    fleet = FLEET.replace(
        "https://git.acme.test/ml", "https://user:word@github.com/acme"
    )
    browser = opened(build(fleet=fleet.replace("user:word@", "")))
    [link] = elements(browser, "tr[data-model] a")
    assert link.get_attribute("href") == (
        "https://github.com/acme/models/blob/main/values/models/team.yaml#L2"
    )
