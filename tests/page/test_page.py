"""What a person does with the page, and what a stranger's values cannot do to it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.benchmarks import synthetic
from tests.generator.fleets import FLEET, Build, checked
from tests.page.conftest import Browser, Open, log
from tritonfleet.report.releases import listing
from tritonfleet.status import FAILING, SERVING, Cause, Glance, Row


def _texts(browser: Browser, selector: str) -> list[str]:
    return [each.text for each in _all(browser, selector)]


def _all(browser: Browser, selector: str) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, selector)


def _names(browser: Browser) -> list[str]:
    """The models that are shown."""
    return [text for text in _texts(browser, "tr[data-model] .name button") if text]


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
            _texts(opened(example), ".numbers dt"),
            _texts(opened(example), ".numbers dd"),
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
    row = _all(browser, "tr[data-model]")[5]
    assert [cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")] == [
        "mnist-mlp\nvalues/models/vision.yaml:34",
        "vision",
        "2025-08-27\n1 pod with 1 nvidia.com/gpu",
        "2025-08-27\n2–8 pods with 1 nvidia.com/mig-1g.10gb",
        "2025-08-27\n1–2 pods with 1 nvidia.com/gpu",
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
    assert _texts(browser, ".numbers.live > div") == ["failing\n1", "serving\n1"]
    assert "at 2026-11-18 11:06 UTC" in browser.find_element(By.TAG_NAME, "main").text
    assert _texts(browser, ".problems li") == ["staging: the HelmChart is not Ready"]
    marks = _all(browser, "tr[data-model]")[5].find_elements(By.CLASS_NAME, "mark")
    assert [mark.text for mark in marks] == ["serving 1/1", "failing 0/2"]


def test_words_of_a_cluster_stay_text_and_logs_are_left_out(
    opened: Open, example: Path
) -> None:
    """Unless somebody asks for logs."""
    for logs in (False, True):
        browser = opened(example, GLANCE, logs=logs)
        _all(browser, "tr[data-model] .name button")[5].click()
        words = _texts(browser, ".detail")[0]
        assert "it ended: <img src=x onerror=alert(1)> \\x1b[31m" in words
        assert ("a line of a log" in words) is logs
        assert _all(browser, "img") == []
        assert log(browser, "browser") == []


def test_a_search_by_keyboard(opened: Open, example: Path) -> None:
    browser = opened(example)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys("/")
    search = browser.switch_to.active_element
    search.send_keys("vision GPU")
    assert (_names(browser), _texts(browser, "#count")) == (
        ["mnist-mlp"],
        ["1 of 7 models"],
    )
    search.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert _texts(browser, ".run h3") == ["dev", "prod", "staging"]
    browser.switch_to.active_element.send_keys(Keys.ARROW_UP)
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert len(_names(browser)) == 7


def test_without_its_script_it_is_a_table(opened: Open, example: Path) -> None:
    browser = opened(example)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.refresh()
        names = _texts(browser, "tr[data-model] .name b")
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
    metrics = {"width": 375, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        _all(browser, "tr[data-model] .name button")[5].click()
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert (width, len(_texts(browser, ".run"))) == (375, 3)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


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
    _all(browser, "tr[data-model] .name button")[0].click()
    assert browser.title == "acme: models and where they run"
    assert _texts(browser, ".tag") == [
        "</script><script>document.title='taken'</script>"
    ]
    assert (
        _all(browser, "main img"),
        _all(browser, "main script"),
        _all(browser, "td b"),
    ) == ([], [], [])
    assert log(browser, "browser") == []


class _Echo(BaseHTTPRequestHandler):
    """Stands for the server: it answers with what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = json.dumps({"path": self.path, "body": body}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


def test_a_copied_request_works_as_pasted(
    opened: Open, build: Build, tmp_path: Path
) -> None:
    """Whatever quotes, substitutions and line breaks its body has; an echo stands for the server."""
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = f"    http: {{port: {server.server_port}}}\n"
        browser = opened(build(models=HOSTILE + port))
        browser.execute_cdp_cmd(
            "Browser.grantPermissions",
            {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
        )
        _all(browser, "tr[data-model] .name button")[0].click()
        buttons = _all(browser, ".copy")
        answers = []
        for button in buttons[1:]:
            button.click()
            _wait_for(button, "Copied")
            command = browser.execute_async_script(
                "navigator.clipboard.readText().then(arguments[0])"
            )
            done = subprocess.run(
                ["sh", "-c", command.replace("python3", sys.executable, 1)],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            )
            answers.append(json.loads(done.stdout))
        server.shutdown()
    body = '{"a": "\'; $(touch taken) `touch taken` <b>\\n"}'
    assert answers == [{"path": "/v2/models/m/infer", "body": body}] * 2
    assert not (tmp_path / "taken").exists()


def _wait_for(element: WebElement, text: str) -> None:
    deadline = time.monotonic() + 5
    while element.text != text:
        assert time.monotonic() < deadline, element.text
        time.sleep(0.02)


def test_a_thousand_models_can_be_searched(opened: Open, tmp_path: Path) -> None:
    browser = opened(synthetic.build(tmp_path / "many", 1000))
    browser.find_element(By.ID, "query").send_keys("model-999")
    assert (_names(browser), _texts(browser, "#count")) == (
        ["model-999"],
        ["1 of 1000 models"],
    )


def test_its_lines_lead_to_the_git_host(opened: Open, build: Build) -> None:
    fleet = FLEET.replace(
        "https://git.acme.test/ml", "https://user:word@github.com/acme"
    )
    browser = opened(build(fleet=fleet.replace("user:word@", "")))
    [link] = _all(browser, "tr[data-model] a")
    assert link.get_attribute("href") == (
        "https://github.com/acme/models/blob/main/values/models/team.yaml#L2"
    )
