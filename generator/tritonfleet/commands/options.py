"""Arguments and options that several commands share, so that they are spelled and explained once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

root_argument = click.argument("root", required=False, type=click.Path(path_type=Path))

root_option = click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="The fleet's directory (default: this one or the nearest above).",
)

strict = click.option("--strict", is_flag=True, help="Warnings fail.")

quiet = click.option(
    "-q", "--quiet", is_flag=True, help="Say nothing but problems and data."
)


def environment(words: str) -> Callable[[Function], Function]:
    """`--env` of a command that takes one; `words` say what for."""
    return click.option("--env", "environment", metavar="ENV", help=words)


dry_run = click.option(
    "--dry-run", is_flag=True, help="Write nothing; show what would be written."
)

environments = click.option(
    "--env",
    "only",
    multiple=True,
    metavar="ENV",
    help="Only this environment; may be given several times.",
)


def output(*forms: str) -> Callable[[Function], Function]:
    """`-o`, with the formats of one command; the first is the default."""
    return click.option(
        "-o",
        "--output",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        help="Format of what is printed.",
    )
