"""tritonfleet dashboard: Grafana's view of the fleet."""

from __future__ import annotations

from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import wanted_fleet
from tritonfleet.commands.talk import print_data
from tritonfleet.report.dashboard import dashboard


@click.command(name="dashboard")
@options.root_argument
@options.environments
def command(root: Path | None, only: tuple[str, ...]) -> int:
    """Print a dashboard for Grafana: by environment, owner and model."""
    print_data(dashboard(wanted_fleet(root, only)))
    return FINE
