"""tritonfleet promote: what runs in one environment, to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
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
from tritonfleet.edit.differences import Difference, differences
from tritonfleet.edit.places import goes_to
from tritonfleet.edit.promotion import promoted, source_of, steps
from tritonfleet.entries import entries_of
from tritonfleet.nouns import Sources


@click.command(name="promote")
@click.argument("models", nargs=-1, metavar="MODEL...")
@click.option("--all", "everything", is_flag=True, help="All that go to both.")
@click.option(
    "--from",
    "source",
    metavar="ENV",
    help="Where it runs now (default: the other one's `after`).",
)
@click.option(
    "--to", "target", metavar="ENV", required=True, help="Where it shall run."
)
@options.dry_run
@options.output("text", "json")
@options.quiet
@options.root_option
def command(
    models: tuple[str, ...],
    everything: bool,
    source: str | None,
    target: str,
    dry_run: bool,
    form: str,
    quiet: bool,
    root: Path | None,
) -> int:
    """Let an environment run what another one runs: image, version, models."""
    if bool(models) == everything:
        raise click.UsageError("say which models, or --all")

    def editing(sources: Sources) -> Edited:
        for name in models:
            require_model(sources, name)
        giving = _source(sources, source, target)
        names = models or tuple(_in_both(sources, giving, target))
        return _promoted(sources, names, giving, target)

    return run(fleet_directory(root), editing, Way(form, dry_run, quiet))


def _source(sources: Sources, named: str | None, target: str) -> str:
    """The environment to take from. Raises click.UsageError where nobody says it."""
    require_environment(sources, target)
    source = named or source_of(sources, target)
    if source is None:
        where = f"`after: <environment>` in values/environments/{target}.yaml"
        raise click.UsageError(f"say where from: --from, or {where}")
    require_environment(sources, source)
    if source == target:
        raise click.UsageError(f"{target} runs what {target} runs")
    return source


def _in_both(sources: Sources, source: str, target: str) -> Iterator[str]:
    """The models that go to both environments."""
    for entry in entries_of(sources.lists):
        goes = partial(goes_to, sources, entry)
        if goes(source) and goes(target):
            yield entry.name


def _promoted(
    before: Sources, names: Sequence[str], source: str, target: str
) -> Edited:
    """The promotion of models that are there, with a note for each that differs in more than what was promoted."""
    after = before
    notes: list[str] = []
    for name in names:
        after, left = promoted(after, name, source, target)
        if left:
            keys = ", ".join(left)
            notes.append(f"{name}: differs and is left alone: {keys}")
    edits: list[Difference] = []
    for name in names:
        edits += differences(before, after, name)
    return Edited(steps(before, after), edits, notes)
