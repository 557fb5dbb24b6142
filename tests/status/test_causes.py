"""Each cause in the words that people read: from recorded objects, without a cluster.

UPDATE_GOLDEN=1 rewrites what is expected; the difference is then reviewed like any other change.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.status.cases import CASES
from tests.status.objects import NOW
from tritonfleet.report.status import WIDTH, status_json, status_text
from tritonfleet.status.judge import rows, worst_first
from tritonfleet.status.look import Glance

TEXT = Path(__file__).parent / "causes.txt"
DATA = Path(__file__).parent / "causes.json"


def glance(case: str) -> Glance:
    site, read = CASES[case]
    return Glance(worst_first(list(rows(site, read, NOW))), NOW, 0.1, 4)


def told() -> str:
    """Every case: its name, and what `status` shows."""
    texts = [f"{case}\n\n{status_text(glance(case), colour=False)}" for case in CASES]
    return "\n\n".join(texts)


def data() -> str:
    found = {}
    for case, (site, _) in CASES.items():
        found[case] = json.loads(status_json(glance(case), [site]))["rows"]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def same(path: Path, found: str) -> bool:
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(found)
    return found == path.read_text()


def test_every_cause_is_told_with_the_next_thing_to_do() -> None:
    assert same(TEXT, told())


def test_programs_are_told_everything() -> None:
    assert same(DATA, data())


def test_no_line_is_longer_than_a_terminal_and_none_commands_it() -> None:
    lines = told().splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert not any("\x1b" in line or "\x07" in line for line in lines)


def test_colours_are_those_of_states() -> None:
    assert (
        status_text(glance("serves"), colour=True)
        .splitlines()[1]
        .startswith("\x1b[32mserving\x1b[0m  prod")
    )
