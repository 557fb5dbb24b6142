"""tritonfleet page: the fleet as one HTML file, with its numbers, its models and commands to copy."""

from __future__ import annotations

from pathlib import Path

import click

from tritonfleet import disk
from tritonfleet.commands import options
from tritonfleet.commands.clusters import context_option, reach, ways
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import wanted_fleet
from tritonfleet.commands.talk import say
from tritonfleet.nouns import Fleet
from tritonfleet.overview import overview
from tritonfleet.report.page import page
from tritonfleet.status import Glance, look, site_of

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
@click.option(
    "--live", is_flag=True, help="Look into the clusters, and show what runs."
)
@click.option(
    "--logs", is_flag=True, help="With --live: show lines of containers' logs, too."
)
@context_option
def command(
    root: Path | None,
    only: tuple[str, ...],
    out: Path,
    live: bool,
    logs: bool,
    contexts: tuple[str, ...],
) -> int:
    """Write the fleet as a page for the browser."""
    fleet = wanted_fleet(root, only)
    seen = _look(fleet_directory(root), fleet, contexts) if live else None
    text = page(overview(fleet, seen, logs=logs))
    disk.write(out, {FILE: text})
    written = (out / FILE).as_posix()
    say(f"{written}: {len(fleet.releases)} releases")
    return FINE


def _look(directory: Path, fleet: Fleet, contexts: tuple[str, ...]) -> Glance:
    """What runs now of the fleet's environments."""
    reaches = []
    with ways(fleet.environments, contexts) as found:
        for environment in fleet.environments:
            site = site_of(directory, environment, None)
            way = found[environment.name]
            reaches.append(reach(site, way))
        return look(reaches, server=True)
