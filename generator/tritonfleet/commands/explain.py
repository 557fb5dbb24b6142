"""tritonfleet explain: which file and line set each value."""

from __future__ import annotations

from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.exits import FINE
from tritonfleet.commands.fleet import fleet_or_exit, require_known
from tritonfleet.commands.talk import print_data
from tritonfleet.nouns import Fleet, Release
from tritonfleet.report.explanation import explanation, known
from tritonfleet.values import parse_path


@click.command(name="explain")
@click.argument("model")
@click.argument("key", required=False, default="")
@click.option(
    "--env", "environment", required=True, metavar="ENV", help="The environment."
)
@options.root_option
def command(model: str, key: str, environment: str, root: Path | None) -> int:
    """Show which file and line set each value, and what it overrode."""
    directory = fleet_directory(root)
    release = _release(fleet_or_exit(directory), model, environment)
    path = parse_path(key)
    if not known(release, path):
        raise click.UsageError(f"{model} has no value `{key}`")
    print_data(explanation(release, path, directory))
    return FINE


def _release(fleet: Fleet, model: str, environment: str) -> Release:
    """The release of a model. Raises click.UsageError where there is none, or no such environment."""
    require_known([environment], fleet.environment_names, "environment")
    releases = fleet.releases_in(environment)
    by_name = {release.name: release for release in releases}
    require_known([model], list(by_name), "release")
    return by_name[model]
