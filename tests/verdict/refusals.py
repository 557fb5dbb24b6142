"""Values that a real API server refuses, and what `validate` says of each before anybody asks one.

`python -m tests.verdict.refusals` writes refused.yaml anew, with the words that are said now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.verdict.entries import SMALLEST
from tests.verdict.judge import write_fleet
from tritonfleet.load import load
from tritonfleet.nouns import Rule
from tritonfleet.problem import ERROR, Invalid
from tritonfleet.resolve import resolve
from tritonfleet.rules import RULES
from tritonfleet.validate import validate

REFUSED = Path(__file__).with_name("refused.yaml")
LEVEL = "privileged"  # which refuses nothing itself
HEAD = """\
# Values that a real API server refuses in a namespace of level privileged, and what `validate` says of each.
# `make verdict` asks the API server; `python -m tests.verdict.refusals` writes the words anew.
"""
Case = Mapping[str, Any]


def cases() -> Sequence[Case]:
    """Each with `values`, beside the smallest entry, and `says`, a list."""
    found: Sequence[Case] = yaml.safe_load(REFUSED.read_text())
    return found


def entries(of: Sequence[Case]) -> list[dict[str, Any]]:
    """Entries with the values of cases."""
    return [
        {"name": f"m{number}", **SMALLEST, **case["values"]}
        for number, case in enumerate(of)
    ]


def said(of: Sequence[Case], directory: Path) -> list[list[str]]:
    """What `validate` says of each case now: its errors."""
    write_fleet(directory, entries(of), LEVEL)
    errors: dict[str, list[str]] = {}
    for name, words in _errors(directory, tuple(RULES.values())):
        errors.setdefault(name, []).append(words)
    return [errors.get(f"m{number}", []) for number in range(len(of))]


def _errors(directory: Path, rules: tuple[Rule, ...]) -> Iterator[tuple[str, str]]:
    """Every error of a fleet: the entry that it is about, and its words."""
    try:
        validate(resolve(load(directory)), rules)
    except Invalid as invalid:
        for each in invalid.problems:
            if each.severity == ERROR:
                yield each.subject, f"{each.code} {each.text}"


def text(of: Sequence[Case], words: Sequence[Sequence[str]]) -> str:
    """The file of cases and these words."""
    lines = [HEAD]
    for case, says in zip(of, words, strict=True):
        lines.append(f"- values: {_flow(case['values'])}\n")
        lines.append("  says:\n")
        lines += [f"    - {json.dumps(each, ensure_ascii=False)}\n" for each in says]
    return "".join(lines)


def _flow(values: Any) -> str:
    """Values on one line."""
    flow: str = yaml.safe_dump(
        values,
        default_flow_style=True,
        width=100_000,
        sort_keys=False,
        allow_unicode=True,
    )
    return flow.strip()


def main() -> None:
    of = cases()
    with TemporaryDirectory() as directory:
        REFUSED.write_text(text(of, said(of, Path(directory))))


if __name__ == "__main__":
    main()
