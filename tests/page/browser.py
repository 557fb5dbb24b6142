"""Debian's Chromium without a window, and what is asked of it more than once."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

Browser = webdriver.Chrome
PROGRAMS = ("chromium", "chromedriver")

# Until what was searched for is on the screen, since the page was asked for.
_SEARCHED = """
const done = arguments[0];
const query = document.getElementById("query");
query.value = "model-999";
query.dispatchEvent(new Event("input"));
requestAnimationFrame(() => setTimeout(() => done(performance.now())));
"""


def missing() -> list[str]:
    """Programs that are not on PATH."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


_PAINTED = """
const done = arguments[0];
requestAnimationFrame(() => setTimeout(() => done(performance.now())));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the context lasts."""
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


@contextmanager
def window(browser: Browser, width: int, scheme: str = "light") -> Iterator[None]:
    """A window of that many pixels, light or dark; below 500 it is a phone's."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1}
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {**size, "mobile": width < 500}
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def picture(browser: Browser, width: int, height: int) -> bytes:
    """The top of the page that is open, as a PNG."""
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    taken = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
    )
    return base64.b64decode(taken["data"])


def elements(browser: Browser, selector: str) -> list[WebElement]:
    """What a CSS selector finds."""
    return browser.find_elements(By.CSS_SELECTOR, selector)


def texts(browser: Browser, selector: str) -> list[str]:
    """What can be read of it."""
    return [each.text for each in elements(browser, selector)]


def log(browser: Browser, kind: str) -> list[dict[str, str]]:
    """What has come into a log of the browser since it was asked last."""
    entries: list[dict[str, str]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


def seconds_to_search(browser: Browser, url: str) -> float:
    """From asking for a page until its search for one model has been answered, and the answer painted."""
    browser.get(url)
    return float(browser.execute_async_script(_SEARCHED)) / 1000


def seconds_to_paint(browser: Browser, url: str) -> float:
    """From asking for a page until it has been painted."""
    browser.get(url)
    return float(browser.execute_async_script(_PAINTED)) / 1000
