"""Fixtures of the real server's tests, and their table: what ran with which additions, what did not and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.triton.harness import ci
from tests.triton.harness.certificates import Certificates, make


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(Path(tmp_path_factory.mktemp("tls")) / "files")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Told even when everything passed: a ci/ file that no server ran must not look as if one had."""
    terminalreporter.section("the real server and the chart's ci/ files")
    terminalreporter.write_line("\n".join(_table(terminalreporter)))


def _table(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    reports = [
        report
        for report in terminalreporter.getreports("passed")
        if isinstance(report, pytest.TestReport)
    ]
    for report in sorted(reports, key=lambda report: report.nodeid):
        properties = dict(report.user_properties)
        if "additions" in properties:
            yield f"{properties['file']}: {properties['additions']}"
    yield from (
        f"{name}: not run: {reason}" for name, reason in sorted(ci.NOT_RUN.items())
    )
