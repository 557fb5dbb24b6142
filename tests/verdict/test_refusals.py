"""What `validate` refuses for the API server's sake is refused by a real one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.verdict.api import Api
from tests.verdict.judge import against, write_fleet
from tests.verdict.refusals import LEVEL, Case, cases, entries
from tests.verdict.server import api_server
from tritonfleet.load import load
from tritonfleet.plan import plan
from tritonfleet.resolve import resolve
from tritonfleet.validate import validate


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api_server(tmp_path_factory.mktemp("server")) as api:
        yield api


def test_a_real_api_server_refuses_every_case(api: Api, tmp_path: Path) -> None:
    assert list(_admitted(cases(), api, tmp_path)) == []


def _admitted(of: Sequence[Case], api: Api, directory: Path) -> Iterator[Case]:
    """Cases that nobody refuses when no rule is asked."""
    write_fleet(directory, entries(of), LEVEL)
    fleet = validate(resolve(load(directory)), ())
    by_name = {each.name: each for each in plan(fleet)}
    for number, case in enumerate(of):
        answers = against(by_name[f"m{number}"], LEVEL, api)
        if next(answers)[0] == "objects":
            yield case
