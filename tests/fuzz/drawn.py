"""Values that a schema describes, or that miss it narrowly: drawn by chance, and the same for the same seed.

Hypothesis finds the texts that a pattern describes, a few for each; the rest is made here, which is a hundred times
faster than its own way to a document, and so leaves time for a million.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.chart.helm import ROOT
from tests.fuzz.material import KINDS
from tests.verdict.entries import ASCII, ODD_NUMBERS, ODD_TEXTS

Schema = Mapping[str, Any]

LINE, COLOUR = "x\n::error::planted", "\x1b[31mplanted"
SECRETS = ("AKIAQQQQPLANTED77777", "ghp_PLANTED7777777777777777777777777777")
HOSTILE = [
    LINE, COLOUR, *SECRETS, "\r::warning::planted", "##[error]planted", "\u202eplanted", "\u200b",
    "\x85::error::planted",
    "\u2028::error::planted", "$(TRITON_LOCK)", "${HOME}", "{{ fail 1 }}", "../../etc", "/", "\\", "'", '"', "#", "- a",
    "a: b", "%TAG", "x" * 5000, "🫨", "%0A::error::planted", "=", "<<", "~", "NO", "0x10", "1_000", "2001-01-01", "\t",
    "\ud800", "\x00", "*", "&a", "!a", "|", ">", "@", "`", "[", "{", "?", ":",
]  # fmt: skip
NUMBERS = [
    *ODD_NUMBERS,
    2**63,
    -(2**63),
    10**30,
    1e308,
    5e-324,
    1e-320,
    9223372036,
    0.1,
]
DEEPEST = 6  # of what is drawn; the reader's own limit is for the fuzzer of bytes


@cache
def schema(kind: str) -> Schema:
    """The schema of one of the three kinds of files."""
    assert kind in KINDS
    found: Schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text())
    return found


def named(part: Any, whole: Schema) -> Schema:
    """A part of a schema with its `$ref` followed."""
    while isinstance(part, dict) and "$ref" in part:
        found: Any = whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part if isinstance(part, dict) else {}


def drawn(random: Random, part: Any, whole: Schema, depth: int = 0) -> Any:
    """A value for a part of a schema; one in ten is none that it describes."""
    part = named(part, whole)
    if random.random() < 0.1:
        return odd(random)
    if "enum" in part:
        return random.choice(part["enum"])
    if "const" in part:
        return part["const"]
    kinds = part.get("type", "object")
    kind = random.choice(kinds) if isinstance(kinds, list) else kinds
    if kind == "object":
        return _mapping(random, part, whole, depth)
    if kind == "array":
        items = range(random.choice([0, 1, 1, 2, 3]) if depth < DEEPEST else 0)
        return [drawn(random, part.get("items", {}), whole, depth + 1) for _ in items]
    if kind == "string":
        return _text(random, part)
    if kind in {"integer", "number"}:
        return _number(random, part)
    return random.random() < 0.5 if kind == "boolean" else None


def odd(random: Random) -> Any:
    """What nobody asked for."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: random.choice(HOSTILE),
        lambda: random.choice(ODD_TEXTS),
        lambda: random.choice(NUMBERS),
        lambda: random.choice([None, True, False, [], {}, [[]], [None], {"a": {}}]),
        lambda: [odd(random) for _ in range(random.randrange(3))],
        lambda: {str(odd(random))[:300]: odd(random)},
    )
    return random.choice(makers)()


def _mapping(random: Random, part: Schema, whole: Schema, depth: int) -> Any:
    """What must be there and up to two more keys."""
    described = part.get("properties", {})
    keys = [key for key in part.get("required", ()) if key in described]
    if described and depth < DEEPEST:
        keys += random.sample(
            sorted(described), min(len(described), random.randrange(3))
        )
    values = {key: drawn(random, described[key], whole, depth + 1) for key in keys}
    others = [*part.get("patternProperties", {}).items()]
    if isinstance(part.get("additionalProperties"), dict):
        pattern = part.get("propertyNames", {}).get("pattern", "^[a-z]{1,9}$")
        others.append((pattern, part["additionalProperties"]))
    if others and depth < DEEPEST:
        pattern, inner = random.choice(others)
        key = _text(random, {"pattern": pattern})
        values[key] = drawn(random, inner, whole, depth + 1)
    return values


def _text(random: Random, part: Schema) -> str:
    if random.random() < 0.1 or "pattern" not in part:
        return random.choice(random.choice((ODD_TEXTS, HOSTILE)))
    return random.choice(_texts(part["pattern"]))


def _number(random: Random, part: Schema) -> Any:
    edges = [part[key] for key in part if key.endswith(("imum", "Minimum", "Maximum"))]
    beside = [edge + step for edge in edges for step in (-1, 0, 1)]
    return random.choice([*beside, *beside, *NUMBERS])


@cache
def _texts(pattern: str) -> tuple[str, ...]:
    """Some texts that a pattern describes, the same in every run."""
    found: list[str] = []

    @seed(1)
    @settings(
        max_examples=8,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.from_regex(pattern, fullmatch=True, alphabet=ASCII))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return tuple(found)


def described(
    data: Any, part: Any, whole: Schema
) -> Iterator[tuple[dict[str, Any], Schema]]:
    """Every mapping in a document whose keys the schema knows, with that part of the schema."""
    part = named(part, whole)
    if isinstance(data, list):
        for item in data:
            yield from described(item, part.get("items"), whole)
    if not isinstance(data, dict):
        return
    if part.get("properties"):
        yield data, part
    for key, value in data.items():
        inner = part.get("properties", {}).get(key, part.get("additionalProperties"))
        if isinstance(inner, dict):
            yield from described(value, inner, whole)
