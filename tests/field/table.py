"""What `validate` says of each deployment at each level of Pod Security.

`python -m tests.field.table` writes VERDICTS.md anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.field.cases import FIELD, LEVELS, cases, fleet
from tests.generator.fleets import problems
from tritonfleet.problem import ERROR, Problem

TABLE = FIELD / "VERDICTS.md"


def row(name: str, directory: Path) -> str:
    """A deployment's line of the table."""
    case = cases()[name]
    missing = ", ".join(dict.fromkeys([*case["gaps"], *case["tricks"]]))
    said = f"{case['said']}: {missing}" if missing else case["said"]
    verdicts = [
        _verdict(problems(fleet(directory, case["models"], level))) for level in LEVELS
    ]
    return f"| {' | '.join([name, case['found']['kind'], said, *verdicts])} |"


def _verdict(found: Sequence[Problem]) -> str:
    """Accepted, or the codes of the errors; those of warnings in brackets."""
    refused = sorted({each.code for each in found if each.severity == ERROR})
    warned = sorted({each.code for each in found if each.severity != ERROR})
    words = ", ".join(refused) if refused else "accepted"
    return f"{words} ({', '.join(warned)})" if warned else words


def head() -> Iterator[str]:
    """What stands above the rows."""
    said = Counter(case["said"] for case in cases().values())
    typed, trick = said["typed"], said["trick"]
    yield f"{len(cases())} deployments: {typed} said with typed keys, {trick} by a trick, {said['not']} not."
    yield ""
    yield "Codes are errors; those in brackets are warnings."
    yield ""
    yield "| deployment | kind | said | restricted | baseline | privileged |"
    yield "|---|---|---|---|---|---|"


def main() -> None:
    with TemporaryDirectory() as directory:
        rows = [row(name, Path(directory)) for name in cases()]
    TABLE.write_text("\n".join([*head(), *rows]) + "\n")


if __name__ == "__main__":
    main()
