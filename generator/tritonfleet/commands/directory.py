"""Where the fleet is: the directory that somebody names, or the nearest one from here upwards."""

from __future__ import annotations

from pathlib import Path

import click

FLEET = "values/fleet.yaml"


def fleet_directory(named: Path | None) -> Path:
    """The fleet's directory. Raises click.UsageError where there is no fleet, and says how to make one."""
    if named is None:
        return _nearest()
    if str(named) == "-":
        needed = "a fleet is a directory with values/ in it"
        raise click.UsageError(f"{needed}; it cannot be read from standard input")
    if not (named / FLEET).is_file():
        offer = f"`tritonfleet init {named}` makes one"
        raise click.UsageError(f"no {FLEET} in {named}; {offer}")
    return named


def _nearest() -> Path:
    directory = above(Path.cwd())
    if directory is None:
        raise click.UsageError(outside())
    return directory


def above(start: Path) -> Path | None:
    """The nearest directory with a fleet in it: `start` or one above it."""
    for directory in (start, *start.parents):
        if (directory / FLEET).is_file():
            return directory
    return None


def outside() -> str:
    """What to tell somebody who is not inside of a fleet."""
    return f"no {FLEET} here or above; `tritonfleet init .` makes one"
