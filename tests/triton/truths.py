"""Small configurations, by topic: what we say of each, beside what the real server says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.triton.harness.verdicts import Verdict
from tritonfleet.models import Finding, Model, Server, check
from tritonfleet.models.nouns import CONFIG
from tritonfleet.problem import ERROR

TRUTH = Path(__file__).parent / "truth"
NOTHING, LOADS = "nothing", "loads"
_STATUS = re.compile(r"^(Invalid argument|Internal|Not found|Unsupported): ")
PYTHON = """\
class TritonPythonModel:
    def execute(self, requests): ...
"""


@dataclass(frozen=True)
class Case:
    """A model of a topic's file; truth/README.md explains the keys."""

    topic: str
    words: str
    files: Mapping[str, str]
    seen: int
    differs: str
    ends: bool

    @property
    def model(self) -> str:
        """The name of its directory."""
        return re.sub(r"\W+", "_", self.words).strip("_")


def cases() -> list[Case]:
    """Of all topics; a model's name is there once."""
    found = [case for path in sorted(TRUTH.glob("*.yaml")) for case in _cases(path)]
    assert len({case.model for case in found}) == len(found)
    return found


def _cases(path: Path) -> Iterator[Case]:
    topic = yaml.safe_load(path.read_text(encoding="utf-8"))
    for words, said in topic["cases"].items():
        case: dict[str, Any] = {"config": said} if isinstance(said, str) else said
        yield Case(
            topic=path.stem,
            words=words,
            files=_files(topic, case),
            seen=case.get("seen", 0),
            differs=case.get("differs", ""),
            ends=case.get("ends", False),
        )


def _files(topic: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, str]:
    """The case's files, and config.pbtxt, which begins with what its topic says of all."""
    is_python = topic.get("python") or case.get("python")
    files = {"1/model.py": PYTHON} if is_python else {"1/weights": ""}
    files = dict(case.get("files", files))
    if is_python and files.get("1/model.py") == "":
        files["1/model.py"] = PYTHON
    if not case.get("none"):
        around = "" if case.get("alone") else topic["around"]
        files[CONFIG] = around + case.get("config", "")
    return files


def models(of: list[Case]) -> dict[str, Model]:
    return {case.model: Model(case.model, case.files) for case in of}


def findings(of: Mapping[str, Model], completes: bool) -> dict[str, list[Finding]]:
    """What we say of each model, for the server of these tests: 24.10, without GPUs, without a cache."""
    server = Server(version="24.10", completes=completes, devices=0, caches=False)
    found: dict[str, list[Finding]] = {name: [] for name in of}
    for model, finding in check(of, server):
        found[model.name].append(finding)
    return found


def refuses(ours: str) -> bool:
    """Whether what we say of a model is an error."""
    return ours != NOTHING and " warning: " not in ours


def ours(said: list[Finding]) -> str:
    """The first of our findings, an error before a warning, in a line."""
    for each in sorted(said, key=lambda each: each.severity != ERROR):
        place = (
            f"{each.file}:{each.place.line}:{each.place.column} " if each.file else ""
        )
        kind = "" if each.severity == ERROR else "warning: "
        hint = f" ({each.hint})" if each.hint else ""
        return f"{place}{each.code} {kind}{each.message}{hint}"
    return NOTHING


def theirs(verdict: Verdict, repository: Path) -> str:
    """The server's words, without this machine's paths."""
    if verdict.loads:
        return LOADS
    first = verdict.words.partition("\\n")[0]
    words = re.sub(r"/\S*/backends/", "/opt/tritonserver/backends/", first)
    words = _STATUS.sub("", words)  # with completion only
    return "refuses: " + words.replace(str(repository), "/models")


def told(case: Case, of: Mapping[bool, tuple[str, str]]) -> str:
    """The case with both answers; those without auto-completion where one of them is another."""
    ours_completing, theirs_completing = of[True]
    lines = [case.words, f"  we: {ours_completing}", f"  Triton: {theirs_completing}"]
    if of[False] != of[True]:
        lines.append(f"  we, without completion: {of[False][0]}")
        lines.append(f"  Triton, without completion: {of[False][1]}")
    return "\n".join(lines) + "\n"


def row(case: Case, answers: tuple[str, str]) -> str:
    """A line of the table in docs/models.md."""
    we, triton = (_in_a_cell(each) for each in answers)
    return f"| {case.words} | {case.seen or ''} | {we} | {triton} |"


def _in_a_cell(text: str) -> str:
    """Code of Markdown, in which a vertical bar ends no cell, and a backtick no code."""
    text = text.removeprefix("refuses: ").replace("|", "\\|")
    if not text:
        return "nothing"
    return f"`` {text} ``" if "`" in text else f"`{text}`"
