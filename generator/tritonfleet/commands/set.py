"""tritonfleet set: other values for a model, in its entry or for one environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    unwished,
    wishes_of,
)
from tritonfleet.edit.differences import differences
from tritonfleet.edit.places import in_entry, in_patch
from tritonfleet.edit.wishes import Wish
from tritonfleet.nouns import Sources


@click.command(name="set")
@click.argument("model")
@click.argument("values", nargs=-1, metavar="KEY=VALUE...")
@click.option(
    "--unset",
    "gone",
    multiple=True,
    metavar="KEY",
    help="Take this key away; may be given several times.",
)
@options.environment("For this environment only, in its `patches`.")
@options.dry_run
@options.output("text", "json")
@options.quiet
@options.root_option
def command(
    model: str,
    values: tuple[str, ...],
    gone: tuple[str, ...],
    environment: str | None,
    dry_run: bool,
    form: str,
    quiet: bool,
    root: Path | None,
) -> int:
    """Change values of a model in the lists, and no other byte."""
    if not values and not gone:
        raise click.UsageError("say what to set: KEY=VALUE, or --unset KEY")

    def editing(sources: Sources) -> Edited:
        wishes = _wishes(sources, model, values, gone)
        return _edited(sources, model, environment, wishes)

    directory = fleet_directory(root)
    return run(directory, editing, Way(form, dry_run, quiet))


def _wishes(
    sources: Sources, model: str, values: Iterable[str], gone: Iterable[str]
) -> list[Wish]:
    """What is asked for. Raises click.UsageError for an unknown model or words that ask for nothing."""
    require_model(sources, model)
    wishes = [*wishes_of(sources, values), *unwished(gone)]
    if any(each.path[0] == "name" for each in wishes):
        needed = "remove the model and add it under its new name"
        raise click.UsageError(f"a name is never changed: {needed}")
    return wishes


def _edited(
    sources: Sources, model: str, environment: str | None, wishes: Sequence[Wish]
) -> Edited:
    """In the model's own entry, or in one environment's patch of it."""
    if environment is None:
        after = in_entry(sources, model, wishes)
    else:
        require_environment(sources, environment)
        after = in_patch(sources, model, environment, wishes)
    return Edited([after], tuple(differences(sources, after, model)))
