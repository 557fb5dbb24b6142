"""The settings of Renovate that `init` writes, without Renovate: what its own patterns find in lists.

test_renovate.py has the real one. JavaScript writes named groups in another way, and nothing else here differs.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import tritonfleet
from tests.pages import ROOT

SETTINGS = json.loads(
    (Path(tritonfleet.__file__).parent / "templates/renovate.json").read_text()
)
DIGEST = f"sha256:{'0' * 64}"


def found(text: str) -> list[dict[str, str | None]]:
    """What the managers by pattern find in a list."""
    patterns = [
        pattern.replace("(?<", "(?P<")
        for manager in SETTINGS["customManagers"]
        for pattern in manager["matchStrings"]
    ]
    return [match.groupdict() for each in patterns for match in re.finditer(each, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: {tag: 24.10-py3}", {"currentValue": "24.10-py3", "currentDigest": None}),
        ('image: { tag: "24.10" }', {"currentValue": "24.10", "currentDigest": None}),
        (f"image: {{tag: 24.10@{DIGEST}}}", {"currentValue": "24.10", "currentDigest": DIGEST}),
        (
            "oci: {reference: r.example.org:5000/m/one:3}",
            {"depName": "r.example.org:5000/m/one", "currentValue": "3", "currentDigest": None},
        ),
        (
            f"oci:\n  reference: m/one:3@{DIGEST}\n",
            {"depName": "m/one", "currentValue": "3", "currentDigest": DIGEST},
        ),
        (
            f"chart:\n  oci: oci://r.example.org/charts/triton\n  version: 0.1.0\n  digest: {DIGEST}\n",
            {"depName": "r.example.org/charts/triton", "currentValue": "0.1.0", "currentDigest": DIGEST},
        ),
    ],
)  # fmt: skip
def test_an_image_is_found_with_its_version(
    text: str, expected: dict[str, str | None]
) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "image: {registry: nvcr.io, repository: nvidia/tritonserver, tag: 24.10-py3}",
        "image: {path: /models}",
        "oci: {reference: m/one}",
    ],
)
def test_what_renovate_finds_itself_is_not_found_twice(text: str) -> None:
    assert found(text) == []


def test_only_lists_are_read() -> None:
    [pattern] = SETTINGS["helm-values"]["managerFilePatterns"]
    managers = [each["managerFilePatterns"] for each in SETTINGS["customManagers"]]
    assert managers == [[pattern]] * len(managers)
    own = re.compile(pattern.strip("/"))
    values = [
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("values/**/*.yaml")
    ]
    assert len(values) > 4
    assert [path for path in values if not own.search(path)] == []
    assert SETTINGS["ignorePaths"] == ["**/deploy/**", "**/charts/**"]


def test_commits_of_the_action_do_not_end_a_branch() -> None:
    [author] = SETTINGS["gitIgnoredAuthors"]
    assert f"user.email={author} " in (ROOT / "tools/commit").read_text()
