"""The whole of a program of its own: it parses Python code that is sent to it, and says what a model's code must have.

It is started by its path, with nothing but the standard library, and within limits of memory and time: code that takes
too much of either ends this program and no other. Nothing is imported, compiled to run, or run.
"""

from __future__ import annotations

import ast
import json
import resource
import signal
import warnings
from typing import Any

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MAXIMUM_MEMORY = 2**30
MAXIMUM_SECONDS = 1  # for each text


def main() -> None:
    """A line of JSON with a text comes in, a line of JSON with the answer goes out."""
    resource.setrlimit(resource.RLIMIT_AS, (MAXIMUM_MEMORY, MAXIMUM_MEMORY))
    warnings.simplefilter("ignore")  # of strange escapes in the code
    with open(0, "rb") as requests, open(1, "wb") as answers:
        for line in requests:
            signal.alarm(MAXIMUM_SECONDS)  # whose signal ends the program
            answer = look(json.loads(line))
            signal.alarm(0)
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()


def look(text: str) -> dict[str, Any]:
    """What stands in the code: `error` with its place, or the names that it binds."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        place = [error.lineno or 1, error.offset or 1]
        return {"error": error.msg, "place": place}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"error": str(error) or "it is too complex", "place": [1, 1]}
    nodes = list(ast.walk(tree))
    return {"names": _names(nodes), "star": any(map(_is_star, nodes))}


def _names(nodes: list[ast.AST]) -> dict[str, list[str]]:
    """What the code binds; of a class its methods, and "*" for what cannot be told."""
    names: dict[str, list[str]] = {}
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            names[node.name] = _methods(node)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.asname or alias.name: ["*"] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, ["*"])
    return names


def _methods(node: ast.ClassDef) -> list[str]:
    """What a class has of its own, and "*" where bases or decorators may give it more."""
    own = [each.name for each in node.body if isinstance(each, _FUNCTIONS)]
    if node.bases or node.keywords or node.decorator_list:
        return [*own, "*"]
    return own


def _is_star(node: ast.AST) -> bool:
    """Whether it imports all names of a module."""
    return isinstance(node, ast.alias) and node.name == "*"


if __name__ == "__main__":
    main()
