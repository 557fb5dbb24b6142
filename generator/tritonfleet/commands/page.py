"""tritonfleet page: the fleet as one HTML file, with its numbers, its models and commands to copy."""

from __future__ import annotations

from pathlib import Path

import click

from tritonfleet import disk
from tritonfleet.commands import options
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import wanted_fleet
from tritonfleet.commands.talk import say
from tritonfleet.overview import overview
from tritonfleet.report.page import page

FILE = "page.html"


@click.command(name="page")
@options.root_argument
@options.environments
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The directory in which page.html is written (default: this one).",
)
def command(root: Path | None, only: tuple[str, ...], out: Path) -> int:
    """Write the fleet as a page for the browser."""
    fleet = wanted_fleet(root, only)
    text = page(overview(fleet))
    disk.write(out, {FILE: text})
    written = (out / FILE).as_posix()
    say(f"{written}: {len(fleet.releases)} releases")
    return FINE
