"""The package is a list of stages: imports point upwards, and only commands print or exit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "generator" / "tritonfleet"
ORDER = [
    "visible",
    "problem",
    "values",
    "source",
    "limits",
    "gitops",
    "mode_table",
    "nouns",
    "output",
    "codes",
    "kinds",
    "parallel",
    "directories",
    "present",
    "lock",
    "disk",
    "yaml",
    "files",
    "chart_files",
    "repositories",
    "buckets",
    "charts",
    "load",
    "history",
    "layers",
    "labels",
    "entries",
    "environments",
    "unknown",
    "resolve",
    "vllm",
    "modes",
    "facts",
    "needs",
    "versions",
    "models",
    "mounts",
    "pod",
    "deployment",
    "timing",
    "validate",
    "rules",
    "edit",
    "plan",
    "engines",
    "tree",
    "strangers",
    "moves",
    "budget",
    "changes",
    "helm",
    "kubernetes",
    "images",
    "comparison",
    "live",
    "reach",
    "status",
    "smoke",
    "overview",
    "report",
    "starter",
    "commands",
    "cli",
]
FILES = sorted(PACKAGE.rglob("*.py"))


def stage(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "tritonfleet":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "tritonfleet."
        ):
            yield str(node.module).split(".")[1]


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_imports_point_upwards(path: Path) -> None:
    own = stage(path)
    if own in ("__init__", "__main__", "start"):
        return
    later = {
        name
        for name in imported(ast.parse(path.read_text()))
        if name in ORDER[ORDER.index(own) + 1 :]
    }
    assert later == set()


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 250
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
    ]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 45] == []


def test_only_the_command_line_prints_or_exits() -> None:
    harmless = {"sys.executable"}
    for path in FILES:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
        told = names & {"print", "exit", "click"} | {
            name for name in used - harmless if name.startswith("sys.")
        }
        assert stage(path) in ("commands", "cli", "__main__") or not told, (path, told)


def test_every_stage_says_what_it_is() -> None:
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text())), path


WRITES = re.compile(
    r"os\.(open|mkdir|makedirs|rename|replace|rmdir|remove|unlink|umask)|.*\.(write_text|write_bytes|mkdir|touch|unlink|rmdir)"
)


def test_one_module_writes_files() -> None:
    """`present`, `files` and `repositories` open files to read them, `__main__` opens /dev/null.

    `history` writes to a directory that goes again.
    """
    writing = {
        stage(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and WRITES.fullmatch(ast.unparse(node))
    }
    assert writing == {
        "disk",
        "present",
        "history",
        "files",
        "repositories",
        "__main__",
    }
