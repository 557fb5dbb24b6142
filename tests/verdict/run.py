"""python -m tests.verdict.run [NUMBER] [SEED]: asks all judges about real deployments and so many drawn entries.

Prints a table. Exits 1 when they disagree, and tells each kind of disagreement once, with the smallest entry that
showed it. The same seed draws the same entries of the same chart.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.field.cases import cases
from tests.verdict.api import Api
from tests.verdict.entries import entries
from tests.verdict.judge import Disagreement, Verdict, judge, table
from tests.verdict.server import LEVELS, api_server

TOGETHER = 60  # entries of one fleet


def main(number: int = 1000, first_seed: int = 0) -> int:
    drawn = _draw(number, first_seed)
    with TemporaryDirectory() as name:
        directory = Path(name)
        server = directory / "server"
        server.mkdir()
        with api_server(server) as api:
            verdicts = {"real deployments": _real(directory, api)}
            for index, level in enumerate(LEVELS):
                share = drawn[index :: len(LEVELS)]
                verdicts[f"drawn, {level}"] = _drawn(share, level, directory, api)
    found = [each for verdict in verdicts.values() for each in verdict.disagreements]
    print(table(verdicts))
    if found:
        print(_told(found))
    return 1 if found else 0


def _draw(number: int, first_seed: int) -> list[Mapping[str, Any]]:
    drawn: list[Mapping[str, Any]] = []

    @seed(first_seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(entries())
    def collect(entry: Mapping[str, Any]) -> None:
        drawn.append(entry)

    collect()
    return drawn


def _real(directory: Path, api: Api) -> Verdict:
    """Over all deployments of tests/field at every level, each in a fleet of its own."""
    return _sum(
        judge(case["models"], level, directory / f"{name}-{level}", api)
        for name, case in cases().items()
        for level in LEVELS
    )


def _drawn(
    drawn: Sequence[Mapping[str, Any]], level: str, directory: Path, api: Api
) -> Verdict:
    """Over all drawn entries of a level, fleet by fleet."""
    return _sum(
        judge(
            drawn[begin : begin + TOGETHER], level, directory / f"{level}-{begin}", api
        )
        for begin in range(0, len(drawn), TOGETHER)
    )


def _sum(verdicts: Iterable[Verdict]) -> Verdict:
    total = Verdict(0, 0, 0, ())
    for each in verdicts:
        total = Verdict(
            total.tried + each.tried,
            total.accepted + each.accepted,
            total.objects + each.objects,
            total.disagreements + each.disagreements,
        )
    return total


def _told(found: Sequence[Disagreement]) -> str:
    """Every kind of disagreement, the most frequent first, with the smallest entry that showed it."""
    kinds = Counter(_kind(each) for each in found)
    smallest: dict[str, Disagreement] = {}
    for each in sorted(
        found, key=lambda each: len(json.dumps(each.entry)), reverse=True
    ):
        smallest[_kind(each)] = each
    lines = []
    for kind, count in kinds.most_common():
        shown = smallest[kind]
        lines.append(f"\n{count} × {shown.judge} at {shown.level}: {shown.words[:600]}")
        lines.append(f"    {json.dumps(shown.entry, ensure_ascii=False)}")
    return "\n".join(lines)


def _kind(found: Disagreement) -> str:
    """The words without what changes from entry to entry."""
    words = re.sub(r'"[^"]*"', '"…"', found.words)
    return found.judge + re.sub(r"\d+", "N", words)[:200]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
