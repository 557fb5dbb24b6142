"""How much a reader meets in a line: `make lint` prints this table for the package, function by function with a name.

Code lines are lines with code on them: no blank, comment or docstring. Syntax nodes are the nodes of Python's own
tree; a function's are those of its body, without its docstring. Decisions are what McCabe counts: branches, loops,
handlers and conditions with their `and`s and `or`s, those of comprehensions too. The numbers are symptoms to look at;
only McCabe has a limit, 10 (ruff's C90 holds a milder count of it).
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "generator" / "tritonfleet"
MOST_DECISIONS = 10
HARDEST = 10  # functions that are shown
QUIET = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
BRANCHES = (
    ast.If,
    ast.For,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.Assert,
    ast.match_case,
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Text:
    """One module: its tree, the numbers of its code lines, and how many lines of comment and docstring it has."""

    path: Path
    tree: ast.Module
    code: frozenset[int]
    comments: int
    docstrings: int


def read(path: Path) -> Text:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    docstrings = {line for node in ast.walk(tree) for line in _docstring_lines(node)}
    code = {
        line
        for token in tokens
        if token.type not in QUIET
        for line in range(token.start[0], token.end[0] + 1)
    }
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    return Text(
        path, tree, frozenset(code - docstrings), len(comments), len(docstrings)
    )


def _docstring_lines(node: ast.AST) -> range:
    if (
        not isinstance(node, ast.Module | ast.ClassDef | Function)
        or ast.get_docstring(node) is None
    ):
        return range(0)
    return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)


def nodes(tree: ast.AST) -> int:
    return sum(1 for _ in ast.walk(tree))


def body_nodes(function: Function) -> int:
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return sum(map(nodes, statements))


def decisions(tree: ast.AST) -> int:
    """McCabe's count without the one that every function begins with."""
    return sum(_decisions(node) for node in ast.walk(tree))


def _decisions(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, BRANCHES))


def over(texts: list[Text]) -> Iterator[str]:
    """The functions that decide too much."""
    for text in texts:
        for function in functions(text):
            if (found := decisions(function) + 1) > MOST_DECISIONS:
                yield f"{found:6} is McCabe's count of {_name(text, function)}"


def _name(text: Text, function: Function) -> str:
    return f"{text.path.relative_to(PACKAGE.parent)}:{function.lineno} {function.name}"


def functions(text: Text) -> Iterator[Function]:
    return (node for node in ast.walk(text.tree) if isinstance(node, Function))


def table(texts: list[Text]) -> Iterator[str]:
    """The figures of all modules together, a line each."""
    code = sum(len(text.code) for text in texts)
    every = [function for text in texts for function in functions(text)]
    sizes = [body_nodes(function) for function in every]
    ternaries = sum(
        isinstance(node, ast.IfExp) for text in texts for node in ast.walk(text.tree)
    )
    written = sum(text.comments + text.docstrings for text in texts)
    yield f"{len(texts)} modules, {code} code lines, {len(every)} functions"
    yield f"syntax nodes per code line        {sum(nodes(text.tree) for text in texts) / code:6.1f}"
    yield f"syntax nodes per function, median {statistics.median(sizes):6.0f}"
    yield f"decisions per 100 code lines      {100 * sum(decisions(text.tree) for text in texts) / code:6.1f}"
    complex_ones = sum(decisions(function) + 1 > MOST_DECISIONS for function in every)
    yield f"functions above McCabe 10         {complex_ones:6}"
    yield f"ternaries per 100 code lines      {100 * ternaries / code:6.1f}"
    yield f"comments, docstrings per 100      {100 * written / code:6.1f}"
    yield f"lines of the longest module       {max(len(text.path.read_text('utf-8').splitlines()) for text in texts):6}"


def hardest(texts: list[Text]) -> Iterator[str]:
    """The functions with the most syntax nodes in a code line."""
    found = []
    for text in texts:
        for function in functions(text):
            lines = sum(
                function.lineno <= line <= (function.end_lineno or 0)
                for line in text.code
            )
            if lines > 3:
                found.append((nodes(function) / lines, _name(text, function)))
    for density, name in sorted(found, reverse=True)[:HARDEST]:
        yield f"{density:6.1f} nodes per code line in {name}"


if __name__ == "__main__":
    given = [Path(argument).resolve() for argument in sys.argv[1:]] or [PACKAGE]
    modules = [
        read(path)
        for place in given
        for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
    ]
    print(*table(modules), *over(modules), *hardest(modules), sep="\n")
