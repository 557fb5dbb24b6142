"""A new chart keeps the pods of the last one: template and selectors are equal, or CHANGELOG.md names the restart."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.chart.helm import (
    CHART,
    CI_FILES,
    ROOT,
    Manifest,
    Refused,
    Values,
    ci,
    one,
    render,
)

# Charts as they were released, packed; empty until the first tag.
RELEASES = sorted((Path(__file__).parent / "releases").glob("triton-*.tgz"))


def test_the_last_released_chart_keeps_its_pods() -> None:
    found = {
        (name, change)
        for released in RELEASES[-1:]
        for name in CI_FILES
        for change in changes(released, CHART, ci(name))
    }
    assert [each for each in sorted(found) if not announced(each[1])] == []


def test_a_changed_selector_is_refused(tmp_path: Path) -> None:
    other = fixture(
        tmp_path, "_helpers.tpl", "kubernetes.io/instance", "kubernetes.io/release"
    )
    assert list(changes(CHART, other, ci("default-values.yaml"))) == [
        "the selector of the Deployment changes, which no cluster accepts",
        "the selector of Service rel changes, which takes its clients away",
        "the pods restart",
    ]


def test_a_changed_pod_is_seen(tmp_path: Path) -> None:
    other = fixture(tmp_path, "_probes.tpl", '"periodSeconds" 2', '"periodSeconds" 3')
    assert list(changes(CHART, other, ci("default-values.yaml"))) == [
        "the pods restart"
    ]


def test_a_new_version_of_the_chart_alone_changes_nothing(tmp_path: Path) -> None:
    other = fixture(
        tmp_path,
        "../Chart.yaml",
        "version: 0.1.0-dev",
        "version: 9.9.9\nappVersion: 9.9.9",
    )
    assert [
        change for name in CI_FILES for change in changes(CHART, other, ci(name))
    ] == []


def changes(before: Path, after: Path, values: Values) -> Iterator[str]:
    """What an upgrade would do to running pods; nothing where the old chart did not take the values."""
    try:
        old = render(values, chart=before)
    except Refused:
        return
    new = render(values, chart=after)
    first, second = _server(old)["spec"], _server(new)["spec"]
    if first["selector"] != second["selector"]:
        yield "the selector of the Deployment changes, which no cluster accepts"
    for service in (each for each in old if each["kind"] == "Service"):
        name = service["metadata"]["name"]
        if one(new, "Service", name)["spec"]["selector"] != service["spec"]["selector"]:
            yield f"the selector of Service {name} changes, which takes its clients away"
    if first["template"] != second["template"]:
        yield "the pods restart"


def _server(manifests: list[Manifest]) -> Manifest:
    """The Deployment of the server: Dynamo's frontend has one of its own."""
    servers = [
        each
        for each in manifests
        if each["kind"] == "Deployment"
        and not each["metadata"]["name"].endswith("-frontend")
    ]
    assert len(servers) == 1
    return servers[0]


def announced(change: str) -> bool:
    """Whether the newest section of CHANGELOG.md has a line `- Restarts pods: …`; selectors may never change."""
    newest = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    return (
        change == "the pods restart"
        and re.search(r"^- Restarts pods: ", newest, re.MULTILINE) is not None
    )


def fixture(directory: Path, name: str, text: str, instead: str) -> Path:
    """A copy of the chart with one text of one template changed."""
    chart = directory / "triton"
    shutil.copytree(CHART, chart)
    path = chart / "templates" / name
    assert text in path.read_text()
    path.write_text(path.read_text().replace(text, instead))
    return chart
