"""tritonfleet init: a working fleet to start from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from tritonfleet import disk
from tritonfleet.commands.exits import FINE, INVALID
from tritonfleet.commands.talk import say
from tritonfleet.starter import (
    as_engine_takes,
    can_be_reached,
    files_of,
    listed,
    next_steps,
    registry_chart,
    remote,
)


@click.command(name="init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["argocd", "flux"]),
    default="argocd",
    help="Who rolls releases out.",
)
@click.option(
    "--repository", metavar="URL", help="The Git repository, as the engine reaches it."
)
@click.option(
    "--chart",
    "reference",
    metavar="OCI",
    help="oci://…/triton:VERSION@sha256:… instead of a copy.",
)
def command(
    directory: Path, engine: str, repository: str | None, reference: str | None
) -> int:
    """Make a working fleet to start from."""
    chart = _chart(reference)
    git = _git(repository, engine) or remote(directory, engine)
    files = files_of(directory, engine, git, chart)
    taken = disk.create(directory, files)
    if taken:
        say("these files are in the way, nothing was written:", *taken)
        return INVALID
    click.echo("\n".join(listed(files)))
    say(*next_steps(directory, chart))
    return FINE


def _git(repository: str | None, engine: str) -> str:
    """The address that somebody names; "" where nobody does. Raises click.UsageError for one that is none."""
    if not repository:
        return ""
    url = as_engine_takes(repository, engine)
    if not can_be_reached(url):
        # It may hold a password, so it is not said again.
        form = "https://…, ssh://… or user@host:path, without a password"
        raise click.UsageError(f"--repository: an engine cannot reach this; expected: {form}")  # fmt: skip
    return url


def _chart(reference: str | None) -> Mapping[str, str]:
    """What fleet.yaml says about the chart: nothing about a copy, which it finds at the usual place."""
    if not reference:
        return {}
    try:
        return registry_chart(reference)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
