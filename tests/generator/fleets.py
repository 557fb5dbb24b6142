"""A small valid fleet, and what the program says about a fleet."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tritonfleet.load import load
from tritonfleet.nouns import Fleet
from tritonfleet.problem import Invalid, Problem
from tritonfleet.resolve import resolve
from tritonfleet.rules import RULES
from tritonfleet.validate import validate

REPOSITORY = Path(__file__).parents[2]
CHART = REPOSITORY / "charts" / "triton"

FLEET = """\
name: acme
gitops: {engine: argocd, repository: "https://git.acme.test/ml/models.git"}
defaults: {image: {tag: 24.10-py3}}
profiles: {cpu: {}, gpu: {accelerator: {count: 1}, resources: {limits: {memory: 4Gi}}}}
"""
MODELS = "models:\n  - name: one\n    repository: {image: {path: /models}}\n"
Build = Callable[..., Path]


def checked(root: Path) -> Fleet:
    """The fleet of a directory. Raises Invalid."""
    return validate(resolve(load(root)), RULES.values())


def problems(root: Path) -> list[Problem]:
    """All problems of a fleet, warnings included."""
    try:
        return list(checked(root).warnings)
    except Invalid as invalid:
        return list(invalid.problems)


def words(root: Path) -> list[str]:
    """All problems of a fleet, one line each."""
    return [
        f"{problem.position} {problem.code} {problem.text}"
        for problem in problems(root)
    ]


def make_deep(directory: Path, depth: int) -> None:
    """Directories whose path is longer than the system takes in one piece."""
    here = os.open(directory, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
