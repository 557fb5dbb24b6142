"""tritonfleet remove: a model is gone from the fleet, or from one environment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tritonfleet.commands import options
from tritonfleet.commands.directory import fleet_directory
from tritonfleet.commands.edits import (
    Edited,
    Way,
    require_environment,
    require_model,
    run,
)
from tritonfleet.edit.differences import differences
from tritonfleet.edit.entries import removed, removed_from
from tritonfleet.nouns import Sources


@click.command(name="remove")
@click.argument("model", metavar="NAME")
@options.environment("From this environment only.")
@options.dry_run
@options.output("text", "json")
@options.quiet
@options.root_option
def command(
    model: str,
    environment: str | None,
    dry_run: bool,
    form: str,
    quiet: bool,
    root: Path | None,
) -> int:
    """Remove a model: its entry, its patches and its exclusions."""

    def editing(sources: Sources) -> Edited:
        require_model(sources, model)
        steps = _steps(sources, model, environment)
        after = steps[-1] if steps else sources
        return Edited(steps, tuple(differences(sources, after, model)))

    return run(fleet_directory(root), editing, Way(form, dry_run, quiet))


def _steps(sources: Sources, model: str, environment: str | None) -> Sequence[Sources]:
    """Out of the fleet, or out of one environment."""
    if environment is None:
        return removed(sources, model)
    require_environment(sources, environment)
    return removed_from(sources, model, environment)
