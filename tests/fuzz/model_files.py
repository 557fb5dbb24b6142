"""Inputs for `check-repository`: directories of models, with slips in config.pbtxt, in code and in names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

from tests.chart.helm import ROOT
from tests.fuzz.bytewise import changed
from tests.fuzz.material import Files, all_documents
from tests.generator.test_models import BAD, GOOD

TOP = "repository"
TRICKS = [
    b"{", b"}", b"[", b"]", b"<", b">", b"name: ", b'"', b"'", b"#", b"\\", b"\\x", b"\\u", b'"a" "b"', b"0x",
    b"1e999", b"-", b"1" * 5000, b"nan", b"true", b"[" * 300, b"{ a " * 300, b"input { " * 300,
    b"input [ { dims: [ " * 100, b"dims: 1 " * 3000, b"dims: -9223372036854775809", b"max_batch_size: 99999999999",
    b"instance_group { count: 4294967296 }", b"version_policy {",
    b"ensemble_scheduling { step { model_name: 'one' model_version: -1 } }",
    b"ensemble_scheduling { step { model_name: 'two' } }", b"any { [type.googleapis.com/x] { a: 1 } }",
    b"[ext.x]: 1", b"parameters { key: 'a' }", b"\x1b[31mplanted", b"::error::planted",
    b"model_warmup { name: 'a' count: 1 }", b"sequence_batching { }",
    b"dynamic_batching { preferred_batch_size: -1 }", b"\xff", b"\0",
]  # fmt: skip
NAMES = [
    "1", "2", "01", "0", "-1", "99999999999999999999", "a", " 1", "1.0", "\x1b[31m", "x\n::error::planted",
]  # fmt: skip
CODES = [
    b"class TritonPythonModel: ...", b"def", b"class TritonPythonModel:\n    def execute(self): return (((", b"\0",
    b"(" * 500, b"from os import *\nimport " + b"a." * 2000 + b"b", b"# -*- coding: rot13 -*-\n", b"\xff\xfe",
    b"x = '" + b"a" * 99999,
]  # fmt: skip


def directory(random: Random) -> Files:
    """The next input: one to three models, which may be members of each other."""
    files: dict[str, bytes] = {}
    for model in random.sample(
        ["one", "two", "three", *NAMES], random.choice([1, 1, 2, 3])
    ):
        text = random.choice(_configurations())
        for _ in range(random.randrange(4)):
            text = (
                _with_trick(random, text)
                if random.random() < 0.6
                else changed(random, text)
            )
        version = "1" if random.random() < 0.7 else random.choice(NAMES)
        code = CODES[0] if random.random() < 0.5 else random.choice(CODES)
        files[f"{TOP}/{model}/config.pbtxt"] = text
        files[f"{TOP}/{model}/{version}/model.py"] = code
        other = f"{TOP}/{model}/{random.choice(NAMES)}"
        if random.random() < 0.2 and other != f"{TOP}/{model}/{version}":
            files[other] = code
    return files


def _with_trick(random: Random, text: bytes) -> bytes:
    place = random.randrange(len(text) + 1)
    return text[:place] + b" " + random.choice(TRICKS) + b" " + text[place:]


@cache
def _configurations() -> tuple[bytes, ...]:
    """What people wrote: models of tests, and those that lists have inline."""
    files = sorted((ROOT / "tests" / "triton" / "models").glob("*/config.pbtxt"))
    written = [path.read_text() for path in files]
    inline = [text for fleet in all_documents() for text in _inline(fleet)]
    lines = [f'backend: "python"\n{text}' for text in [*GOOD.values(), *BAD]]
    return tuple(text.encode() for text in [*written, *inline, *lines])


def _inline(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        text = data.get("config.pbtxt")
        if isinstance(text, str):
            yield text
        for value in data.values():
            yield from _inline(value)
    elif isinstance(data, list):
        for value in data:
            yield from _inline(value)
