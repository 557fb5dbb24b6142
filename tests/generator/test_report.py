"""What is printed: bounded, and never a command to a terminal or to the runner of a workflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generator.fleets import MODELS, Build
from tritonfleet.problem import WARNING, Position, Problem
from tritonfleet.report.forms import FORMS, in_form
from tritonfleet.report.problems import MOST_ITEMS
from tritonfleet.report.shared import place
from tritonfleet.visible import line_of_log, visible

COMMAND = [sys.executable, "-m", "tritonfleet"]


def many(count: int) -> list[Problem]:
    return [Problem(Position("a.yaml", line), "TF050", "no") for line in range(count)]


def test_people_read_two_hundred_problems_and_errors_before_warnings() -> None:
    warning = Problem(Position("a.yaml", 0), "TF115", "small", severity=WARNING)
    lines = in_form([warning, *many(250)], "text", Path()).splitlines()
    assert (len(lines), lines[0], lines[-1]) == (
        201,
        "a.yaml:0:1: TF050 no",
        "… 50 more TF050, 1 more TF115",
    )
    lines = in_form(many(201), "github", Path()).splitlines()
    assert (len(lines), lines[-1]) == (201, "::notice::1 more TF050")


@pytest.mark.parametrize(
    ("problems", "listed", "truncated"),
    [
        (many(3), 3, False),
        (many(MOST_ITEMS + 1), MOST_ITEMS, True),
        (
            [Problem(Position(f"{n}" + "x" * 10**6), "TF050", "no") for n in range(20)],
            9,
            True,
        ),
    ],
    ids=["few", "many", "large"],
)
def test_programs_read_a_bounded_document(
    problems: list[Problem], listed: int, truncated: bool
) -> None:
    told = json.loads(in_form(problems, "json", Path()))
    assert (len(told["problems"]), told["truncated"]) == (listed, truncated)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("x\n::error::pwned", "x\\n::error::pwned"),
        ("\x1b[31mred\r", "\\x1b[31mred\\r"),
        ("a\u202eb\u200bc\x9b", "a\\u202eb\\u200bc\\x9b"),
        ("é 漢 🫨", "é 漢 🫨"),
        (os.fsdecode(b"\xff.yaml"), "\\udcff.yaml"),
        ("##[add-mask]x", "#\\x23[add-mask]x"),
    ],
)
def test_what_is_hidden_is_shown_as_an_escape(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_no_line_begins_a_command_of_a_workflow() -> None:
    assert line_of_log("  ::error::x") == "\\::error::x"
    assert place(Position("::warning::.yaml"), Path()) == "\\::warning::.yaml:1:1"


def test_no_form_holds_a_command_of_a_workflow() -> None:
    """GitHub's runner obeys the old form wherever it stands in a line."""
    problems = [Problem(Position("a"), "TF050", "##[error]x")]
    told = {form: in_form(problems, form, Path()) for form in FORMS}
    assert {form for form, text in told.items() if "##[" in text} == set()
    assert json.loads(told["json"])["problems"][0]["message"] == "##[error]x"


def test_names_of_files_are_shown_in_every_form(build: Build) -> None:
    root = build(files={"values/models/a\n::error::b\x1b.yml": MODELS})
    for form in ("text", "github", "json"):
        told = subprocess.run(
            [*COMMAND, "validate", str(root), "-o", form],
            capture_output=True,
            check=False,
        )
        assert told.returncode == 2
        assert b"\n::error::b" not in told.stdout
        assert b"\x1b" not in told.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "2>/dev/full", ">&- 2>&-"])
def test_where_nobody_listens_the_outcome_is_the_same(
    closed: str, build: Build
) -> None:
    root = build()
    command = f'exec "$0" -m tritonfleet validate "$1" {closed}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(root)],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr.replace(_FINE, b"")) == (0, b"")


_FINE = b"acme: 1 model, 1 environment, 1 release: no errors\n"


def test_no_locale_changes_what_is_printed(build: Build) -> None:
    root = build(models=MODELS + '    "é": 1\n')
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    printed = [
        subprocess.run(
            [*COMMAND, "validate", str(root)],
            env={**environment, "LC_ALL": locale},
            capture_output=True,
            check=False,
        ).stdout
        for locale in ("C", "C.UTF-8")
    ]
    assert printed[0] == printed[1]
    assert "`é` is not a key".encode() in printed[0]
