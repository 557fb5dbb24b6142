"""Both validators of JSON Schema on schemas and documents that nobody wrote: the fast one says what the other one says.

The schemas have the keywords that ours have, and patterns of ours. The documents are what the reader of YAML can give.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

from tests.chart.helm import CHART
from tests.fuzz.bench import Bench, Told
from tests.fuzz.drawn import HOSTILE, NUMBERS
from tests.fuzz.material import Files
from tests.verdict.entries import ODD_NUMBERS, ODD_TEXTS
from tritonfleet.problem import Invalid
from tritonfleet.validate.engine import errors, verdict
from tritonfleet.yaml import read

Schema = dict[str, Any]

DEEPEST = 3
KEYS = ("a", "b", "ab", "1", "é")
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
TEXTS = [
    "",
    "a",
    "ab",
    "A",
    "1",
    "a\n",
    "a b",
    "é",
    "🫨",
    "a$",
    "aa",
    "a-b",
    "\n",
    "a.b",
    "10Gi",
    "5s",
]
PATTERNS = [
    "^a", "a$", "^a$", "^(a|b)$", "^a|b$", "^(a$|b)", "[a-z]$", "^[^b]*$", "^$", "^[a-z0-9](-?[a-z0-9])*$", "a|$",
    "(^|b)a",
]  # fmt: skip


def schema(random: Random) -> Files:
    """The next input: a schema and four documents, as JSON."""
    drawn = _schema(random, 0)
    documents = [_document(random, drawn, 0) for _ in range(4)]
    return {"schema": _json(drawn), "documents": _json({"all": documents})}


def _json(data: Any) -> bytes:
    return json.dumps(data).encode()


def look(_: Bench, __: Random, files: Files) -> Iterator[tuple[Told, str]]:
    """Yields each document on which the two differ."""
    drawn = json.loads(files["schema"])
    fits = verdict(drawn)
    for document in _read(files["documents"]):
        fast, other = fits(document), not list(errors(drawn, document))
        if fast != other:
            words = f"the fast one says {fast}, the other one {other}: {document!r}"
            yield Told(("schema",), 0, "", "", 0), words


def _read(content: bytes) -> list[Any]:
    """The documents as the reader gives them; none where it refuses one."""
    try:
        found: list[Any] = read("x.yaml", content).data["all"]
    except Invalid:
        return []
    return found


@cache
def _patterns() -> tuple[str, ...]:
    """Those of the chart's schema, and some at whose ends it is easy to be wrong."""
    found: set[str] = set()

    def collect(schema: Any) -> None:
        if isinstance(schema, dict):
            if isinstance(schema.get("pattern"), str):
                found.add(schema["pattern"])
            for part in schema.values():
                collect(part)
        elif isinstance(schema, list):
            for part in schema:
                collect(part)

    collect(json.loads((CHART / "values.schema.json").read_text()))
    return (*sorted(found), *PATTERNS * 4)


def _schema(random: Random, depth: int) -> Schema:
    """A type or some, and up to four keywords."""
    schema: Schema = {}
    if random.random() < 0.7:
        types = random.sample(TYPES, random.choice([1, 1, 1, 2, 3]))
        schema["type"] = types[0] if len(types) == 1 else types
    for _ in range(random.randrange(5)):
        name = random.choice([*_ANY, *(_DEEP if depth < DEEPEST else ())])
        maker = _ANY.get(name) or _DEEP[name]
        schema[name] = maker(random, depth)
    if "if" in schema:
        schema["then"] = _schema(random, depth + 1)
    return schema


def _scalar(random: Random, _: int = 0) -> Any:
    some = [None, True, False, 0, 1, 2, 1.5, "", "a", "1", [], {}, {"a": 1}, [1, True]]
    return random.choice([*some, *random.sample(TEXTS, 2), random.choice(NUMBERS)])


def _small(random: Random, _: int) -> int:
    return random.randrange(4)


def _pattern(random: Random, _: int) -> str:
    return random.choice(_patterns())


def _schemas(random: Random, depth: int) -> Schema:
    keys = random.sample(KEYS, random.randrange(1, 4))
    return {key: _schema(random, depth + 1) for key in keys}


def _deeper(random: Random, depth: int) -> Schema:
    return _schema(random, depth + 1)


_ANY: Mapping[str, Any] = {
    "enum": lambda random, _: [_scalar(random) for _ in range(3)],
    "const": _scalar,
    "minimum": lambda random, _: random.choice([-1, 0, 1, 1.5, 2**53]),
    "maximum": lambda random, _: random.choice([-1, 0, 1, 1.5, 2**53]),
    "exclusiveMinimum": lambda random, _: random.choice([-1, 0, 1, 1.5]),
    "exclusiveMaximum": lambda random, _: random.choice([-1, 0, 1, 1.5]),
    "minLength": _small,
    "maxLength": _small,
    "minItems": _small,
    "maxItems": _small,
    "minProperties": _small,
    "maxProperties": _small,
    "uniqueItems": lambda random, _: random.random() < 0.8,
    "pattern": _pattern,
    "required": lambda random, _: random.sample(KEYS, random.randrange(3)),
}
_DEEP: Mapping[str, Any] = {
    "properties": _schemas,
    "patternProperties": lambda random, depth: {
        _pattern(random, depth): _deeper(random, depth)
    },
    "additionalProperties": lambda random, depth: random.choice(
        [False, True, _deeper(random, depth)]
    ),
    "propertyNames": _deeper,
    "items": _deeper,
    "contains": _deeper,
    "not": _deeper,
    "if": _deeper,
    "else": _deeper,
    "allOf": lambda random, depth: [_deeper(random, depth) for _ in range(2)],
}


def _document(random: Random, schema: Any, depth: int) -> Any:
    """Something of a type that the schema may ask for, with its keys."""
    schema = schema if isinstance(schema, dict) else {}
    types = schema.get("type", random.choice(TYPES))
    kind = random.choice(types) if isinstance(types, list) else types
    if random.random() < 0.15:
        kind = random.choice(TYPES)
    if random.random() < 0.2 and "enum" in schema:
        return random.choice(schema["enum"])
    if kind == "object" and depth <= DEEPEST:
        inner = schema.get("properties", {})
        keys = random.sample(KEYS, random.randrange(4))
        return {key: _document(random, inner.get(key), depth + 1) for key in keys}
    if kind == "array" and depth <= DEEPEST:
        count = random.randrange(4)
        return [_document(random, schema.get("items"), depth + 1) for _ in range(count)]
    if kind == "string":
        return random.choice(random.choice((TEXTS, TEXTS, ODD_TEXTS, HOSTILE)))
    if kind in {"integer", "number"}:
        return random.choice([0, 1, 2, -1, 1.0, 1.5, -0.0, *ODD_NUMBERS])
    return random.choice([True, False]) if kind == "boolean" else None
