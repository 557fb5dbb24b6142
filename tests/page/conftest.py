"""A browser that lives as long as the tests of a worker, and pages for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.generator.conftest import build  # noqa: F401  # a fixture here, too
from tests.generator.fleets import CHART, REPOSITORY, checked
from tests.page.browser import Browser, chromium, log, missing
from tritonfleet.overview import overview
from tritonfleet.report.page import page
from tritonfleet.status import Glance

Open = Callable[..., Browser]
AXE = REPOSITORY / ".tools" / "axe-core.js"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # `make test` needs no browser of a person's; in CI the page is never left untested.
    if missing() and not os.environ.get("CI"):
        pytest.skip(
            f"not on PATH: {', '.join(missing())}, which Debian's packages chromium and chromium-driver have"
        )
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which finds barriers in the page that is open."""
    if not AXE.exists() and not os.environ.get("CI"):
        pytest.skip(f"{AXE.relative_to(REPOSITORY)} is missing: make it, with npm")
    return AXE.read_text(encoding="utf-8")


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
