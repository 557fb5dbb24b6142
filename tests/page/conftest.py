"""A browser that lives as long as the tests of a worker, and pages for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.generator.conftest import build  # noqa: F401  # a fixture here, too
from tests.generator.fleets import CHART, REPOSITORY, checked
from tritonfleet.overview import overview
from tritonfleet.report.page import page
from tritonfleet.status import Glance

Browser = webdriver.Chrome
Open = Callable[..., Browser]
PROGRAMS = ("chromium", "chromedriver")


def log(browser: Browser, kind: str) -> list[dict[str, str]]:
    """What has come into a log of the browser since it was asked last."""
    entries: list[dict[str, str]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # `make test` needs no browser of a person's; in CI the page is never left untested.
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(
            f"not on PATH: {', '.join(missing)}, which Debian's packages chromium and chromium-driver have"
        )
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1280,900"):
        options.add_argument(argument)
    # Whatever the page asks for over a network, it does not get; what it tried stands in the log.
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with webdriver.Chrome(options, service) as driver:
        yield driver


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Open:
    """A function that makes the page of a fleet's directory and opens it from the file; with what clusters said."""

    def open_page(
        root: Path, glance: Glance | None = None, *, logs: bool = False
    ) -> Browser:
        path = tmp_path / "page.html"
        text = page(overview(checked(root), glance, logs=logs))
        path.write_text(text, encoding="utf-8")
        for kind in ("performance", "browser"):
            log(browser, kind)  # what an earlier page left there
        browser.get(path.as_uri())
        return browser

    return open_page


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example fleet."""
    root = tmp_path / "fleet"
    shutil.copytree(REPOSITORY / "values", root / "values")
    shutil.copytree(CHART, root / "charts" / "triton")
    return root
