"""python -m tests.fuzz.run [INPUTS] [SEED]: makes so many inputs, gives them to the command, and prints a table.

Exits 1 when a promise was broken, and shows each kind of it once, with the smallest input that broke it. The same seed
makes the same inputs of the same files.
"""

from __future__ import annotations

import re
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.fuzz import bytewise, chaos, engines, jobs, model_files, structure
from tests.fuzz.bench import Bench, Told, bench
from tests.fuzz.material import Files, real


@dataclass(frozen=True)
class Fuzzer:
    """Where inputs come from, and what is done with each."""

    make: Callable[[Random], Files]
    look: Callable[[Bench, Random, Files], Iterator[tuple[Told, str]]]
    share: float
    """Of all inputs of a run."""


FUZZERS: Mapping[str, Fuzzer] = {
    "structure": Fuzzer(structure.fleet, jobs.fleet, 0.3),
    "bytes": Fuzzer(bytewise.fleet, jobs.fleet, 0.3),
    "models": Fuzzer(model_files.directory, jobs.directory, 0.1),
    "with and without `fast`": Fuzzer(structure.fleet, jobs.both_engines, 0.1),
    "schemas": Fuzzer(engines.schema, engines.look, 0.2),
    "chaos": Fuzzer(chaos.fleet, chaos.look, 0.002),
}
_CHANGING = re.compile(r"[0-9.]+|`[^`]*`|'[^']*'|\"[^\"]*\"")
OF_ROUND = 1000
MEMORY = "/dev/shm"  # where it is there: files that live for milliseconds need no disk


@dataclass(frozen=True)
class Fault:
    """A broken promise, the command that broke it, and the input."""

    words: str
    told: Told
    files: Files

    @property
    def kind(self) -> str:
        """The words without what changes from input to input."""
        words = _CHANGING.sub("…", self.words)[:160]
        return f"{self.told.arguments[0]}: {words}"

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))


@dataclass
class Score:
    """What a fuzzer did."""

    inputs: int = 0
    accepted: int = 0
    commands: int = 0
    seconds: float = 0
    """Of all processes together."""
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Counts what another round did."""
        self.inputs += other.inputs
        self.commands += other.commands
        self.seconds += other.seconds
        self.faults += other.faults


def fuzz(name: str, inputs: Iterable[int], seed: int, directory: Path) -> Score:
    """Gives the inputs of these numbers to the command, in an empty directory."""
    score, fuzzer = Score(), FUZZERS[name]
    began = time.monotonic()
    with bench(directory) as place:
        _put_before(directory)
        for number in inputs:
            random = Random(f"{name} {seed} {number}")
            files = fuzzer.make(random)
            for told, words in fuzzer.look(place, random, files):
                score.faults.append(Fault(words, told, files))
            score.inputs += 1
    score.commands = place.calls
    score.seconds = time.monotonic() - began
    return score


def _put_before(directory: Path) -> None:
    """The example fleet in a directory of its own, to which `diff` compares."""
    for path, content in real()[0].items():
        place = directory / "before" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    shutil.copytree(directory / "charts", directory / "before" / "charts")


def main(inputs: int = 1000, seed: int = 0) -> int:
    scores = {name: Score() for name in FUZZERS}
    # Each round in a process of its own: memory that is not freed is bounded, and all cores work.
    with Pool(maxtasksperchild=1) as pool:
        try:
            for name, score in pool.imap_unordered(_round, list(_rounds(inputs, seed))):
                scores[name].add(score)
        except KeyboardInterrupt:
            print("interrupted: this is what was done")
    print(table(scores))
    found = [fault for score in scores.values() for fault in score.faults]
    print("".join(told(found)))
    return 1 if found else 0


class Round(NamedTuple):
    """Some inputs of one fuzzer."""

    name: str
    numbers: range
    seed: int


def _rounds(inputs: int, seed: int) -> Iterator[Round]:
    """All inputs, the fuzzers taking turns."""
    counts = {name: round(inputs * fuzzer.share) for name, fuzzer in FUZZERS.items()}
    for first in range(0, max(counts.values()), OF_ROUND):
        for name, count in counts.items():
            numbers = range(first, min(first + OF_ROUND, count))
            if numbers:
                yield Round(name, numbers, seed)


def _round(task: Round) -> tuple[str, Score]:
    memory = MEMORY if Path(MEMORY).is_dir() else None
    with TemporaryDirectory(dir=memory) as directory:
        return task.name, fuzz(task.name, task.numbers, task.seed, Path(directory))


def table(scores: Mapping[str, Score]) -> str:
    """A line for each fuzzer."""
    head = "| fuzzer | inputs | commands | minutes | promises broken |"
    lines = [head, "|---|---|---|---|---|"]
    for name, score in scores.items():
        kinds = len({fault.kind for fault in score.faults})
        minutes = f"{score.seconds / 60:.1f}"
        cells = (name, f"{score.inputs:,}", f"{score.commands:,}", minutes, str(kinds))
        lines.append(f"| {' | '.join(cells)} |")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return "\n".join([*lines, f"\nMost memory of one process: {peak} MB"])


def told(faults: Iterable[Fault]) -> Iterator[str]:
    """Each kind of fault once, with its smallest input."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, []).append(fault)
    for kind, some in kinds.items():
        smallest = min(some, key=lambda fault: fault.size)
        yield f"\n{len(some)} × {kind}\n    {smallest.words}\n    {smallest.told.arguments}\n"
        for path, content in smallest.files.items():
            yield f"    {path}: {content[:3000]!r}\n"


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
