"""tritonfleet list: releases by environment, or what the environments' clusters must have."""

from __future__ import annotations

from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import wanted_fleet
from tritonfleet.commands.talk import print_data
from tritonfleet.report.releases import listing
from tritonfleet.report.requirements import requirements as listed_requirements


@click.command(name="list")
@options.root_argument
@options.environments
@options.output("text", "json")
@click.option(
    "--requirements",
    is_flag=True,
    help="The CRDs and add-ons that each environment needs.",
)
def command(
    root: Path | None, only: tuple[str, ...], form: str, requirements: bool
) -> int:
    """List releases by environment."""
    fleet = wanted_fleet(root, only)
    if requirements:
        print_data(listed_requirements(fleet))
    else:
        print_data(listing(fleet, form))
    return FINE
