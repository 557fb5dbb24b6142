"""Markdown of reports: what comes from values stays text, and a page never grows beyond what GitHub takes."""

from __future__ import annotations

import pytest

from tritonfleet.report.markdown import Section, page

MARK = "<!-- mark -->"
HOSTILE = [
    "```",
    "`````",
    "</details><script>alert(1)</script>",
    "-->",
    "@octocat #1 [x](javascript:alert(1))",
    "one\nline\r```\u2028end",
]


def test_no_line_ends_its_block() -> None:
    text = page(MARK, "Title", [Section("Values", HOSTILE)], most=10_000, elsewhere="")
    assert text == (
        "<!-- mark -->\n### Title\n\n<details><summary>Values</summary>\n\n"
        "``````text\n"
        "```\n"
        "`````\n"
        "</details><script>alert(1)</script>\n"
        "-->\n"
        "@octocat #1 [x](javascript:alert(1))\n"
        "one\\nline\\r```\\u2028end\n"
        "``````\n\n</details>\n"
    )


@pytest.mark.parametrize("most", [2000, 65_536])
@pytest.mark.parametrize(
    "line", ["x" * 80, "…" * 5000, "`" * 300], ids=["plain", "long", "backticks"]
)
def test_a_page_says_what_was_cut(line: str, most: int) -> None:
    sections = [
        Section("One", [line] * 3_000),
        Section("Two", ["short"]),
        Section("Three", [line] * 3_000),
    ]
    text = page(MARK, "Title", sections, most, "elsewhere")
    assert len(text.encode()) <= most
    assert text.count("more lines; elsewhere") == 2
    assert "\nshort\n" in text
    assert text.endswith("\n</details>\n")


def test_a_section_without_lines_is_left_out() -> None:
    assert (
        page(MARK, "Title", [Section("One", [])], 1000, "")
        == "<!-- mark -->\n### Title\n"
    )
