"""What is done with an input, and what must be so between one command and the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import TypeAlias

from tests.fuzz.bench import Bench, Told
from tests.fuzz.drawn import drawn, odd, schema
from tests.fuzz.material import Files
from tests.fuzz.oracles import faults
from tritonfleet.report.forms import FORMS
from tritonfleet.values import Values

Job: TypeAlias = Callable[[Bench, Random, int], Iterator[tuple[Told, str]]]
"""Runs commands on a fleet whose `validate` ended with this code; yields each, and what is wrong with it or ""."""

EVERYTHING = ("--allow-removals", "1000000", "--allow-moves", "1000000")
_NAME = re.compile(rb"name\"?: *\"?([a-z][a-z0-9-]*)")


def fleet(bench: Bench, random: Random, files: Files) -> Iterator[tuple[Told, str]]:
    """Runs `validate` and one other job on a fleet; yields each fault with the command that showed it."""
    bench.put(files)
    form = random.choice(["text", "text", "text", *FORMS])
    told = bench.run("validate", "-o", form)
    yield from ((told, fault) for fault in faults(told, files))
    if told.code not in (0, 2):
        yield told, f"validate ended with {told.code}"
        return
    # What is refused is refused by all in the same way, which need not be seen as often.
    if told.code == 2 and random.random() < 0.7:
        return
    for done, wrong in random.choice(JOBS)(bench, random, told.code):
        yield from ((done, fault) for fault in faults(done, files))
        if wrong:
            yield done, wrong


def both_engines(bench: Bench, _: Random, files: Files) -> Iterator[tuple[Told, str]]:
    """`validate` says the same with the extra `fast` and without."""
    bench.put(files)
    told = bench.run("validate", "-o", "json")
    other = bench.run_without_fast("validate", "-o", "json")
    yield from ((other, fault) for fault in faults(other, files))
    same = told[1:4] == other[1:4]
    if not same:
        yield other, f"with fast: {told.out}\nwithout: {other.out}"


def directory(bench: Bench, random: Random, files: Files) -> Iterator[tuple[Told, str]]:
    """Runs `check-repository` on a directory of models."""
    bench.put(files)
    form = random.choice(["text", "text", *FORMS])
    told = bench.run("check-repository", "./repository", "-o", form)
    yield from ((told, fault) for fault in faults(told, files))
    if told.code not in (0, 2):
        yield told, f"ended with {told.code}"


def _generate(bench: Bench, _: Random, code: int) -> Iterator[tuple[Told, str]]:
    """Writes what it says, and nothing when there is an error; a second run changes nothing."""
    before = bench.texts("deploy")
    told = bench.run("generate", *EVERYTHING)
    yield told, _unless(told.code == code, f"validate {code}, generate {told.code}")
    after = bench.texts("deploy")
    if told.code:
        yield told, _unless(after == before, "refused, and wrote")
        return
    is_left = [
        path for path in after if "tritonfleet-new" in path or "INCOMPLETE" in path
    ]
    yield told, _unless(not is_left, f"left {is_left}")
    again = bench.run("generate", *EVERYTHING)
    yield again, _unless("nothing to change" in again.err, "a second run changes files")
    checked = bench.run("generate", "--check")
    yield (
        checked,
        _unless(checked.code == 0, f"generate 0, then --check {checked.code}"),
    )
    yield checked, _unless(bench.texts("deploy") == after, "a second run wrote")


def _read_only(*arguments: str) -> Job:
    def job(bench: Bench, _: Random, code: int) -> Iterator[tuple[Told, str]]:
        told = bench.run(*arguments)
        yield told, _unless(told.code == code, f"validate {code}, then {told.code}")

    return job


def _explain(bench: Bench, random: Random, code: int) -> Iterator[tuple[Told, str]]:
    name, environment = _model(bench, random), _environment(bench, random)
    key = random.choice(["", "image", _key(random), str(odd(random))[:200]])
    told = bench.run("explain", f"--env={environment}", "--", name, key)
    yield told, _unless(told.code in (code, 2), f"validate {code}, then {told.code}")


def _set(bench: Bench, random: Random, code: int) -> Iterator[tuple[Told, str]]:
    """An edit that was made leaves no new error behind; one that was not leaves every byte."""
    before = bench.texts("values")
    whole = schema("models")
    key = _key(random)
    part = whole["definitions"]["entry"]["properties"].get(key, {})
    value = odd(random) if random.random() < 0.5 else drawn(random, part, whole)
    where = random.choice([(), (), (f"--env={_environment(bench, random)}",)])
    told = bench.run("set", *where, "--", _model(bench, random), f"{key}={value}")
    yield from _edited(bench, told, code, before)


def _remove(bench: Bench, random: Random, code: int) -> Iterator[tuple[Told, str]]:
    before = bench.texts("values")
    told = bench.run("remove", "--", _model(bench, random))
    yield from _edited(bench, told, code, before)


def _promote(bench: Bench, random: Random, code: int) -> Iterator[tuple[Told, str]]:
    before = bench.texts("values")
    between = [f"--{way}={_environment(bench, random)}" for way in ("from", "to")]
    told = bench.run("promote", *between, "--", _model(bench, random))
    yield from _edited(bench, told, code, before)


def _edited(
    bench: Bench, told: Told, code: int, before: dict[str, bytes]
) -> Iterator[tuple[Told, str]]:
    yield told, _unless(told.code in (0, 2), f"an edit ended with {told.code}")
    if told.code:
        yield told, _unless(bench.texts("values") == before, "refused, and wrote")
    elif code == 0:
        checked = bench.run("validate")
        yield told, _unless(checked.code == 0, f"an edit made an error: {checked.out}")


JOBS: tuple[Job, ...] = (
    _generate,
    _generate,
    _generate,
    _read_only("list"),
    _read_only("list", "--requirements"),
    _read_only("list", "-o", "json"),
    _read_only("page", "--out", "site"),
    _read_only("dashboard"),
    _read_only("images"),
    _read_only("render"),
    _read_only("diff", "."),
    _read_only("diff", "./before"),
    _read_only("diff", "./before", "-o", "markdown"),
    _explain,
    _set,
    _set,
    _remove,
    _promote,
)


def _model(bench: Bench, random: Random) -> str:
    """The name of something in the lists, or of nothing."""
    texts = bench.texts("values/models").values()
    names = [name.decode() for text in texts for name in _NAME.findall(text)]
    some = names[:50]
    chosen: str = random.choice([*some, *some, *some, str(odd(random))[:99]])
    return chosen


def _environment(bench: Bench, random: Random) -> str:
    files = sorted((bench.root / "values" / "environments").glob("*.yaml"))
    return random.choice([*(path.stem for path in files), "nowhere"])


def _key(random: Random) -> str:
    """A key of an entry, or one inside of it."""
    entry: Values = schema("models")["definitions"]["entry"]["properties"]
    key: str = random.choice(sorted(entry))
    inner = sorted(entry[key].get("properties", {}))
    if inner and random.random() < 0.5:
        return f"{key}.{random.choice(inner)}"
    return key


def _unless(fine: bool, words: str) -> str:
    return "" if fine else words
