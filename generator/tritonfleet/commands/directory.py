"""Where the fleet is: the directory that somebody names, or the nearest one from here upwards."""

from __future__ import annotations

from pathlib import Path

import click

FLEET = "values/fleet.yaml"


def fleet_directory(named: Path | None) -> Path:
    """The fleet's directory. Raises click.UsageError where there is no fleet, and says how to make one."""
    if named is None:
        nearest = above(Path.cwd())
        if nearest is None:
            raise click.UsageError(outside())
        return nearest
    if str(named) == "-":
        raise click.UsageError(
            "a fleet is a directory with values/ in it; it cannot be read from standard input"
        )
    if not (named / FLEET).is_file():
        raise click.UsageError(
            f"no {FLEET} in {named}; `tritonfleet init {named}` makes one"
        )
    return named


def above(start: Path) -> Path | None:
    """The nearest directory with a fleet in it: `start` or one above it."""
    for directory in (start, *start.parents):
        if (directory / FLEET).is_file():
            return directory
    return None


def outside() -> str:
    """What to tell somebody who is not inside of a fleet."""
    return f"no {FLEET} here or above; `tritonfleet init .` makes one"
